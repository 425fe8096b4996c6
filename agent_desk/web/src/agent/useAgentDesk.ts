/** Everything that an agent does at the desk, in one place: state, phone, call, form. */

import { computed, onScopeDispose, ref, shallowRef, watch, type InjectionKey, inject } from 'vue'

import * as api from '../api/desk'
import { Fault } from '../api/http'
import { Phone } from '../phone/phone'
import { Ringer, zipTone } from '../phone/ringer'
import { preferences } from '../preferences'
import { useDesk } from '../session'
import { say } from '../shared/notices'
import { FormDraft } from './draft'
import { callOf, mustRejoin, phaseOf } from './phase'
import { useRejoin } from './rejoin'

/** Create the agent's desk; once, in the page's setup. */
// eslint-disable-next-line @typescript-eslint/explicit-function-return-type
export function createAgentDesk() {
  const { me, live } = useDesk()
  const phone = new Phone(() => void onIncoming())
  const agent = computed(() => live.agents.get(me.user.id))
  const call = computed(() => callOf(agent.value, live.calls))
  const phase = computed(() => phaseOf(agent.value, phone.view.stage))
  const needsRejoin = computed(
    () => live.link.connection === 'live' && mustRejoin(agent.value, call.value, phone.view),
  )
  const rejoining = useRejoin(needsRejoin, () => phone.view.endedAt)
  const ringer = new Ringer()
  const busy = ref(false)
  const answerWanted = ref(false)

  /** Do one thing at a time, and say why when it fails. Returns whether it was done. */
  async function attempt(action: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await action()
      return true
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      say(error.text, 'error')
      return false
    } finally {
      busy.value = false
    }
  }

  async function onIncoming(): Promise<void> {
    if (agent.value?.state === 'talking') {
      // Only this agent's own call that goes on rings a phone that is in a call.
      await phone.answer()
    } else if (answerWanted.value || preferences.autoAnswer) {
      zipTone()
      await phone.answer()
    }
  }

  async function answer(): Promise<void> {
    answerWanted.value = true
    await phone.answer()
    if (phone.microphone.fault.value !== null) answerWanted.value = false
  }

  async function hangUp(): Promise<void> {
    await attempt(async () => {
      try {
        await api.hangUp()
      } catch (error) {
        // Without the centre the phone itself can still end what it is in.
        if (!(error instanceof Fault) || (error.status < 500 && error.status !== 0 && call.value !== undefined)) throw error
        phone.hangUp()
      }
    })
  }

  async function goReady(): Promise<void> {
    const here = phone.view.registration !== 'off'
    if (here && (await phone.microphone.open()) === null) return
    if (!(await attempt(api.setReady)) && agent.value?.state === 'not-ready') phone.microphone.close()
  }

  async function goNotReady(reason: string): Promise<void> {
    await attempt(() => api.setNotReady(reason))
  }

  async function toggleHold(): Promise<void> {
    if (call.value !== undefined) await attempt(call.value.held ? api.resume : api.hold)
  }

  async function toggleRecording(): Promise<void> {
    if (call.value === undefined) return
    await attempt(call.value.recording_paused ? api.resumeRecording : api.pauseRecording)
  }

  const draft = shallowRef<FormDraft | null>(null)
  watch(
    () => (call.value !== undefined && call.value.state !== 'closed' ? call.value.id : null),
    (callId) => {
      draft.value?.close()
      draft.value = callId === null ? null : new FormDraft(callId)
    },
    { immediate: true },
  )

  /** Confirm the form; with a reason, become not-ready instead of ready. */
  async function confirm(notReady?: string): Promise<boolean> {
    const open = draft.value
    if (open === null || call.value?.state !== 'wrap-up') return false
    return attempt(async () => {
      if (notReady !== undefined) await api.setNotReady(notReady)
      await open.confirm()
    })
  }

  watch(phase, (now) => {
    if (now !== 'ringing') answerWanted.value = false
  })
  watch(
    () => call.value?.held ?? false,
    (held) => phone.setSilenced(held),
  )
  watch(
    () => phase.value === 'ringing' && preferences.ringAloud && !preferences.autoAnswer && !answerWanted.value,
    (ringing) => (ringing ? ringer.start() : ringer.stop()),
  )
  // The microphone is held from ready to not-ready, so that answering opens nothing and asks nothing.
  watch(
    () => phone.view.registration !== 'off' && agent.value !== undefined && agent.value.state !== 'not-ready',
    (needed) => {
      if (needed) void phone.microphone.open()
      else phone.microphone.close()
    },
  )
  watch(
    () => phone.view.mediaLost && live.link.connection === 'live' && agent.value?.state !== 'talking',
    (deadAndDone) => {
      if (deadAndDone) phone.hangUp()
    },
  )
  onScopeDispose(() => {
    ringer.stop()
    draft.value?.close()
    phone.stop()
  })

  return {
    phone,
    agent,
    call,
    phase,
    rejoining,
    busy,
    answerWanted,
    draft,
    answer,
    hangUp,
    goReady,
    goNotReady,
    toggleHold,
    toggleRecording,
    confirm,
  }
}

export type AgentDesk = ReturnType<typeof createAgentDesk>

export const agentDeskKey: InjectionKey<AgentDesk> = Symbol('agent desk')

/** The agent's desk; only for components below the page that created it. */
export function useAgentDesk(): AgentDesk {
  const desk = inject(agentDeskKey)
  if (desk === undefined) throw new Error('no agent desk above this component')
  return desk
}
