import { describe, expect, it } from 'vitest'

import type { AgentView, CallView, LiveChanges, LiveSnapshot } from '../src/api/types'
import { waitBefore } from '../src/live/link'
import { LiveState } from '../src/live/state'
import { agentsShown } from '../src/supervisor/agentOrder'
import { waitingCallers } from '../src/supervisor/waiting'

const call = (id: string, more: Partial<CallView> = {}): CallView => ({
  id,
  caller_number: '13800138000',
  caller_name: '',
  dialled: '12345',
  line: 'citizen',
  language: 'zh',
  queue: 'citizen',
  priority: 0,
  state: 'waiting',
  offered_at: 100,
  state_since: 100,
  waiting_since: 100,
  answered_at: null,
  ended_at: null,
  end_reason: null,
  agent_id: null,
  held: false,
  holds: [],
  recording_paused: false,
  recording_pauses: [],
  wrap_up_until: null,
  parties: [],
  ...more,
})
const agent = (id: string, more: Partial<AgentView> = {}): AgentView => ({
  id,
  name: `Agent ${id}`,
  seat: id,
  team: 'A',
  skills: {},
  languages: ['zh'],
  state: 'ready',
  state_since: 100,
  signed_in_at: 50,
  reason: null,
  call_id: null,
  phone_reachable: true,
  phone_lost_at: null,
  not_ready_next: null,
  ...more,
})
const snapshot = (more: Partial<LiveSnapshot> = {}): LiveSnapshot => ({
  type: 'snapshot',
  position: '1-0',
  server_time: 1000,
  calls: [],
  agents: [],
  queues: [],
  ...more,
})
const changes = (more: Partial<LiveChanges> = {}): LiveChanges => ({
  type: 'changes',
  position: '2-0',
  server_time: 1000,
  calls: [],
  calls_gone: [],
  agents: [],
  agents_gone: [],
  queues: [],
  ...more,
})
const WAITS = { id: 'citizen', waiting: 1, ringing: 0, talking: 0, waiting_since: 100 }

describe('live state', () => {
  it('is what the snapshot says and what changed since', () => {
    const state = new LiveState()
    state.apply(snapshot({ calls: [call('a'), call('b')], agents: [agent('1')], queues: [WAITS] }), 1000)
    state.apply(changes({ calls: [call('a', { state: 'ringing' })], calls_gone: ['b'], agents_gone: ['1'] }), 1000)
    expect([...state.calls.keys()]).toEqual(['a'])
    expect(state.calls.get('a')?.state).toBe('ringing')
    expect(state.agents.size).toBe(0)
    expect(state.queues.value).toEqual([WAITS])
    expect(state.position).toBe('2-0')
  })

  it('forgets everything that a new snapshot does not hold', () => {
    const state = new LiveState()
    state.apply(snapshot({ calls: [call('a')], queues: [WAITS] }), 1000)
    state.apply(snapshot({ position: '9-0' }), 1000)
    expect(state.calls.size).toBe(0)
    expect(state.queues.value).toEqual([])
    expect(state.position).toBe('9-0')
  })

  it('follows the server’s clock, and a late message does not set it back', () => {
    const state = new LiveState()
    state.apply(snapshot({ server_time: 1000 }), 990)
    expect(state.clockOffset.value).toBe(10)
    state.apply(changes({ server_time: 1001 }), 994)
    expect(state.clockOffset.value).toBe(10)
    state.apply(changes({ server_time: 1010 }), 999.5)
    expect(state.clockOffset.value).toBe(10.5)
  })
})

it('waits longer from attempt to attempt, up to ten seconds, never all browsers at once', () => {
  expect([0, 1, 2, 10].map((attempt) => waitBefore(attempt, 1))).toEqual([300, 600, 1200, 10_000])
  expect(waitBefore(10, 0)).toBe(5_000)
})

it('shows waiting callers by how long they have waited', () => {
  const calls = [
    call('late', { waiting_since: 300 }),
    call('rings', { state: 'ringing', waiting_since: 100 }),
    call('talks', { state: 'talking', waiting_since: 50 }),
    call('early', { waiting_since: 200 }),
  ]
  expect(waitingCallers(calls).map(({ id }) => id)).toEqual(['rings', 'early', 'late'])
})

it('shows the busy agents first, seats in the order of their numbers, and finds them by name, seat or team', () => {
  const agents = [agent('1002'), agent('999'), agent('1001', { state: 'talking' }), agent('7', { state: 'not-ready', team: '二班' })]
  expect(agentsShown(agents, null, '').map(({ id }) => id)).toEqual(['1001', '999', '1002', '7'])
  expect(agentsShown(agents, 'ready', '').map(({ id }) => id)).toEqual(['999', '1002'])
  expect(agentsShown(agents, null, ' 二班 ').map(({ id }) => id)).toEqual(['7'])
})
