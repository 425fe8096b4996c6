/** Where the agent stands, from what the centre says and what the phone does. Pure. */

import type { AgentView, CallView } from '../api/types'
import type { CallStage, Registration } from '../phone/phone'

export type Phase = 'idle' | 'ringing' | 'talking' | 'wrap-up'

/** What to show: the centre's word, or the phone's where the centre is silent and the switch rings by itself. */
export function phaseOf(agent: AgentView | undefined, phone: CallStage): Phase {
  if (agent?.state === 'wrap-up') return 'wrap-up'
  if (agent?.state === 'talking') return 'talking'
  if (phone === 'talking') return 'talking'
  if (agent?.state === 'ringing' || phone !== 'none') return 'ringing'
  return 'idle'
}

/** The agent's present call, among those that they may see. */
export function callOf(agent: AgentView | undefined, calls: ReadonlyMap<string, CallView>): CallView | undefined {
  return agent?.call_id == null ? undefined : calls.get(agent.call_id)
}

/** Whether the centre has the agent talking while this phone is in no call: the page was loaded anew, or lost media. */
export function mustRejoin(
  agent: AgentView | undefined,
  call: CallView | undefined,
  phone: { registration: Registration; stage: CallStage; mediaLost: boolean },
): boolean {
  if (agent?.state !== 'talking' || call?.state !== 'talking') return false
  return phone.registration === 'registered' && (phone.stage === 'none' || phone.mediaLost)
}
