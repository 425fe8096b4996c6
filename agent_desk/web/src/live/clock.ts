/** The server's time, a step a second, for every clock on the page. */

import { readonly, shallowRef, type Ref, type ShallowRef } from 'vue'

/** Start a clock that follows the server's; `stop` ends it. */
export function startClock(offset: ShallowRef<number>): { now: Readonly<Ref<number>>; stop: () => void } {
  const now = shallowRef(Date.now() / 1000 + offset.value)
  let timer: number | undefined
  const tick = (): void => {
    now.value = Date.now() / 1000 + offset.value
    timer = window.setTimeout(tick, 1000 - ((now.value * 1000) % 1000) + 5)
  }
  tick()
  return { now: readonly(now), stop: () => window.clearTimeout(timer) }
}
