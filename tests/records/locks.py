"""A real lock on the tables, held by somebody else's connection."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import aiosqlite
import asyncpg  # type: ignore[import-untyped]


@contextlib.asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Nobody else can write records and outbox for as long as the context lasts; everybody can read."""
    if database_url.startswith("sqlite"):
        async with aiosqlite.connect(database_url.partition(":///")[2], isolation_level=None) as connection:
            await connection.execute("BEGIN EXCLUSIVE")
            yield
            await connection.execute("ROLLBACK")
        return
    address = urlsplit(database_url)
    folder = parse_qs(address.query)["host"][0]
    other = await asyncpg.connect(host=folder, user="hotline", database=address.path[1:])
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE records, outbox IN SHARE ROW EXCLUSIVE MODE")
            yield
    finally:
        await other.close()
