/** What the centre and the phone say of the agent, as everything at the desk reads it. */

import { computed, type ComputedRef, type Ref } from 'vue'

import type { AgentView, CallView } from '../api/types'
import type { Phone } from '../phone/phone'
import { useDesk } from '../session'
import { callOf, isOther, mustRejoin, phaseOf, type Phase } from './phase'
import { useRejoin } from './rejoin'

export interface Situation {
  phone: Phone
  /** Undefined until live state is known, and for somebody who lost their seat. */
  agent: ComputedRef<AgentView | undefined>
  /** Undefined too while the phone has a caller whom the centre does not know. */
  call: ComputedRef<CallView | undefined>
  phase: ComputedRef<Phase>
  /** Whether the phone is being brought back into a call. */
  rejoining: Ref<boolean>
}

/** Follow live state for the signed-in agent and this phone. */
export function useSituation(phone: Phone): Situation {
  const { me, live } = useDesk()
  const agent = computed(() => live.agents.get(me.user.id))
  const centres = computed(() => callOf(agent.value, live.calls))
  const other = computed(() => isOther(centres.value, phone.view))
  const call = computed(() => (other.value ? undefined : centres.value))
  const phase = computed(() => phaseOf(agent.value, phone.view.stage, other.value))
  const needed = computed(() => live.link.connection === 'live' && mustRejoin(agent.value, centres.value, phone.view))
  const rejoining = useRejoin(needed, () => phone.view.endedAt)
  return { phone, agent, call, phase, rejoining }
}
