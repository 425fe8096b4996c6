/** The order in which waiting callers are shown. */

import type { CallView } from '../api/types'

/** Callers who wait or are rung for, longest waiting first. */
export function waitingCallers(calls: Iterable<CallView>): CallView[] {
  return [...calls]
    .filter(({ state }) => state === 'waiting' || state === 'ringing')
    .sort((one, other) => one.waiting_since - other.waiting_since || one.id.localeCompare(other.id))
}
