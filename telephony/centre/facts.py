"""What the switch tells the centre. Each fact may come late, twice or not at all: a Snapshot mends what was missed.

Legs are channels' unique ids. Times are epoch seconds.
"""

from __future__ import annotations

import enum

import msgspec


class CallerArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A caller was answered and is on the way into the room of `call_id`."""

    call_id: str
    leg: str
    caller_number: str
    caller_name: str
    dialled: str
    since: float


class RoomEntered(msgspec.Struct, frozen=True, kw_only=True):
    """A leg is in the room of `call_id`."""

    call_id: str
    leg: str


class RoomLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A leg is no longer in the room; it may still be up."""

    call_id: str
    leg: str


class LegEnd(enum.StrEnum):
    """Why a leg ended, as far as the switch can tell."""

    HUNG_UP = "hung-up"
    """The person hung up, or we ordered it."""
    REFUSED = "refused"
    NO_ANSWER = "no-answer"
    UNREACHABLE = "unreachable"
    MEDIA_LOST = "media-lost"


class LegGone(msgspec.Struct, frozen=True, kw_only=True):
    """A leg does not exist any more, or could not be set up."""

    leg: str
    end: LegEnd


class PhoneReachable(msgspec.Struct, frozen=True, kw_only=True):
    """The phone at a seat registered, or lost its registration."""

    seat: str
    reachable: bool


class LegState(enum.StrEnum):
    """Where a channel of a snapshot is."""

    RINGING = "ringing"
    IN_ROOM = "in-room"
    ON_HOLD = "on-hold"
    ALONE_WAITING = "alone-waiting"
    """A caller in the queue that the dialplan keeps while no controller is alive."""
    ALONE_TALKING = "alone-talking"
    """A caller or seat whom the dialplan brought together."""
    ELSEWHERE = "elsewhere"
    """On the way from one place to another."""


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that was up when the snapshot was taken. `seat` is set for channels of seats only."""

    leg: str
    state: LegState
    call_id: str | None = None
    seat: str | None = None
    agent_id: str | None = None
    caller_number: str = ""
    caller_name: str = ""
    dialled: str = ""
    since: float = 0.0
    partner: str | None = None
    """With ALONE_TALKING: the leg at the other end."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What the dialplan itself wrote down about a call; `until` is None while the call lasts.

    It comes with every Snapshot, and by itself when a caller is gone: some hang up before they reach their room.
    """

    call_id: str
    since: float
    until: float | None
    dialled: str
    caller_number: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the switch knows at one moment."""

    legs: list[Leg]
    reachable_seats: list[str]
    journal: list[JournalEntry]


class LinkLost(msgspec.Struct, frozen=True):
    """The switch can be neither heard nor asked; calls go on without us, and a Snapshot comes when it can."""


Fact = LinkLost | CallerArrived | RoomEntered | RoomLeft | LegGone | PhoneReachable | JournalEntry | Snapshot
