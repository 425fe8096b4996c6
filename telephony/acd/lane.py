"""A lane: callers of one language served by one queue's agents, and the agents free to serve them."""

from __future__ import annotations

from bisect import bisect_left, insort

from telephony.acd.agents import Agent, AgentProfile
from telephony.acd.calls import Place, Waiting
from telephony.acd.idle import idle_agents
from telephony.acd.pace import Pace
from telephony.acd.policy import QueuePolicy


class Lane:
    """Who waits and who could serve, for one pair of queue and language.

    A caller may stand in several lanes (overflow), an agent may serve several (skills, languages); leaving
    one means leaving all.
    """

    __slots__ = ("agents", "calls", "idle", "language", "number", "pace", "policy", "queue")

    def __init__(self, number: int, queue: str, language: str, policy: QueuePolicy) -> None:
        self.number = number
        self.queue = queue
        self.language = language
        self.policy = policy
        self.calls: list[Place] = []
        self.agents: dict[str, Agent] = {}
        """All agents who qualify and are signed in, free or not."""
        self.pace = Pace()
        self.idle = idle_agents(policy.strategy, policy.skill)

    def qualifies(self, profile: AgentProfile) -> bool:
        """Return whether an agent may serve this lane at all."""
        level = profile.skills.get(self.policy.skill, 0)
        return level >= self.policy.min_level and self.language in profile.languages

    def join(self, waiting: Waiting, now: float) -> None:
        """Let a caller stand here too."""
        if not self.calls:
            self.pace.begin(now)
        waiting.lanes.append(self)
        insort(self.calls, waiting.place)

    def leave(self, waiting: Waiting) -> None:
        """Take a caller out; the caller's own list of lanes is left to whoever empties it."""
        del self.calls[bisect_left(self.calls, waiting.place)]

    def rank(self, waiting: Waiting) -> int:
        """Return how many callers are served before this one."""
        return bisect_left(self.calls, waiting.place)
