"""Makes the record of a closed call from what is known about it. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from records.drafts import Draft
from records.recordings import RecordingFile
from records.schema import (
    Caller,
    Channel,
    Confirmation,
    Durations,
    MissingRecording,
    Pause,
    Record,
    RecordedParty,
    Recording,
)
from telephony.call import Call, EndReason, Party, PartyRole


def assemble(
    call: Call, draft: Draft, recording: RecordingFile | MissingRecording, *, record_id: str, zone: ZoneInfo
) -> Record:
    """Return the record of `call`, which is closed; its moments have the offset of `zone`."""
    clock = _Clock(zone)
    closed_at = call.closed_at if call.closed_at is not None else call.state_since
    ended_at = call.ended_at if call.ended_at is not None else closed_at
    talks = [
        _Talk(party, party.joined_at, ended_at if party.left_at is None else party.left_at)
        for party in call.parties
        if party.role is PartyRole.AGENT and party.joined_at is not None
    ]
    last = max(talks, key=lambda talk: talk.since).party if talks else None
    return Record(
        schema_version=1,
        record_id=record_id,
        call_id=call.id,
        channel=Channel.PHONE,
        caller=Caller(number=call.caller_number, name=call.caller_name),
        dialled=call.dialled,
        line=call.line,
        queue=call.queue,
        language=call.language,
        offered_at=clock.at(call.offered_at),
        answered_at=clock.at_or_never(call.answered_at),
        ended_at=clock.at(ended_at),
        closed_at=clock.at(closed_at),
        end_reason=call.end_reason or EndReason.UNOBSERVED,
        durations=_durations(call, talks, ended_at, closed_at),
        parties=[_party(party, clock) for party in call.parties],
        agent_id=last.agent_id if last else None,
        seat=last.seat if last else None,
        form=draft.form,
        confirmation=Confirmation(
            confirmed=draft.confirmed_by is not None,
            by=draft.confirmed_by,
            at=clock.at_or_never(draft.confirmed_at),
        ),
        recording=_recording(call, recording, ended_at, clock),
        recording_missing=recording if isinstance(recording, MissingRecording) else None,
    )


class _Talk(NamedTuple):
    """The time of an agent who joined, epoch seconds."""

    party: Party
    since: float
    until: float


class _Clock:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def at(self, epoch_s: float) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(round(epoch_s, 3), self._zone)

    def at_or_never(self, epoch_s: float | None) -> datetime.datetime | None:
        return None if epoch_s is None else self.at(epoch_s)


def _durations(call: Call, talks: list[_Talk], ended_at: float, closed_at: float) -> Durations:
    answered_at = min((talk.since for talk in talks), default=ended_at)
    hold_s = _covered_s((span.since, ended_at if span.until is None else span.until) for span in call.holds)
    return Durations(
        wait_s=_seconds(answered_at - call.offered_at),
        talk_s=_seconds(_covered_s((talk.since, talk.until) for talk in talks) - hold_s),
        hold_s=_seconds(hold_s),
        wrap_up_s=_seconds(closed_at - ended_at if talks else 0.0),
    )


def _covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that at least one of the spans covers."""
    covered, reached = 0.0, float("-inf")
    for since, until in sorted(spans):
        covered += max(0.0, until - max(since, reached))
        reached = max(reached, until)
    return covered


def _seconds(value: float) -> float:
    # Events of a switch and of a recovered controller may be milliseconds out of order.
    return round(max(0.0, value), 3)


def _party(party: Party, clock: _Clock) -> RecordedParty:
    return RecordedParty(
        role=party.role,
        leg=party.leg,
        agent_id=party.agent_id,
        seat=party.seat,
        rang_at=clock.at_or_never(party.rang_at),
        joined_at=clock.at_or_never(party.joined_at),
        left_at=clock.at_or_never(party.left_at),
        outcome=party.outcome,
    )


def _recording(
    call: Call, file: RecordingFile | MissingRecording, ended_at: float, clock: _Clock
) -> Recording | None:
    if isinstance(file, MissingRecording):
        return None
    pauses = [
        Pause(since=clock.at(span.since), until=clock.at(ended_at if span.until is None else span.until))
        for span in call.recording_pauses
    ]
    return Recording(
        id=call.id,
        file=file.name,
        sha256=file.sha256,
        seconds=file.seconds,
        bytes=file.bytes,
        complete=file.complete,
        pauses=pauses,
    )
