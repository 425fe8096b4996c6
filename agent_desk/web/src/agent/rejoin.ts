/** Brings the agent's phone back into a call that goes on without it. */

import { onScopeDispose, ref, watch, type Ref } from 'vue'

import { rejoin } from '../api/desk'
import { Fault } from '../api/http'

// The switch ends a session a moment before the centre says that the call is over.
const AFTER_SESSION_MS = 1_500
const AGAIN_MS = 5_000

/**
 * Ask the centre to ring this phone again for as long as `needed` holds. `endedAt` is when the last session ended,
 * epoch milliseconds, 0 for a page without one yet. Returns whether ringing was asked for.
 */
export function useRejoin(needed: Ref<boolean>, endedAt: () => number): Ref<boolean> {
  const asked = ref(false)
  let timer: number | undefined

  const askAgain = async (): Promise<void> => {
    if (!needed.value) return
    asked.value = true
    try {
      await rejoin()
    } catch (error) {
      if (error instanceof Fault && error.status === 409) asked.value = false
    }
    timer = window.setTimeout(() => void askAgain(), AGAIN_MS)
  }

  watch(
    needed,
    (now) => {
      window.clearTimeout(timer)
      if (!now) return
      const wait = Math.max(0, endedAt() + AFTER_SESSION_MS - Date.now())
      timer = window.setTimeout(() => void askAgain(), endedAt() === 0 ? 0 : wait)
    },
    { immediate: true },
  )
  onScopeDispose(() => window.clearTimeout(timer))
  return asked
}
