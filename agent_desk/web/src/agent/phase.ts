/** Where the agent stands, from what the centre says and what the phone does. Pure. */

import type { AgentView, CallView } from '../api/types'
import type { CallStage, Registration } from '../phone/phone'

export type Phase = 'idle' | 'ringing' | 'talking' | 'wrap-up'

/**
 * What to show: the centre's word, or the phone's where the centre is silent. `other` says that the phone is in, or
 * rings for, another call than the centre's.
 */
export function phaseOf(agent: AgentView | undefined, phone: CallStage, other: boolean): Phase {
  if (!other && agent?.state === 'wrap-up') return 'wrap-up'
  if (!other && agent?.state === 'talking') return 'talking'
  if (phone === 'talking') return 'talking'
  if (agent?.state === 'ringing' || phone !== 'none') return 'ringing'
  return 'idle'
}

/**
 * Whether the phone has another caller than the call that the centre knows of: with no controller alive, the switch
 * hands callers out by itself while live state stands still.
 */
export function isOther(call: CallView | undefined, phone: { stage: CallStage; remoteNumber: string }): boolean {
  if (call === undefined || call.caller_number === '' || phone.stage === 'none') return false
  return phone.remoteNumber !== call.caller_number
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
