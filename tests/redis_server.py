"""A private redis-server on a Unix socket, for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.redis_client import connect

START_LIMIT_S = 20.0
STOP_LIMIT_S = 10.0


class RedisServer:
    """One instance; `stop` and `start` again is a restart that loses everything."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    async def start(self) -> None:
        """Return when it answers."""
        self._process = await asyncio.create_subprocess_exec(
            "redis-server",
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self._socket.parent)),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_LIMIT_S), self.client() as client:
            while True:
                with contextlib.suppress(RedisError, OSError):
                    await client.ping()
                    return
                # A server that starts has no other way of saying that it is ready.
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        await asyncio.wait_for(self._process.wait(), STOP_LIMIT_S)

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client that is closed afterwards."""
        client = connect(self.url)
        try:
            yield client
        finally:
            await client.aclose()
