"""A small hotline for stories: short words for people and calls, and times counted from Monday morning."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from telephony.acd import Acd, AcdPolicy, AgentProfile, QueuePolicy, WaitingCall
from telephony.acd.hours import WeeklyHours, weekly_hours
from telephony.config import OpeningHours, Overflow
from telephony.config.queues import Strategy

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALWAYS = weekly_hours((), SHANGHAI)
STRATEGIES: list[Strategy] = ["longest-idle", "best-skill-first", "least-occupied"]
MONDAY = 1_700_409_600.0
"""Monday, 20 November 2023, 00:00 in Shanghai, epoch seconds."""


def clock(hour: int, minute: int = 0, *, day: int = 0) -> float:
    """Epoch seconds of a time of day in Shanghai, `day` days after Monday."""
    return MONDAY + day * 86400 + hour * 3600 + minute * 60


def hours(days: str, opens: str, closes: str) -> WeeklyHours:
    return weekly_hours([OpeningHours(days=days, open=opens, close=closes)], SHANGHAI)


def queue(
    skill: str = "citizen",
    min_level: int = 1,
    strategy: Strategy = "longest-idle",
    *,
    open_at: WeeklyHours = ALWAYS,
    closed_overflow: str | None = None,
    overflow: Mapping[str, int] | None = None,
) -> QueuePolicy:
    """`overflow` maps a queue to the seconds after which it helps."""
    return QueuePolicy(
        skill=skill,
        min_level=min_level,
        strategy=strategy,
        hours=open_at,
        closed_overflow=closed_overflow,
        overflow=tuple(Overflow(after_s, name) for name, after_s in (overflow or {}).items()),
    )


class Hotline:
    """An ACD with its clock; ids are whatever a story calls its people."""

    def __init__(self, **queues: QueuePolicy) -> None:
        policy = AcdPolicy(queues=queues or {"citizen": queue()}, ageing_s=30, ring_again_s=60)
        self.acd = Acd(policy)
        self.now = clock(9)
        self.calls: dict[str, WaitingCall] = {}

    def works(self, agent_id: str, languages: str = "zh", **skills: int) -> None:
        """An agent signs in and is ready."""
        self.acd.sign_in(profile(agent_id, languages, **skills), self.now)
        self.acd.set_free(agent_id, self.now)

    def call(self, call_id: str, queue: str = "citizen", language: str = "zh", priority: int = 0) -> None:
        """A caller begins to wait."""
        self.calls[call_id] = WaitingCall(
            call_id=call_id, queue=queue, language=language, priority=priority, waiting_since=self.now
        )
        self.acd.enqueue(self.calls[call_id], self.now)

    def rings(self) -> list[str]:
        """Who is rung for whom now, e.g. ``["Li for 1"]``."""
        return [f"{match.agent_id} for {match.call_id}" for match in self.acd.match(self.now)]

    def later(self, seconds: float) -> Hotline:
        self.now += seconds
        return self

    def answers(self, agent_id: str) -> None:
        self.acd.set_busy(agent_id, self.now)

    def is_free(self, agent_id: str) -> None:
        self.acd.set_free(agent_id, self.now)

    def lets_it_ring(self, agent_id: str, call_id: str) -> None:
        """The caller goes back to the same place; the agent is away."""
        self.acd.enqueue(self.calls[call_id], self.now)
        self.acd.exclude(call_id, agent_id, self.now)

    def queue_of(self, queue: str | None = None) -> list[str]:
        return [call.call_id for call in self.acd.waiting(queue)]


def profile(agent_id: str, languages: str = "zh", **skills: int) -> AgentProfile:
    """`languages` is a list of codes with blanks between; without skills the agent serves citizens."""
    return AgentProfile(
        agent_id=agent_id, skills=skills or {"citizen": 1}, languages=frozenset(languages.split())
    )
