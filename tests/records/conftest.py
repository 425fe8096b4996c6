"""The parts around records/ for its tests, all real: Redis, and each database that records may be kept in."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from records.database import Database
from tests.records.case_store_server import CaseStoreServer, case_store_server
from tests.records.flaky_proxy import FlakyProxy, flaky_proxy
from tests.records.postgres_cluster import PostgresCluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    with tempfile.TemporaryDirectory(prefix="hl-pg-") as folder:
        cluster = PostgresCluster(Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables and nothing in them: a copy takes less time than to make them."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresCluster) -> str:
    """The same as a database of the cluster."""
    postgres.make_database("with_tables")
    asyncio.run(migrate(postgres.url("with_tables")))
    return "with_tables"


async def migrate(url: str) -> None:
    """Give a database its tables."""
    database = Database(url)
    try:
        await database.migrate()
    finally:
        await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database of its own for the test, with its tables."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "hotline.sqlite3")
        yield f"sqlite+aiosqlite:///{tmp_path / 'hotline.sqlite3'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    with made_database(cluster, request.getfixturevalue("postgres_template")) as name:
        yield cluster.url(name)


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    with made_database(cluster, "template0") as name:
        yield cluster.url(name)


@contextlib.contextmanager
def made_database(cluster: PostgresCluster, template: str) -> Iterator[str]:
    """A copy of the database `template`, dropped at the end."""
    name = uuid.uuid4().hex
    cluster.make_database(name, template)
    try:
        yield name
    finally:
        cluster.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def case_store(tmp_path: Path) -> AsyncIterator[CaseStoreServer]:
    async with case_store_server(tmp_path) as server:
        yield server


@pytest.fixture
async def proxy(case_store: CaseStoreServer) -> AsyncIterator[FlakyProxy]:
    """Between delivery and the case store."""
    async with flaky_proxy(case_store.url) as proxy:
        yield proxy
