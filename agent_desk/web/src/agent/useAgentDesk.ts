/** Everything that an agent has at the desk, in one place: state, phone, call, form. */

import { inject, type InjectionKey, type Ref } from 'vue'

import { Phone } from '../phone/phone'
import { useAnswering } from './answering'
import { useAttempts, type Attempts } from './attempt'
import { useCallDraft, type CallDraft } from './callDraft'
import { usePhoneCare } from './phoneCare'
import { useSituation, type Situation } from './situation'
import { makeWishes, type Wishes } from './wishes'

export interface AgentDesk extends Situation, Wishes, CallDraft, Pick<Attempts, 'busy'> {
  /** Whether the agent asked to answer a call that is not up yet. */
  answerWanted: Ref<boolean>
  answer: () => Promise<void>
}

export const agentDeskKey: InjectionKey<AgentDesk> = Symbol('agent desk')

/** Create the agent's desk; once, in the page's setup. */
export function createAgentDesk(): AgentDesk {
  const situation = useSituation(new Phone())
  const attempts = useAttempts()
  const { wanted, answer } = useAnswering(situation)
  usePhoneCare(situation)
  return {
    ...situation,
    ...makeWishes(situation, attempts),
    ...useCallDraft(situation, attempts),
    busy: attempts.busy,
    answerWanted: wanted,
    answer,
  }
}

/** The agent's desk; only for components below the page that created it. */
export function useAgentDesk(): AgentDesk {
  const desk = inject(agentDeskKey)
  if (desk === undefined) throw new Error('no agent desk above this component')
  return desk
}
