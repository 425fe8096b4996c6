"""A record and its place in the outbox are written together, and once; one process takes it from there."""

from __future__ import annotations

import asyncio
import uuid
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from records.assembly import assemble
from records.database import Database
from records.drafts import Draft
from records.keeping import is_kept, keep
from records.outbox import deliveries, take
from records.schema import MissingRecording, Record
from telephony.call import Call
from tests.records.calls import closed_call
from tests.records.house import documents, put_record

ALWAYS = 4e9


def record_of(call: Call) -> Record:
    zone, record_id = ZoneInfo("Asia/Shanghai"), uuid.uuid4().hex
    return assemble(call, Draft(), MissingRecording.NOT_FOUND, record_id=record_id, zone=zone)


async def test_whoever_comes_second_with_a_record_is_content(database: Database, database_url: str) -> None:
    call, other = closed_call(), Database(database_url)
    try:
        await asyncio.gather(*(keep(used, record_of(call)) for used in (database, other) * 5))
    finally:
        await other.close()
    assert len(await documents(database)) == 1
    assert len(await deliveries(database)) == 1


async def test_there_is_no_record_without_its_place_in_the_outbox(database: Database) -> None:
    call = closed_call()
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    with pytest.raises(DBAPIError):
        await keep(database, record_of(call))
    assert not await is_kept(database, call.id)
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO outbox"))
    await keep(database, record_of(call))
    assert [delivery.call_id for delivery in await deliveries(database)] == [call.id]


async def test_processes_that_take_at_the_same_moment_take_different_records(
    database: Database, database_url: str
) -> None:
    calls = [closed_call() for _ in range(20)]
    for call in calls:
        await put_record(database, call)
    others = [Database(database_url) for _ in range(3)]
    taken = []
    try:
        while any(
            parcels := await asyncio.gather(
                *(take(used, limit=2, now=ALWAYS, hold_s=60) for used in (database, *others))
            )
        ):
            taken += [parcel.call_id for part in parcels for parcel in part]
    finally:
        for other in others:
            await other.close()
    assert sorted(taken) == sorted(call.id for call in calls)
