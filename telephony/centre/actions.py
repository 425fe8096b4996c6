"""What the centre asks of the switch. None is ever repeated: what is unsure is settled by the next Snapshot."""

from __future__ import annotations

import msgspec


class RingSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Ring the phone at `seat` for at most `ring_s` seconds under the unique id `leg`; who answers enters the room."""

    leg: str
    call_id: str
    seat: str
    agent_id: str
    ring_s: int
    caller_number: str


class HangUpLeg(msgspec.Struct, frozen=True, kw_only=True):
    """End one leg."""

    leg: str


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    """Take a leg out of its room, to wait with music of its own."""

    leg: str


class StepIn(msgspec.Struct, frozen=True, kw_only=True):
    """Bring a leg that is up into the room of its call."""

    leg: str


class AdoptSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Bring a pair whom the dialplan connected into the caller's room, as caller and agent."""

    call_id: str
    caller_leg: str
    seat_leg: str
    agent_id: str | None


class MuteRecording(msgspec.Struct, frozen=True, kw_only=True):
    """Record silence instead of the call (`muted`), or the call again."""

    leg: str
    muted: bool


class ForgetJournal(msgspec.Struct, frozen=True, kw_only=True):
    """The record is safe: the dialplan's own note of the call is not needed any more."""

    call_id: str


Action = RingSeat | HangUpLeg | StepOut | StepIn | AdoptSeat | MuteRecording | ForgetJournal
