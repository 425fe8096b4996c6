"""An ACD so plain that it is obviously right: it looks at every caller and every agent, each time.

The real one must answer exactly the same. Times in tests are whole seconds, so that all sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec

from telephony.acd import AcdPolicy, AgentProfile, Match, Standing, WaitingCall

OCCUPIED = (Standing.RESERVED, Standing.BUSY)


@dataclass
class ReferenceAgent:
    profile: AgentProfile
    session_since: float
    standing: Standing = Standing.AWAY
    idle_since: float = 0.0
    turn: int = 0
    occupied_s: float = 0.0
    occupied_since: float = 0.0
    call_id: str | None = None

    def stand(self, standing: Standing, now: float) -> None:
        if self.standing in OCCUPIED and standing not in OCCUPIED:
            self.occupied_s += now - self.occupied_since
        if self.standing not in OCCUPIED and standing in OCCUPIED:
            self.occupied_since = now
        self.standing = standing

    def share_occupied(self, now: float) -> float:
        return self.occupied_s / max(now - self.session_since, 1.0)


@dataclass
class ReferenceCall:
    call: WaitingCall
    serial: int
    excluded_until: dict[str, float] = field(default_factory=dict)


class ReferenceAcd:
    def __init__(self, policy: AcdPolicy) -> None:
        self.policy = policy
        self.agents: dict[str, ReferenceAgent] = {}
        self.calls: dict[str, ReferenceCall] = {}
        self.reserved: dict[str, ReferenceCall] = {}
        self.counter = 0

    # agents

    def sign_in(self, profile: AgentProfile, now: float) -> None:
        self.agents[profile.agent_id] = ReferenceAgent(profile, now)

    def sign_out(self, agent_id: str, now: float) -> None:
        self.set_away(agent_id, now)
        del self.agents[agent_id]

    def update_profile(self, profile: AgentProfile, now: float) -> None:
        self.agents[profile.agent_id].profile = profile

    def set_free(self, agent_id: str, now: float) -> None:
        agent = self.agents[agent_id]
        if agent.standing is not Standing.FREE:
            agent.stand(Standing.FREE, now)
            agent.idle_since, agent.turn = now, self._count()

    def set_busy(self, agent_id: str, now: float) -> None:
        self._end_reservation(self.agents[agent_id]).stand(Standing.BUSY, now)

    def set_away(self, agent_id: str, now: float) -> None:
        self._end_reservation(self.agents[agent_id]).stand(Standing.AWAY, now)

    def standing(self, agent_id: str) -> Standing:
        return self.agents[agent_id].standing

    def _end_reservation(self, agent: ReferenceAgent) -> ReferenceAgent:
        if agent.call_id is not None:
            del self.reserved[agent.call_id]
            agent.call_id = None
        return agent

    # calls

    def enqueue(self, call: WaitingCall, now: float) -> None:
        before = self.reserved.get(call.call_id)
        for agent in self.agents.values():
            if agent.call_id == call.call_id:
                self.set_away(agent.profile.agent_id, now)
        self.calls[call.call_id] = ReferenceCall(call, self._count() if before is None else before.serial)
        for agent_id in call.excluded_agents:
            self.exclude(call.call_id, agent_id, now)

    def withdraw(self, call_id: str, now: float) -> bool:
        for agent in self.agents.values():
            if agent.call_id == call_id:
                self.set_busy(agent.profile.agent_id, now)
                return True
        return self.calls.pop(call_id, None) is not None

    def change_queue(self, call_id: str, queue: str, now: float) -> None:
        waiting = self.calls[call_id]
        self.calls[call_id] = replace(waiting, call=msgspec.structs.replace(waiting.call, queue=queue))

    def move_up(self, call_id: str, levels: int, now: float) -> None:
        waiting = self.calls[call_id]
        call = msgspec.structs.replace(waiting.call, priority=waiting.call.priority + levels)
        self.calls[call_id] = replace(waiting, call=call)

    def exclude(self, call_id: str, agent_id: str, now: float) -> None:
        self.calls[call_id].excluded_until[agent_id] = now + self.policy.ring_again_s

    # matching

    def match(self, now: float) -> list[Match]:
        matches = []
        while (found := next(self._possible(now), None)) is not None:
            waiting, agent, through = found
            call = waiting.call
            matches.append(
                Match(call.call_id, agent.profile.agent_id, call.queue, through, now - call.waiting_since)
            )
            self.reserved[call.call_id] = self.calls.pop(call.call_id)
            agent.stand(Standing.RESERVED, now)
            agent.call_id = call.call_id
        return matches

    def waiting(self, queue: str | None = None) -> list[WaitingCall]:
        return [waiting.call for waiting in self._in_order() if queue in (None, waiting.call.queue)]

    def position(self, call_id: str, now: float) -> int:
        call = self.calls[call_id].call
        first = next(iter(self.serving(call, now)), None)
        ahead = 0
        for other in self._in_order():
            if other.call.call_id == call_id:
                break
            if first is None:
                ahead += other.call.queue == call.queue
            else:
                ahead += other.call.language == call.language and first in self.serving(other.call, now)
        return ahead + 1

    def serving(self, call: WaitingCall, now: float) -> list[str]:
        """The queues whose agents may take a call now, the preferred ones first."""
        queues: list[str] = []
        queue: str | None = call.queue
        while queue is not None and not self.policy.queues[queue].hours.is_open(now):
            queue = self.policy.queues[queue].closed_overflow
        if queue is not None:
            queues.append(queue)
        for step in sorted(self.policy.queues[call.queue].overflow, key=lambda step: step.after_s):
            is_open = self.policy.queues[step.queue].hours.is_open(now)
            if is_open and now - call.waiting_since >= step.after_s and step.queue not in queues:
                queues.append(step.queue)
        return queues

    def _in_order(self) -> list[ReferenceCall]:
        def urgency(waiting: ReferenceCall) -> tuple[float, float, int]:
            call = waiting.call
            # The effective priority at time 0 times the ageing: the order is the same at any time.
            return (
                call.waiting_since - call.priority * self.policy.ageing_s,
                call.waiting_since,
                waiting.serial,
            )

        return sorted(self.calls.values(), key=urgency)

    def _possible(self, now: float) -> Iterator[tuple[ReferenceCall, ReferenceAgent, str]]:
        for waiting in self._in_order():
            for queue in self.serving(waiting.call, now):
                able = [a for a in self._able(waiting.call, queue) if a.standing is Standing.FREE]
                able = [a for a in able if not self._barred(waiting, a, now)]
                if able:
                    yield waiting, min(able, key=lambda agent: self._rank(agent, queue, now)), queue

    def _able(self, call: WaitingCall, queue: str) -> list[ReferenceAgent]:
        policy = self.policy.queues[queue]
        return [
            agent
            for agent in self.agents.values()
            if agent.profile.skills.get(policy.skill, 0) >= policy.min_level
            and call.language in agent.profile.languages
        ]

    def _barred(self, waiting: ReferenceCall, agent: ReferenceAgent, now: float) -> bool:
        excluded = {name for name, until in waiting.excluded_until.items() if until > now}
        others = [
            other
            for queue in self.serving(waiting.call, now)
            for other in self._able(waiting.call, queue)
            if other.standing is not Standing.AWAY and other.profile.agent_id not in excluded
        ]
        return agent.profile.agent_id in excluded and bool(others)

    def _rank(self, agent: ReferenceAgent, queue: str, now: float) -> tuple[float, float, int]:
        policy = self.policy.queues[queue]
        leading = {
            "longest-idle": 0.0,
            "best-skill-first": -float(agent.profile.skills[policy.skill]),
            "least-occupied": agent.share_occupied(now),
        }[policy.strategy]
        return (leading, agent.idle_since, agent.turn)

    def _count(self) -> int:
        self.counter += 1
        return self.counter
