"""Checks of the stores that the configuration names: the database, and a Redis that is not our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.doctor.finding import Examined, Finding, fail, ok, warn
from records.database import Database, WrongDatabase

OLDEST_REDIS = 7
REDIS_LIMIT_S = 5.0
DATABASE_LIMIT_S = 15.0


def check_live_state(examined: Examined) -> Iterator[Finding]:
    """Whether the Redis that the configuration names answers; a private one is started when it is needed."""
    url = examined.config.hotline.redis.url if examined.config else None
    if url is None:
        return
    subject = "live state"
    try:
        redis = Redis.from_url(url, socket_timeout=REDIS_LIMIT_S, socket_connect_timeout=REDIS_LIMIT_S)
        with redis:
            version = str(redis.info("server")["redis_version"])
    except (RedisError, OSError, ValueError) as error:
        # Never the address: it may hold a password.
        yield fail(
            subject, f"redis.url: {type(error).__name__}: {error}", "Start that Redis, or mend redis.url."
        )
        return
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield fail(subject, f"Redis {version}", f"Name a Redis {OLDEST_REDIS} or newer in redis.url.")
    else:
        yield ok(subject, f"Redis {version} answers")


def check_database(examined: Examined) -> Iterator[Finding]:
    """Whether the database of records can be read, and has this program's tables. Makes and changes nothing."""
    if examined.config is None:
        return
    subject = "database"
    url = examined.config.hotline.database.url or f"sqlite+aiosqlite:///{examined.var / 'hotline.sqlite3'}"
    remedy = "Mend database.url, or what it names, then start again."
    try:
        file = make_url(url).database if url.startswith("sqlite") else None
        if file is not None and not Path(file).exists():
            yield ok(subject, f"none yet: the first start makes {file}")
            return
        found = asyncio.run(_revisions(url))
    except (WrongDatabase, SQLAlchemyError, OSError, TimeoutError) as error:
        yield fail(subject, f"{type(error).__name__}: {error}", remedy)
        return
    newest, known = _revisions_of_this_program()
    name = file or make_url(url).render_as_string(hide_password=True)
    seen = (
        f"{name} is at revision {', '.join(sorted(found)) or 'none'}; this program's is {', '.join(newest)}"
    )
    if found == set(newest):
        yield ok(subject, f"{name} is up to date")
    elif found <= known:
        yield warn(subject, seen, "Nothing to do: the next start brings it up to date.")
    else:
        yield fail(subject, seen, "It was used by a newer program: install that version again.")


async def _revisions(url: str) -> set[str]:
    def current(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    database = Database(url)
    try:
        async with asyncio.timeout(DATABASE_LIMIT_S), database.reading() as connection:
            return await connection.run_sync(current)
    finally:
        await database.close()


def _revisions_of_this_program() -> tuple[list[str], set[str]]:
    """The newest revisions, and all of them."""
    with as_file(files("records") / "migrations") as folder:
        scripts = ScriptDirectory(str(folder))
        return scripts.get_heads(), {script.revision for script in scripts.walk_revisions()}
