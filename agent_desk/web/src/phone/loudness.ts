/** How loud a stream is at this moment, for a bar on screen. */

import { audioContext } from './ringer'

const FLOOR_DB = -60

/** Root mean square of samples between -1 and 1 as decibels below full scale, at least -60. */
export function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const rms = Math.sqrt(sum / samples.length)
  return Math.max(FLOOR_DB, 20 * Math.log10(rms))
}

/** Where a level stands between silence (0) and full scale (1). */
export function shareOf(level: number): number {
  return 1 - level / FLOOR_DB
}

export class LoudnessMeter {
  private readonly source: MediaStreamAudioSourceNode
  private readonly analyser: AnalyserNode
  private readonly samples: Float32Array<ArrayBuffer>

  constructor(stream: MediaStream) {
    const engine = audioContext()
    this.analyser = engine.createAnalyser()
    this.analyser.fftSize = 2048
    this.samples = new Float32Array(this.analyser.fftSize)
    this.source = engine.createMediaStreamSource(stream)
    this.source.connect(this.analyser)
  }

  /** The level of the last 40 ms or so, decibels below full scale. */
  read(): number {
    this.analyser.getFloatTimeDomainData(this.samples)
    return levelOf(this.samples)
  }

  close(): void {
    this.source.disconnect()
  }
}
