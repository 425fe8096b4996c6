"""The case store's own database: one SQLite file, used by its own process only."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import msgspec

BUSY_S = 5.0

_TABLES = """
CREATE TABLE IF NOT EXISTS cases (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    received_at REAL NOT NULL,
    body BLOB NOT NULL
)
"""


class Case(msgspec.Struct, frozen=True):
    """A stored record: `body` is exactly what was posted, `received_at` in epoch seconds."""

    number: int
    key: str
    received_at: float
    body: bytes

    @property
    def id(self) -> str:
        return f"C{self.number:08d}"


class OtherBody(Exception):
    """The key was used before, with another record."""


class Cases:
    """All stored records. Every method raises sqlite3.OperationalError when the file is locked or the disk full."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def put(self, key: str, body: bytes) -> tuple[Case, bool]:
        """Store a record, unless it is there; return it, and whether it is new. Raises OtherBody."""
        added = await self._connection.execute(
            "INSERT INTO cases (key, received_at, body) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, time.time(), body),
        )
        (case,) = await self._select("WHERE key = ?", key)
        if case.body != body:
            raise OtherBody(f"key {key} belongs to {case.id}, which has another body")
        return case, added.rowcount == 1

    async def get(self, case_id: str) -> Case | None:
        """Return a case; None when there is none of that id."""
        digits = case_id.removeprefix("C")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
            return None
        return next(iter(await self._select("WHERE number = ?", int(digits))), None)

    async def latest(self, *, limit: int, before: int | None = None) -> list[Case]:
        """Return the last cases, latest first; those with numbers under `before` when it is given."""
        return await self._select(
            "WHERE number < ? ORDER BY number DESC LIMIT ?", 2**62 if before is None else before, limit
        )

    async def count(self) -> int:
        """Return how many cases there are."""
        async with self._connection.execute("SELECT count(*) FROM cases") as found:
            row = await found.fetchone()
        assert row is not None
        return int(row[0])

    async def _select(self, where: str, *values: object) -> list[Case]:
        statement = f"SELECT number, key, received_at, body FROM cases {where}"  # noqa: S608 - of this file
        async with self._connection.execute(statement, values) as found:
            return [Case(*row) async for row in found]


@contextlib.asynccontextmanager
async def open_cases(file: Path) -> AsyncIterator[Cases]:
    """Open the database in `file`, made for its owner alone where there is none. Raises sqlite3.Error, OSError."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    async with aiosqlite.connect(file, timeout=BUSY_S, isolation_level=None) as connection:
        # FULL: what was acknowledged survives a loss of power.
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", _TABLES):
            await connection.execute(statement)
        yield Cases(connection)


def is_away(error: Exception) -> bool:
    """Whether storing may work later."""
    return isinstance(error, sqlite3.OperationalError)
