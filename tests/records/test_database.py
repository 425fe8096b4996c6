"""The database's tables, and what is refused."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text

from records.database import HEAD, Database
from records.models import AuditRow, Base
from records.stored_text import escape, unescape
from records.wrong_database import WrongDatabase

HOSTILE = "O'Brien\"; DROP TABLE records; --\r\n<script>\x00\\u0000\\ \ud800 名"


async def test_the_migrated_tables_are_those_that_the_program_uses(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_several_processes_may_start_on_an_empty_database_at_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url) for _ in range(4)]
    try:
        await asyncio.gather(*(database.migrate() for database in databases))
        async with databases[0].reading() as connection:
            versions = await connection.scalars(text("SELECT version_num FROM alembic_version"))
            assert versions.all() == [HEAD]
    finally:
        for database in databases:
            await database.close()


async def test_a_database_that_a_newer_program_has_used_is_refused(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongDatabase, match=r"'9999'.*newer.*restore a backup"):
        await database.migrate()


async def test_a_database_of_something_else_is_left_alone(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        async with database.writing() as connection:
            await connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
        with pytest.raises(WrongDatabase, match="invoices"):
            await database.migrate()
        async with database.reading() as connection:
            assert (await connection.scalars(text("SELECT id FROM invoices"))).all() == []
    finally:
        await database.close()


@pytest.mark.parametrize("url", ["mysql://root:hunter2@db/x", "sqlite:///x", "not an address hunter2"])
def test_an_unusable_address_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(WrongDatabase, match=r"^(?!.*hunter2).*sqlite\+aiosqlite.*postgresql\+asyncpg"):
        Database(url)


async def test_citizens_data_in_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.sqlite3'}")
    await database.migrate()
    try:
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(tmp_path)}
        assert set(modes.values()) == {0o600}, modes
    finally:
        await database.close()


async def test_any_text_is_kept_as_it_is(database: Database) -> None:
    row = {"at": 0.0, "who": HOSTILE, "role": "", "action": "sign-in", "object": "", "address": "::1"}
    async with database.writing() as connection:
        await connection.execute(insert(AuditRow).values(row))
    async with database.reading() as connection:
        assert await connection.scalar(select(AuditRow.who).where(AuditRow.who == HOSTILE)) == HOSTILE


@pytest.mark.parametrize("text", ["", "\\", "\\\\u0000", "\\u005c", "\x00", "\udfff\ud800", "暖气不热"])
def test_an_escaped_text_reads_back_as_it_was(text: str) -> None:
    escaped = escape(text)
    assert "\x00" not in escaped
    escaped.encode()
    assert unescape(escaped) == text
