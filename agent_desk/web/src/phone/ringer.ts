/** Sounds that call for attention, made on the spot: the ring of a call, and the short tone before automatic answering. */

let context: AudioContext | null = null

/** The page's audio engine; browsers let it sound only after somebody clicked or typed. */
export function audioContext(): AudioContext {
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
  return context
}

const VOLUME = 0.12
const RING_S = 0.9
const RING_EVERY_MS = 3_000

function tone(frequency: number, from: number, seconds: number): void {
  const engine = audioContext()
  const oscillator = engine.createOscillator()
  const gain = engine.createGain()
  const start = engine.currentTime + from
  oscillator.frequency.value = frequency
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02)
  gain.gain.setValueAtTime(VOLUME, start + seconds - 0.05)
  gain.gain.linearRampToValueAtTime(0, start + seconds)
  oscillator.connect(gain).connect(engine.destination)
  oscillator.start(start)
  oscillator.stop(start + seconds)
}

export class Ringer {
  private timer: number | undefined

  start(): void {
    if (this.timer !== undefined) return
    const ring = (): void => {
      tone(440, 0, RING_S)
      tone(554, 0, RING_S)
    }
    ring()
    this.timer = window.setInterval(ring, RING_EVERY_MS)
  }

  stop(): void {
    window.clearInterval(this.timer)
    this.timer = undefined
  }
}

/** Tell the agent's ear that the next voice is a citizen's. */
export function zipTone(): void {
  tone(880, 0, 0.12)
  tone(880, 0.2, 0.12)
}
