/** Queues as people read them: names, counts, the longest wait, and whether that is too long. */

import { computed, type ComputedRef } from 'vue'

import { useDesk } from '../session'
import { labelText } from '../words'

export interface QueueLine {
  id: string
  name: string
  waiting: number
  ringing: number
  talking: number
  /** Seconds; null when nobody waits. */
  longest: number | null
  /** The service target, seconds. */
  target: number
  late: boolean
}

export interface QueueTotal {
  waiting: number
  talking: number
  longest: number | null
}

/** Every configured queue, and all together. */
export function useQueueLines(): { lines: ComputedRef<QueueLine[]>; total: ComputedRef<QueueTotal> } {
  const { settings, live, now } = useDesk()
  const lines = computed(() =>
    settings.queues.map(({ id, name, service_level_s: target }): QueueLine => {
      const view = live.queues.value.find((queue) => queue.id === id)
      const since = view?.waiting_since ?? null
      const longest = since === null ? null : Math.max(0, now.value - since)
      return {
        id,
        name: labelText(name),
        waiting: view?.waiting ?? 0,
        ringing: view?.ringing ?? 0,
        talking: view?.talking ?? 0,
        longest,
        target,
        late: longest !== null && longest > target,
      }
    }),
  )
  const total = computed(() => {
    const waits = lines.value.flatMap(({ longest }) => (longest === null ? [] : [longest]))
    return {
      waiting: lines.value.reduce((sum, line) => sum + line.waiting, 0),
      talking: lines.value.reduce((sum, line) => sum + line.talking, 0),
      longest: waits.length === 0 ? null : Math.max(...waits),
    }
  })
  return { lines, total }
}
