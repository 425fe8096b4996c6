"""Writes a record and its place in the outbox, together and once."""

from __future__ import annotations

import time

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from records import outbox
from records.database import Database
from records.models import RecordRow, number_key
from records.schema import Record


async def keep(database: Database, record: Record) -> None:
    """Keep a record; content when its call has one already."""
    now = time.time()
    row = insert(RecordRow).values(
        record_id=record.record_id,
        call_id=record.call_id,
        schema_version=record.schema_version,
        caller_number=number_key(record.caller.number),
        line=record.line,
        queue=record.queue,
        agent_id=record.agent_id,
        offered_at=record.offered_at.timestamp(),
        kept_at=now,
        document=msgspec.json.encode(record).decode(),
    )
    try:
        async with database.writing() as connection:
            await connection.execute(row)
            await connection.execute(outbox.put_in(record.call_id, now))
    except IntegrityError:
        # Another keeper was faster, or our own commit succeeded although its connection broke.
        if not await is_kept(database, record.call_id):
            raise


async def is_kept(database: Database, call_id: str) -> bool:
    """Whether a call has its record."""
    async with database.reading() as connection:
        found = await connection.scalar(select(RecordRow.call_id).where(RecordRow.call_id == call_id))
    return found is not None
