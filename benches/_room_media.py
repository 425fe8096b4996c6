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
SETTLE_S = 0.5
"""An agent's first moments in a room: the caller's music stops, the mixing begins."""


class Heard(msgspec.Struct, frozen=True):
    """What the callers of all rooms got in a span of time: gaps in ms, packets that never came."""

    largest_gap_ms: float
    lost: int
    deaf: int
    """Callers or agents who did not hear the other one."""


def heard_since(rooms: list[Room], since: float, lost_before: int) -> Heard:
    """Return what was heard from `since` (or from when the agent joined, if later) until now."""
    now = time.monotonic()
    gaps = [
        _largest_gap_ms(room.caller.media.heard, max(since, room.joined_at + SETTLE_S), now) for room in rooms
    ]
    deaf = sum(not _hear_each_other(room) for room in rooms)
    return Heard(max(gaps, default=0.0), lost(rooms) - lost_before, deaf)


def together(heard: list[Heard]) -> Heard:
    """Return the worst of it."""
    gap_ms = max((one.largest_gap_ms for one in heard), default=0.0)
    return Heard(gap_ms, sum(one.lost for one in heard), sum(one.deaf for one in heard))


def lost(rooms: list[Room]) -> int:
    """Return how many packets were sent to the callers and never came."""
    return sum(room.caller.media.heard.lost for room in rooms)


def _largest_gap_ms(heard: Hearing, since: float, now: float) -> float:
    """The longest time between two packets; where they have stopped coming, the time since then."""
    gaps = heard.gaps_ms(since)
    missing = (now - since) * 1000 - sum(gaps)
    return max([*gaps, missing if missing > 1000 * SETTLE_S else 0.0])


def _hear_each_other(room: Room) -> bool:
    return (
        tone_share(room.caller.media.heard.pcm(1.0), AGENT_HZ) > TONE_SHARE
        and tone_share(room.agent.media.heard.pcm(1.0), CALLER_HZ) > TONE_SHARE
    )
