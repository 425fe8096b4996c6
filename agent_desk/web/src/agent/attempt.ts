/** One request at a time, and a sentence when it fails. */

import { ref, type Ref } from 'vue'

import { sayFault } from '../shared/notices'

export interface Attempts {
  /** Whether something is being asked for. */
  busy: Ref<boolean>
  /** Do it, unless something else is being done. Returns whether it was done. */
  attempt: (action: () => Promise<void>) => Promise<boolean>
}

export function useAttempts(): Attempts {
  const busy = ref(false)

  async function attempt(action: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await action()
      return true
    } catch (error) {
      sayFault(error)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, attempt }
}
