"""What a centre has kept of its calls: one record each, with a recording as long as the call."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from benches._centre import Centre
from records.database import Database
from records.models import RecordRow
from records.schema import Record


class Kept(msgspec.Struct, frozen=True):
    """`records` in all; `unrecorded_s` is the most that a recording is shorter than its call, in s."""

    records: int
    unrecorded_s: float


async def kept_records(centre: Centre, within_s: float) -> Kept:
    """Wait until every call that has ended is a record, and return what is kept. Raises TimeoutError."""
    await centre.until(lambda live: not live.calls, within_s)
    database = Database(centre.deployment.database_url)
    try:
        async with database.reading() as connection:
            documents = (await connection.scalars(select(RecordRow.document))).all()
    finally:
        await database.close()
    records = [msgspec.json.decode(document, type=Record) for document in documents]
    return Kept(len(records), max(map(_unrecorded_s, records), default=0.0))


def _unrecorded_s(record: Record) -> float:
    recorded_s = record.recording.seconds if record.recording is not None else 0.0
    return (record.ended_at - record.offered_at).total_seconds() - recorded_s
