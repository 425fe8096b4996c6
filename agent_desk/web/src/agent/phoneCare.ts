/** Keeps the phone in step with the agent's state: its microphone, its silence, and a session that is dead. */

import { onScopeDispose, watch } from 'vue'

import { useDesk } from '../session'
import type { Situation } from './situation'

/** Look after the phone until the page is left. */
export function usePhoneCare({ phone, agent, call }: Situation): void {
  const { live } = useDesk()
  // The microphone is held from ready to not-ready, so that answering opens nothing and asks nothing.
  watch(
    () => phone.view.registration !== 'off' && agent.value !== undefined && agent.value.state !== 'not-ready',
    (needed) => {
      if (needed) void phone.microphone.open()
      else phone.microphone.close()
    },
  )
  watch(
    () => call.value?.held ?? false,
    (held) => phone.setSilenced(held),
  )
  watch(
    () => phone.view.mediaLost && live.link.connection === 'live' && agent.value?.state !== 'talking',
    (deadAndDone) => {
      if (deadAndDone) phone.hangUp()
    },
  )
  onScopeDispose(() => phone.stop())
}
