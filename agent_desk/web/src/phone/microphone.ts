/** The agent's microphone: asked for when becoming ready, kept open until no call can come any more. */

import { shallowRef } from 'vue'

export type MicrophoneFault = 'insecure' | 'denied' | 'missing' | 'busy' | 'ended' | 'failed'

const FAULTS: Record<string, MicrophoneFault> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
}

/** What is wrong, from the name of the exception that a browser threw. */
export function faultNamed(name: string): MicrophoneFault {
  return FAULTS[name] ?? 'failed'
}

export class Microphone {
  readonly fault = shallowRef<MicrophoneFault | null>(null)
  readonly stream = shallowRef<MediaStream | null>(null)
  private opening: Promise<MediaStream | null> | null = null
  private wanted = false

  /** Return the open microphone, or null with `fault` set. */
  async open(): Promise<MediaStream | null> {
    this.wanted = true
    // Browsers without a secure context have no mediaDevices at all, whatever the types say.
    navigator.mediaDevices?.addEventListener('devicechange', this.devicesChanged)
    const open = this.stream.value
    if (open !== null && open.getAudioTracks().some((track) => track.readyState === 'live')) return open
    this.opening ??= this.request().finally(() => {
      this.opening = null
    })
    return this.opening
  }

  /** Let go of the device, so that the browser no longer shows it in use. */
  close(): void {
    this.wanted = false
    navigator.mediaDevices?.removeEventListener('devicechange', this.devicesChanged)
    this.stream.value?.getTracks().forEach((track) => track.stop())
    this.stream.value = null
  }

  private async request(): Promise<MediaStream | null> {
    if (navigator.mediaDevices === undefined) {
      this.fault.value = 'insecure'
      return null
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      })
      for (const track of stream.getAudioTracks()) track.onended = () => this.ended()
      this.stream.value = stream
      this.fault.value = null
    } catch (error) {
      this.stream.value = null
      this.fault.value = faultNamed(error instanceof Error ? error.name : '')
    }
    return this.stream.value
  }

  private ended(): void {
    this.stream.value = null
    this.fault.value = 'ended'
  }

  private readonly devicesChanged = (): void => {
    if (this.wanted && this.stream.value === null) void this.open()
  }
}
