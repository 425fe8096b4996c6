/** Live state as this browser knows it, and how messages from the server change it. */

import { reactive, shallowReactive, shallowRef, type ShallowRef } from 'vue'

import type { AgentView, CallView, LiveMessage, QueueView } from '../api/types'

export type Connection = 'connecting' | 'live' | 'lost'

export class LiveState {
  readonly calls = shallowReactive(new Map<string, CallView>())
  readonly agents = shallowReactive(new Map<string, AgentView>())
  readonly queues: ShallowRef<QueueView[]> = shallowRef([])
  readonly link = reactive({ connection: 'connecting' as Connection, known: false })
  /** Where to resume from; null before the first message. */
  position: string | null = null
  /** The server's clock minus this browser's, seconds. */
  readonly clockOffset = shallowRef(0)

  /** Take in one message; `received` is this browser's clock at its arrival, epoch seconds. */
  apply(message: LiveMessage, received: number): void {
    if (message.type === 'snapshot') {
      this.calls.clear()
      this.agents.clear()
      this.clockOffset.value = message.server_time - received
      this.queues.value = message.queues
    } else {
      for (const id of message.calls_gone) this.calls.delete(id)
      for (const id of message.agents_gone) this.agents.delete(id)
      // Delays on the way only make the offset look smaller than it is.
      this.clockOffset.value = Math.max(this.clockOffset.value, message.server_time - received)
      if (message.queues.length > 0) this.queues.value = message.queues
    }
    for (const call of message.calls) this.calls.set(call.id, call)
    for (const agent of message.agents) this.agents.set(agent.id, agent)
    this.position = message.position
    this.link.known = true
  }
}
