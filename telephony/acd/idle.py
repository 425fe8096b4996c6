"""The free agents of one lane, in the order in which a queue's strategy takes them.

Each strategy keeps its order while agents come and go, so that taking the best one never looks at all of
them; only the least occupied agent changes while everybody sits still, and is found by one pass over packed
numbers.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from telephony.acd.agents import SHORTEST_SESSION_S, Agent
from telephony.config.queues import Strategy


class Idle(Protocol):
    """Free agents; each is in it once."""

    def __len__(self) -> int:
        """Return how many are free."""

    def add(self, agent: Agent) -> None:
        """Take in an agent who became free."""

    def remove(self, agent: Agent) -> None:
        """Let an agent go who is in it."""

    def best(self, now: float, barred: Collection[str]) -> Agent | None:
        """Return the agent to ring at `now`, epoch seconds, who is none of `barred`; it stays in."""


class LongestIdle:
    """Takes the agent who has been free for longest."""

    def __init__(self) -> None:
        self._order: list[tuple[float, int, Agent]] = []

    def __len__(self) -> int:
        return len(self._order)

    def add(self, agent: Agent) -> None:
        insort(self._order, (agent.idle_since, agent.turn, agent))

    def remove(self, agent: Agent) -> None:
        del self._order[bisect_left(self._order, (agent.idle_since, agent.turn, agent))]

    def best(self, now: float, barred: Collection[str]) -> Agent | None:
        if not barred:
            return self._order[0][2] if self._order else None
        return next((agent for _, _, agent in self._order if agent.id not in barred), None)


class BestSkillFirst:
    """Takes the agent with the highest level of a skill; of several the one who has been free for longest."""

    def __init__(self, skill: str) -> None:
        self._skill = skill
        self._order: list[tuple[int, float, int, Agent]] = []

    def __len__(self) -> int:
        return len(self._order)

    def add(self, agent: Agent) -> None:
        insort(self._order, self._rank(agent))

    def remove(self, agent: Agent) -> None:
        del self._order[bisect_left(self._order, self._rank(agent))]

    def best(self, now: float, barred: Collection[str]) -> Agent | None:
        if not barred:
            return self._order[0][3] if self._order else None
        return next((agent for *_, agent in self._order if agent.id not in barred), None)

    def _rank(self, agent: Agent) -> tuple[int, float, int, Agent]:
        return (-agent.profile.skills[self._skill], agent.idle_since, agent.turn, agent)


class LeastOccupied:
    """Takes the agent with the least share of this session spent on calls; of several the longest idle one.

    The share falls while an agent waits, for each at a different pace, so no order of it lasts.
    """

    def __init__(self) -> None:
        self._agents: list[Agent] = []
        self._seat: dict[str, int] = {}
        # Rows: seconds occupied, start of the session, idle since, turn. One column an agent.
        self._figures: NDArray[np.float64] = np.empty((4, 16))

    def __len__(self) -> int:
        return len(self._agents)

    def add(self, agent: Agent) -> None:
        seat = len(self._agents)
        if seat == self._figures.shape[1]:
            self._figures = np.concatenate((self._figures, np.empty_like(self._figures)), axis=1)
        self._figures[:, seat] = (agent.occupied_s, agent.session_since, agent.idle_since, agent.turn)
        self._agents.append(agent)
        self._seat[agent.id] = seat

    def remove(self, agent: Agent) -> None:
        seat = self._seat.pop(agent.id)
        last = self._agents.pop()
        if last is not agent:
            self._agents[seat] = last
            self._seat[last.id] = seat
            self._figures[:, seat] = self._figures[:, len(self._agents)]

    def best(self, now: float, barred: Collection[str]) -> Agent | None:
        occupied, session_since, idle_since, turn = self._figures[:, : len(self._agents)]
        share = occupied / np.maximum(now - session_since, SHORTEST_SESSION_S)
        if barred:
            seats = np.lexsort((turn, idle_since, share))
            return next((self._agents[seat] for seat in seats if self._agents[seat].id not in barred), None)
        if not self._agents:
            return None
        seats = np.flatnonzero(share == share.min())
        if len(seats) > 1:
            seats = seats[np.lexsort((turn[seats], idle_since[seats]))]
        return self._agents[int(seats[0])]


def idle_agents(strategy: Strategy, skill: str) -> Idle:
    """Return an empty collection that follows `strategy`; `skill` is the one that the queue needs."""
    if strategy == "best-skill-first":
        return BestSkillFirst(skill)
    return LeastOccupied() if strategy == "least-occupied" else LongestIdle()
