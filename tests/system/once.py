"""Exactly one record of each call, in the database and at the case store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from records.database import Database
from records.models import RecordRow
from tests.system.hotline import Hotline


async def one_record_of_each(hotline: Hotline, calls: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Wait until every call has its record at the case store and none is live; return the records by call.

    Fails when there is any other record, or a second one.
    """
    expected = sorted(calls)
    cases = await hotline.until_cases(len(expected))
    await hotline.until(lambda live: not live.calls)
    assert sorted(case["call_id"] for case in cases) == expected
    assert sorted(await kept_calls(hotline.deployment.database_url)) == expected
    return {case["call_id"]: case for case in cases}


def by_number(cases: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return records by their callers' numbers."""
    return {case["caller"]["number"]: case for case in cases.values()}


async def kept_calls(database_url: str) -> list[str]:
    """Return the call of every record in the database."""
    database = Database(database_url)
    try:
        async with database.reading() as connection:
            return list((await connection.scalars(select(RecordRow.call_id))).all())
    finally:
        await database.close()
