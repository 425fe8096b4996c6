"""The record of a finished call, version 1: what the case store receives.

Moments are ISO 8601 with the hotline's own offset. A field may be added within a version, so readers ignore
what they do not know; any other change makes the next version.
"""

from __future__ import annotations

import datetime
import enum
from typing import Annotated, Literal

import msgspec

from records.form import RecordId, RequestForm
from telephony.call import EndReason, LegOutcome, PartyRole

Moment = Annotated[datetime.datetime, msgspec.Meta(tz=True)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Channel(enum.StrEnum):
    """How the request reached the hotline."""

    PHONE = "phone"


class MissingRecording(enum.StrEnum):
    """Why a record has no recording."""

    NOT_FOUND = "not-found"
    UNREADABLE = "unreadable"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who called, exactly as the trunk said: `name` may hold anything and is escaped by whoever shows it."""

    number: str
    name: str


class RecordedParty(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time in the call. An agent who was rung in vain has an outcome but never joined."""

    role: PartyRole
    leg: str
    agent_id: str | None
    seat: str | None
    rang_at: Moment | None
    joined_at: Moment | None
    left_at: Moment | None
    outcome: LegOutcome | None


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds.

    Attributes:
        wait_s: from the call's arrival until an agent joined, or until its end when none did.
        talk_s: with an agent in the call, without the time on hold.
        hold_s: on hold.
        wrap_up_s: from the call's end until the agent confirmed the form or the time for it ran out.
    """

    wait_s: Seconds
    talk_s: Seconds
    hold_s: Seconds
    wrap_up_s: Seconds


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an agent confirmed the form; if not, it holds what had been typed when time ran out."""

    confirmed: bool
    by: str | None
    at: Moment | None


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A time that was not recorded, for private details."""

    since: Moment
    until: Moment


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """The recording of the call: a WAV file that the hotline keeps.

    Attributes:
        file: name without folder; it tells nothing about the caller.
        sha256: of the whole file, in hexadecimal.
        seconds: of sound, from the file's size.
        complete: whether the file was finished properly. False after the switch failed during the call: then
            seconds, bytes and sha256 are of what there was.
    """

    id: str
    file: str
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}(?![\s\S])")]
    seconds: Seconds
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    complete: bool
    pauses: list[Pause]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One finished call, with the citizen's request.

    Attributes:
        call_id: one record has one call and the other way round; it is also the delivery's idempotency key.
        line: which hotline was dialled, as configured.
        answered_at: when an agent first joined; None when nobody answered.
        ended_at: when the caller left.
        closed_at: when nothing more was added.
        agent_id: the agent who talked with the caller last, at `seat`; None when nobody did.
        recording_missing: why `recording` is None.
    """

    schema_version: Literal[1]
    record_id: RecordId
    call_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    channel: Channel
    caller: Caller
    dialled: str
    line: str
    queue: str
    language: str
    offered_at: Moment
    answered_at: Moment | None
    ended_at: Moment
    closed_at: Moment
    end_reason: EndReason
    durations: Durations
    parties: list[RecordedParty]
    agent_id: str | None
    seat: str | None
    form: RequestForm
    confirmation: Confirmation
    recording: Recording | None
    recording_missing: MissingRecording | None
