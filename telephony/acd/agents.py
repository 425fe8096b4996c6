"""Agents as the ACD sees them: what they can, whether they are free, how busy they have been."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from telephony.acd.lane import Lane

SHORTEST_SESSION_S = 1.0


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent can: `skills` with their level 1 to 5, and codes of the `languages` spoken."""

    agent_id: str
    skills: Mapping[str, int]
    languages: frozenset[str]


class Standing(enum.Enum):
    """Where an agent stands towards the ACD."""

    AWAY = "away"
    FREE = "free"
    RESERVED = "reserved"
    """Being rung for a call."""
    BUSY = "busy"
    """On a call, or wrapping one up."""


_OCCUPIED = (Standing.RESERVED, Standing.BUSY)


class Agent:
    """An agent who is signed in."""

    __slots__ = (
        "_occupied_since",
        "call_id",
        "id",
        "idle_since",
        "lanes",
        "occupied_s",
        "profile",
        "seated",
        "session_since",
        "standing",
        "turn",
    )

    def __init__(self, profile: AgentProfile, now: float) -> None:
        self.id = profile.agent_id
        self.profile = profile
        self.standing = Standing.AWAY
        self.session_since = now
        self.occupied_s = 0.0
        self.call_id: str | None = None
        self.lanes: list[Lane] = []
        self.seated = False
        """Whether the lanes hold the agent as idle."""
        self.idle_since = now
        self.turn = 0
        """The number that keeps agents who became free at the very same time in order."""
        self._occupied_since = now

    @property
    def at_work(self) -> bool:
        """Whether the agent takes calls now or after the present one."""
        return self.standing is not Standing.AWAY

    def stand(self, standing: Standing, now: float) -> None:
        """Change the standing, adding up the time spent on calls, ringing and wrap-up."""
        was_occupied = self.standing in _OCCUPIED
        if was_occupied and standing not in _OCCUPIED:
            self.occupied_s += max(0.0, now - self._occupied_since)
        elif not was_occupied and standing in _OCCUPIED:
            self._occupied_since = now
        self.standing = standing
