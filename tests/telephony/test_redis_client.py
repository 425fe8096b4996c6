"""The connection to Redis: what waits for Redis can be stopped at any moment."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from telephony.redis_client import connect

STOPS = 300
LIMIT_S = 5.0


async def ask_for_ever(redis: Redis) -> None:
    while True:
        await redis.ping()


async def test_whoever_talks_to_redis_stops_when_told(redis: Redis) -> None:
    for moment in range(STOPS):
        task = asyncio.create_task(ask_for_ever(redis))
        for _ in range(moment % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=LIMIT_S)
        assert task.done(), f"still talking after it was told to stop, {moment % 30} steps in"


async def test_every_kind_of_address_is_taken() -> None:
    for url in ("unix:///run/redis.sock", "redis://localhost:6379/0", "rediss://localhost:6379/0"):
        client = connect(url)
        assert client.connection_pool.connection_kwargs["socket_timeout"] is None
        await client.aclose()
