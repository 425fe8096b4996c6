"""What callers and agents hear in their rooms: gaps between packets, packets that never came, each other."""

from __future__ import annotations

import time

import msgspec

from benches._rooms import Room
from cli.callers.audio import tone_share
from cli.callers.hearing import Hearing

CALLER_HZ, AGENT_HZ = 440.0, 1000.0
"""What callers and agents say: tones, so that each is known by what is heard."""
TONE_SHARE = 0.5
LISTEN_S = 0.25
SETTLE_S = 0.5
"""An agent's first moments in a room: the caller's music stops, the mixing begins."""


class Heard(msgspec.Struct, frozen=True):
    """What the parties of all rooms got in a span of time: the largest gap in ms, packets that never came.

    `deaf_callers` hear no agent, `deaf_agents` no caller.
    """

    largest_gap_ms: float
    lost: int
    deaf_callers: int
    deaf_agents: int


def heard_since(rooms: list[Room], since: float, lost_before: int) -> Heard:
    """Return what was heard from `since` (or from when the agent joined, if later) until now."""
    now = time.monotonic()
    gaps = [
        _largest_gap_ms(room.caller.media.heard, max(since, room.joined_at + SETTLE_S), now) for room in rooms
    ]
    return Heard(
        largest_gap_ms=max(gaps, default=0.0),
        lost=lost(rooms) - lost_before,
        deaf_callers=sum(not _hears(room.caller.media.heard, AGENT_HZ) for room in rooms),
        deaf_agents=sum(not _hears(room.agent.media.heard, CALLER_HZ) for room in rooms),
    )


def together(heard: list[Heard]) -> Heard:
    """Return the worst of it."""
    return Heard(
        largest_gap_ms=max((one.largest_gap_ms for one in heard), default=0.0),
        lost=sum(one.lost for one in heard),
        deaf_callers=sum(one.deaf_callers for one in heard),
        deaf_agents=sum(one.deaf_agents for one in heard),
    )


def lost(rooms: list[Room]) -> int:
    """Return how many packets were sent to the callers and never came."""
    return sum(room.caller.media.heard.lost for room in rooms)


def _largest_gap_ms(heard: Hearing, since: float, now: float) -> float:
    """The longest time between two packets; where they have stopped coming, the time since then."""
    gaps = heard.gaps_ms(since)
    missing = (now - since) * 1000 - sum(gaps)
    return max([*gaps, missing if missing > 1000 * SETTLE_S else 0.0])


def _hears(heard: Hearing, frequency_hz: float) -> bool:
    return tone_share(heard.pcm(LISTEN_S), frequency_hz) > TONE_SHARE
