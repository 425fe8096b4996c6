"""A private redis-server that keeps what it was told over a restart, as a centre's own does."""

from __future__ import annotations

import asyncio
import contextlib

from redis.exceptions import RedisError

from tests.redis_server import START_LIMIT_S, RedisServer


class LastingRedis(RedisServer):
    """Writes every change to disk before it answers."""

    async def start(self) -> None:
        """Return when it answers, with what it knew before."""
        self._process = await asyncio.create_subprocess_exec(
            "redis-server",
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *(
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--dir",
                str(self._socket.parent),
            ),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_LIMIT_S), self.client() as client:
            while True:
                with contextlib.suppress(RedisError, OSError):
                    await client.ping()
                    return
                # A server that starts has no other way of saying that it is ready.
                await asyncio.sleep(0.02)
