"""The database of finished records and people: SQLite, or PostgreSQL by its URL; the same code on both."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from records.wrong_database import WrongDatabase

__all__ = ["HEAD", "POSTGRES_LIMIT_S", "SQLITE_BUSY_S", "Database", "WrongDatabase", "is_away"]

HEAD = "0001"
"""The last revision in records/migrations/versions."""

SQLITE_BUSY_S = 2.0
"""How long SQLite itself waits for a lock before it reports one."""

POSTGRES_LIMIT_S = 10.0
MIGRATION_LIMIT_S = 120.0

_SQLITE = "sqlite+aiosqlite"
_POSTGRES = "postgresql+asyncpg"
_POSTGRES_AWAY = ("08", "28", "3D", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE (PostgreSQL 15, appendix A): no connection, not let in, no such database, rolled back,
out of resources, locked, shut down by an operator, failed system."""
_MIGRATION_LOCK = 12345


class Database:
    """One database. `reading` and `writing` are a transaction each.

    A transaction raises what `is_away` recognises when the database is locked, unreachable or full: then
    nothing of it was done, or, when the connection broke at its very end, all of it.
    """

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises WrongDatabase when `url` names no database that can be used."""
        self._url = _checked(url)
        self._engine = create_async_engine(self._url, **_engine_options(self._url))
        if self._is_sqlite:
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        self._writer = self._engine.execution_options(writes=True)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes nothing."""
        async with self._engine.begin() as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: all of it is done at the end of the block, nothing when an exception leaves it."""
        async with self._writer.begin() as connection:
            yield connection

    async def migrate(self) -> None:
        """Bring the tables up to date, or make them; several processes may ask at once.

        Raises WrongDatabase when the tables are newer than this program or not its own, and what `writing`
        raises.
        """
        if self._is_sqlite:
            _make_private(self._url)
        async with self.reading() as connection:
            if await connection.run_sync(_revisions) == [HEAD]:
                return
        async with asyncio.timeout(MIGRATION_LIMIT_S), self.writing() as connection:
            if not self._is_sqlite:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            # Alembic takes a second to import, which most starts can do without.
            from records.migrations.upgrade import upgrade

            await connection.run_sync(upgrade)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @property
    def _is_sqlite(self) -> bool:
        return self._url.drivername == _SQLITE


def is_away(error: BaseException) -> bool:
    """Whether the database could not be used at this moment, so that the same may work later."""
    if isinstance(error, DBAPIError):
        sqlstate = getattr(error.orig, "sqlstate", None) or ""
        return (
            error.connection_invalidated
            or isinstance(error, (OperationalError, InterfaceError))
            or sqlstate.startswith(_POSTGRES_AWAY)
        )
    return isinstance(error, (NoFreeConnection, OSError, TimeoutError))


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in (_SQLITE, _POSTGRES):
        # The address may hold a password, so it is not repeated.
        raise WrongDatabase(f"the database's url must begin with {_SQLITE}:/// or {_POSTGRES}://")
    return parsed


def _engine_options(url: URL) -> dict[str, Any]:
    if url.drivername == _SQLITE:
        return {"connect_args": {"timeout": SQLITE_BUSY_S}}
    limits = {"timeout": POSTGRES_LIMIT_S, "command_timeout": POSTGRES_LIMIT_S}
    return {
        "pool_pre_ping": True,
        "max_overflow": 20,
        "pool_timeout": POSTGRES_LIMIT_S,
        "connect_args": limits,
    }


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own handling of transactions begins them too late; see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: a record that the switch was told is kept survives a loss of power.
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # Whoever writes takes the lock at once: one that reads first and writes later can fail without waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_private(url: URL) -> None:
    """Make the file, which holds citizens' requests, for its owner alone; SQLite's other files follow it."""
    if url.database and url.database != ":memory:" and not url.query:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _revisions(connection: Connection) -> list[str]:
    """Return where the database is in its history; nothing when it was never ours."""
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")).all())
