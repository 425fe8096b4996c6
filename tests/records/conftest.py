"""The parts around records/ for its tests, all real: Redis, and each database that records may be kept in."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from records.database import Database
from tests.records.case_store_server import CaseStoreServer, case_store_server
from tests.records.flaky_proxy import FlakyProxy, flaky_proxy
from tests.records.postgres_cluster import PostgresCluster
from tests.records.redis_server import RedisServer


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for Unix sockets, whose paths must be short: pytest's own are too long."""
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        yield Path(folder)


@pytest.fixture
async def redis_server(short_folder: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(short_folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with redis_server.client() as client:
        yield client


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    with tempfile.TemporaryDirectory(prefix="hl-pg-") as folder:
        cluster = PostgresCluster(Path(folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'hotline.sqlite3'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = uuid.uuid4().hex
    cluster.make_database(name)
    try:
        yield cluster.url(name)
    finally:
        cluster.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with its tables."""
    database = Database(database_url)
    await database.migrate()
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
