/** Decides whether the agent's phone is in this window: one seat rings in one window only. */

import { onScopeDispose, ref, type Ref } from 'vue'

import { readPhone } from '../api/desk'
import { Fault } from '../api/http'
import type { Phone } from '../phone/phone'
import { sayFault } from '../shared/notices'

/** `elsewhere`: another window of this browser has it. `hard`: the seat has a telephone of its own. */
export type PhonePlace = 'opening' | 'here' | 'elsewhere' | 'hard'

const LOCK = 'hotline.phone'
// A page that is being reloaded still holds the lock for a moment.
const LOCK_WAIT_MS = 2_000
const AGAIN_MS = 3_000

/** Start the phone here if no other window has it; `takeOver` brings it here in any case. */
export function usePhoneHere(phone: Phone): { place: Ref<PhonePlace>; takeOver: () => void } {
  const place = ref<PhonePlace>('opening')
  let release: () => void = () => undefined
  let timer: number | undefined
  let over = false

  async function start(): Promise<void> {
    try {
      const account = await readPhone()
      if (over || place.value === 'elsewhere') return
      phone.start(account)
      place.value = 'here'
    } catch (error) {
      if (error instanceof Fault && error.code === 'no-softphone') {
        place.value = 'hard'
        return
      }
      sayFault(error)
      if (!over) timer = window.setTimeout(() => void start(), AGAIN_MS)
    }
  }

  async function claim(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(LOCK, options, async () => {
        if (over) return
        await start()
        await new Promise<void>((resolve) => {
          release = resolve
        })
      })
    } catch {
      // Not got in time, or taken over by another window.
      if (over) return
      window.clearTimeout(timer)
      place.value = 'elsewhere'
      phone.retire()
    }
  }

  function takeOver(): void {
    place.value = 'opening'
    void claim({ steal: true })
  }

  // Pages without a secure context have no locks; they have no microphone either.
  if (navigator.locks === undefined) void start()
  else void claim({ signal: AbortSignal.timeout(LOCK_WAIT_MS) })

  onScopeDispose(() => {
    over = true
    window.clearTimeout(timer)
    release()
  })
  return { place, takeOver }
}
