/** What an agent asks of the centre by button or key. */

import * as api from '../api/desk'
import { Fault } from '../api/http'
import type { Attempts } from './attempt'
import type { Situation } from './situation'

export interface Wishes {
  goReady: () => Promise<void>
  goNotReady: (reason: string) => Promise<void>
  /** End the call, or refuse it while it rings. */
  hangUp: () => Promise<void>
  toggleHold: () => Promise<void>
  toggleRecording: () => Promise<void>
}

export function makeWishes({ phone, agent, call }: Situation, { attempt }: Attempts): Wishes {
  async function goReady(): Promise<void> {
    const here = phone.view.registration !== 'off'
    if (here && (await phone.microphone.open()) === null) return
    const ready = await attempt(api.setReady)
    if (!ready && agent.value?.state === 'not-ready') phone.microphone.close()
  }

  async function goNotReady(reason: string): Promise<void> {
    await attempt(() => api.setNotReady(reason))
  }

  async function hangUp(): Promise<void> {
    if (call.value === undefined) {
      // A call that the switch handed out by itself: the centre knows nothing of it.
      phone.hangUp()
      return
    }
    await attempt(async () => {
      try {
        await api.hangUp()
      } catch (error) {
        // Without the centre the phone can still end what it is in.
        if (!(error instanceof Fault) || (error.status !== 0 && error.status < 500)) throw error
        phone.hangUp()
      }
    })
  }

  async function toggleHold(): Promise<void> {
    if (call.value !== undefined) await attempt(call.value.held ? api.resume : api.hold)
  }

  async function toggleRecording(): Promise<void> {
    if (call.value !== undefined) await attempt(call.value.recording_paused ? api.resumeRecording : api.pauseRecording)
  }

  return { goReady, goNotReady, hangUp, toggleHold, toggleRecording }
}
