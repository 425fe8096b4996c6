"""Where everybody stands: the lanes that a caller waits in and an agent serves, and where that changed."""

from __future__ import annotations

from collections.abc import Iterable

from telephony.acd.agents import Agent
from telephony.acd.alarms import Alarms
from telephony.acd.calls import Waiting
from telephony.acd.lane import Lane
from telephony.acd.policy import AcdPolicy
from telephony.acd.routes import Routes


class Board:
    """Lanes with their callers and agents, as skills, languages, overflow and opening hours put them there.

    A lane comes into being with its first caller, so there are never more than queues times languages.
    """

    def __init__(self, policy: AcdPolicy) -> None:
        self._policy = policy
        self._routes = Routes(policy)
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._overflows = Alarms()
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Waiting] = {}
        self.stirred: dict[Lane, None] = {}
        """Lanes in which a match may have become possible since this was last emptied."""

    def admit(self, agent: Agent) -> None:
        """Let an agent who signed in serve the lanes that the profile allows."""
        self.agents[agent.id] = agent
        agent.lanes = [lane for lane in self._lanes.values() if lane.qualifies(agent.profile)]
        for lane in agent.lanes:
            lane.agents[agent.id] = agent

    def discharge(self, agent: Agent) -> None:
        """Take an agent out who is not seated."""
        del self.agents[agent.id]
        for lane in agent.lanes:
            del lane.agents[agent.id]

    def seat(self, agent: Agent) -> None:
        """Show an agent as idle in all lanes served."""
        for lane in agent.lanes:
            lane.idle.add(agent)
        agent.seated = True

    def unseat(self, agent: Agent) -> None:
        """Show a seated agent as idle no more."""
        for lane in agent.lanes:
            lane.idle.remove(agent)
        agent.seated = False

    def place(self, waiting: Waiting, now: float) -> None:
        """Let a caller stand in every lane that may serve it at `now`."""
        if self._routes.stale(now):
            self._reroute(now)
        self.calls[waiting.call.call_id] = waiting
        self._stand(waiting, now)

    def lift(self, waiting: Waiting) -> None:
        """Take a caller out of every lane, for good."""
        del self.calls[waiting.call.call_id]
        waiting.gone = True
        self._step_back(waiting)

    def stir(self, lanes: Iterable[Lane]) -> None:
        """Have these lanes looked at by the next match, where somebody is idle."""
        for lane in lanes:
            if len(lane.idle):
                self.stirred[lane] = None

    def advance(self, now: float) -> None:
        """Bring lanes up to date with opening hours and overflow."""
        if self._routes.stale(now):
            self._reroute(now)
        for waiting in self._overflows.due(now):
            self._widen(waiting, now)

    def next_change(self) -> float:
        """Return when `advance` next changes something, epoch seconds; infinity if never."""
        return min(self._overflows.next(), self._routes.next_change())

    def _reroute(self, now: float) -> None:
        queues = self._routes.refresh(now)
        for waiting in self.calls.values():
            if waiting.call.queue in queues:
                self._step_back(waiting)
                self._stand(waiting, now)

    def _step_back(self, waiting: Waiting) -> None:
        for lane in waiting.lanes:
            lane.leave(waiting)
        waiting.lanes = []

    def _stand(self, waiting: Waiting, now: float) -> None:
        first = self._routes[waiting.call.queue].first
        if first is not None:
            self._lane(first, waiting.call.language).join(waiting, now)
        self._widen(waiting, now)

    def _widen(self, waiting: Waiting, now: float) -> None:
        call = waiting.call
        for after, queue in self._routes[call.queue].later:
            due = call.waiting_since + after
            if due > now:
                self._overflows.set(due, waiting)
                break
            lane = self._lane(queue, call.language)
            if lane not in waiting.lanes:
                lane.join(waiting, now)
        self.stir(waiting.lanes)

    def _lane(self, queue: str, language: str) -> Lane:
        lane = self._lanes.get((queue, language))
        if lane is None:
            lane = Lane(len(self._lanes), queue, language, self._policy.queues[queue])
            self._lanes[queue, language] = lane
            for agent in self.agents.values():
                if lane.qualifies(agent.profile):
                    agent.lanes.append(lane)
                    lane.agents[agent.id] = agent
                    if agent.seated:
                        lane.idle.add(agent)
        return lane
