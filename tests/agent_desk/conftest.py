"""The desk and what it stands on, for its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agent_desk.house import House, open_house
from tests.redis_server import RedisServer


@pytest.fixture
async def house(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[House]:
    """A desk at work."""
    async with open_house(tmp_path, redis_server) as opened:
        yield opened
