"""Finds records: a caller's history, lists with filters, one record."""

from __future__ import annotations

import msgspec
from sqlalchemy import Select, select, tuple_

from records.database import Database
from records.form import RequestType, Urgency
from records.models import DeliveryState, OutboxRow, RecordRow, number_key
from records.schema import Record
from records.schema.record import Moment
from telephony.call import EndReason

MOST = 200

_decoder = msgspec.json.Decoder(Record)


class RecordFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: all that is given must hold. Moments are epoch seconds of the call's arrival.

    Attributes:
        number: the caller's number, whole.
        since: from here on; `until`: up to, not including.
        before: id of the last record of the page before this one.
        limit: how many at most, up to MOST.
    """

    number: str | None = None
    since: float | None = None
    until: float | None = None
    before: str | None = None
    limit: int = 50


class RecordSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list."""

    record_id: str
    call_id: str
    offered_at: Moment
    caller_number: str
    line: str
    queue: str
    language: str
    agent_id: str | None
    end_reason: EndReason
    wait_s: float
    talk_s: float
    request_type: RequestType | None
    category: str | None
    subcategory: str | None
    title: str | None
    district: str | None
    urgency: Urgency | None
    confirmed: bool
    has_recording: bool
    delivery: DeliveryState


class NoSuchRecord(LookupError):
    """`before` names no record."""


async def find(database: Database, wanted: RecordFilter) -> list[RecordSummary]:
    """Return the records that `wanted` describes, latest call first.

    Raises NoSuchRecord when `wanted.before` is unknown.
    """
    key = None if wanted.number is None else number_key(wanted.number)
    if key == "":
        # Callers who withhold their number have nothing else in common.
        return []
    statement = (
        select(RecordRow.document, OutboxRow.state)
        .join(OutboxRow, OutboxRow.call_id == RecordRow.call_id)
        .order_by(RecordRow.offered_at.desc(), RecordRow.record_id.desc())
        .limit(min(max(wanted.limit, 1), MOST))
    )
    if key is not None:
        statement = statement.where(RecordRow.caller_number == key)
    if wanted.since is not None:
        statement = statement.where(RecordRow.offered_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(RecordRow.offered_at < wanted.until)
    async with database.reading() as connection:
        if wanted.before is not None:
            place = select(RecordRow.offered_at).where(RecordRow.record_id == wanted.before)
            offered_at = await connection.scalar(place)
            if offered_at is None:
                raise NoSuchRecord(f"before: there is no record {wanted.before}")
            page_ends = tuple_(RecordRow.offered_at, RecordRow.record_id)
            statement = statement.where(page_ends < tuple_(offered_at, wanted.before))
        rows = (await connection.execute(statement)).all()
    return [_summary(document, state) for document, state in rows]


async def by_call(database: Database, call_id: str) -> Record | None:
    """Return the record of a call; None when there is none (yet)."""
    return await _one(database, select(RecordRow.document).where(RecordRow.call_id == call_id))


async def by_id(database: Database, record_id: str) -> Record | None:
    """Return a record by its own id."""
    return await _one(database, select(RecordRow.document).where(RecordRow.record_id == record_id))


async def _one(database: Database, statement: Select[str]) -> Record | None:
    async with database.reading() as connection:
        document = await connection.scalar(statement)
    return None if document is None else _decoder.decode(document)


def _summary(document: str, state: str) -> RecordSummary:
    record = _decoder.decode(document)
    form = record.form
    return RecordSummary(
        record_id=record.record_id,
        call_id=record.call_id,
        offered_at=record.offered_at,
        caller_number=record.caller.number,
        line=record.line,
        queue=record.queue,
        language=record.language,
        agent_id=record.agent_id,
        end_reason=record.end_reason,
        wait_s=record.durations.wait_s,
        talk_s=record.durations.talk_s,
        request_type=form.request_type,
        category=form.category,
        subcategory=form.subcategory,
        title=form.title,
        district=form.district,
        urgency=form.urgency,
        confirmed=record.confirmation.confirmed,
        has_recording=record.recording is not None,
        delivery=DeliveryState(state),
    )
