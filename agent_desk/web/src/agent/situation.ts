/** What the centre and the phone say of the agent, as everything at the desk reads it. */

import { computed, type ComputedRef, type Ref } from 'vue'

import type { AgentView, CallView } from '../api/types'
import type { Phone } from '../phone/phone'
import { useDesk } from '../session'
import { callOf, mustRejoin, phaseOf, type Phase } from './phase'
import { useRejoin } from './rejoin'

export interface Situation {
  phone: Phone
  /** Undefined until live state is known, and for somebody who lost their seat. */
  agent: ComputedRef<AgentView | undefined>
  call: ComputedRef<CallView | undefined>
  phase: ComputedRef<Phase>
  /** Whether the phone is being brought back into a call. */
  rejoining: Ref<boolean>
}

/** Follow live state for the signed-in agent and this phone. */
export function useSituation(phone: Phone): Situation {
  const { me, live } = useDesk()
  const agent = computed(() => live.agents.get(me.user.id))
  const call = computed(() => callOf(agent.value, live.calls))
  const phase = computed(() => phaseOf(agent.value, phone.view.stage))
  const needed = computed(() => live.link.connection === 'live' && mustRejoin(agent.value, call.value, phone.view))
  const rejoining = useRejoin(needed, () => phone.view.endedAt)
  return { phone, agent, call, phase, rejoining }
}
