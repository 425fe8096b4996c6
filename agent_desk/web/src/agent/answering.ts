/** How a ringing call becomes a call: by hand, automatically, or because it was this agent's already. */

import { onScopeDispose, ref, watch, type Ref } from 'vue'

import { Ringer, zipTone } from '../phone/ringer'
import { preferences } from '../preferences'
import type { Situation } from './situation'

/** Answer as the agent and the preferences say. `wanted` is true from the click until the call is up or gone. */
export function useAnswering({ phone, agent, call, phase }: Situation): { wanted: Ref<boolean>; answer: () => Promise<void> } {
  const wanted = ref(false)
  const ringer = new Ringer()

  async function answer(): Promise<void> {
    wanted.value = true
    await phone.answer()
    if (phone.microphone.fault.value !== null) wanted.value = false
  }

  watch(
    () => phone.view.invites,
    () => {
      // The call that the agent is in rings again because this page asked for it.
      if (agent.value?.state === 'talking' && call.value !== undefined) {
        void phone.answer()
      } else if (wanted.value || preferences.autoAnswer) {
        zipTone()
        void phone.answer()
      }
    },
  )
  watch(phase, (now) => {
    if (now !== 'ringing') wanted.value = false
  })
  watch(
    () => phase.value === 'ringing' && preferences.ringAloud && !preferences.autoAnswer && !wanted.value,
    (ringing) => (ringing ? ringer.start() : ringer.stop()),
  )
  onScopeDispose(() => ringer.stop())
  return { wanted, answer }
}
