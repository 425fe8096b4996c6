/** Which agents are shown, and in which order. */

import type { AgentState, AgentView } from '../api/types'

const ORDER: Record<AgentState, number> = { ringing: 0, talking: 1, 'wrap-up': 2, ready: 3, 'not-ready': 4 }

/** Agents in a state (any when null) whose name, seat or team holds `text`; the busiest states first, then by seat. */
export function agentsShown(agents: Iterable<AgentView>, state: AgentState | null, text: string): AgentView[] {
  const sought = text.trim().toLowerCase()
  return [...agents]
    .filter((agent) => state === null || agent.state === state)
    .filter(({ name, seat, team }) => [name, seat, team].some((value) => value.toLowerCase().includes(sought)))
    .sort(
      (one, other) =>
        ORDER[one.state] - ORDER[other.state] || one.seat.localeCompare(other.seat, undefined, { numeric: true }),
    )
}
