"""Finished records: a caller's earlier ones, lists for supervisors, one in full, its recording."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from agent_desk.access import EVERY_ROLE, SUPERVISORS
from agent_desk.audit_trail import Action, note
from agent_desk.http.errors import ApiError, Refusal
from agent_desk.http.operation import Table, bad_field
from agent_desk.http.visit import Visit
from agent_desk.routes.shapes import CallPath, Moment, PageSize, PhoneNumber
from records import search
from records.form import RecordId
from records.recordings import recording_name
from records.schema import Record
from records.search import NoSuchRecord, RecordFilter, RecordSummary
from telephony.call import CallState

NOT_YOUR_CALLER = Refusal(
    403,
    "not-your-caller",
    "仅可查看当前来电市民的历史工单",
    "you see the records of a number while you have a call from it",
)
NO_RECORD = Refusal(404, "no-such-record", "没有这个工单", "there is no such record")
NO_RECORDING = Refusal(404, "no-recording", "该通话没有录音", "there is no recording of this call")
HEARD_ONCE_S = 600
"""A player asks for a recording in many pieces: within so many seconds, that is listening once."""


class CallerPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names a caller."""

    number: PhoneNumber


class HistoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many of the latest."""

    limit: PageSize = 20


class RecordQuery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """Which records: of calls from `from` on and before `to`; `before` is the last id of the page before."""

    number: PhoneNumber | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: RecordId | None = None
    limit: PageSize = 50


table = Table("records")


@table.operation("GET", "/api/callers/{number}/records", roles=EVERY_ROLE, refusals=(NOT_YOUR_CALLER,))
async def get_history(visit: Visit, path: CallerPath, query: HistoryQuery) -> list[RecordSummary]:
    """Tell a caller's latest records: to supervisors, and to an agent who has a call from that number."""
    if not _may_see(visit, path.number):
        raise ApiError(NOT_YOUR_CALLER)
    wanted = RecordFilter(number=path.number, limit=query.limit)
    return await search.find(visit.desk.database, wanted)


@table.operation("GET", "/api/records", roles=SUPERVISORS)
async def list_records(visit: Visit, query: RecordQuery) -> list[RecordSummary]:
    """Tell the records that the query describes, latest first."""
    if query.number is not None:
        await note(visit, Action.NUMBER_SEARCHED, query.number)
    wanted = RecordFilter(
        number=query.number, since=query.since, until=query.until, before=query.before, limit=query.limit
    )
    try:
        return await search.find(visit.desk.database, wanted)
    except NoSuchRecord:
        raise bad_field(
            "before", "没有这个工单", "there is no such record: begin with the first page"
        ) from None


@table.operation("GET", "/api/records/{call_id}", roles=EVERY_ROLE, refusals=(NO_RECORD,))
async def get_record(visit: Visit, path: CallPath) -> Record:
    """Tell the record of a call: to supervisors, and to an agent who has a call from the same number."""
    record = await search.by_call(visit.desk.database, path.call_id)
    if record is None or not _may_see(visit, record.caller.number):
        raise ApiError(NO_RECORD)
    await note(visit, Action.RECORD_OPENED, path.call_id)
    return record


@table.operation(
    "GET",
    "/api/records/{call_id}/recording",
    roles=SUPERVISORS,
    refusals=(NO_RECORD, NO_RECORDING),
    media="audio/wav",
    statuses=(200, 206, 304, 412, 416),
)
async def get_recording(visit: Visit, path: CallPath) -> web.FileResponse:
    """Play the recording of a call, whole or in ranges. Who listened to what is kept in the audit trail."""
    desk = visit.desk
    record = await search.by_call(desk.database, path.call_id)
    if record is None:
        raise ApiError(NO_RECORD)
    file = desk.recordings / recording_name(path.call_id)
    if record.recording is None or not await asyncio.to_thread(file.is_file):
        raise ApiError(NO_RECORDING)
    await _note_listening(visit, path.call_id)
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


async def _note_listening(visit: Visit, call_id: str) -> None:
    """Nothing is heard before it is noted who hears it."""
    redis, mark = visit.desk.redis, f"hotline:heard:{visit.who.key}:{call_id}"
    if not await redis.set(mark, b"1", nx=True, ex=HEARD_ONCE_S):
        return
    try:
        await note(visit, Action.RECORDING_HEARD, call_id)
    except BaseException:
        await redis.delete(mark)
        raise


def _may_see(visit: Visit, number: str) -> bool:
    """Whether this person may see what citizens asked from that number."""
    if visit.who.role in SUPERVISORS:
        return True
    mine = visit.journal.calls_of(visit.who.user_id)
    return any(call.caller_number == number and call.state is not CallState.CLOSED for call in mine)
