"""The desk and what it stands on, for its tests."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.agent_desk.house import House, open_house
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
async def house(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[House]:
    """A desk at work."""
    async with open_house(tmp_path, redis_server) as opened:
        yield opened
