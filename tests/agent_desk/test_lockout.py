"""Guessing made slow, with waits short enough to see them end."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from agent_desk.lockout import Limits, Locked, Lockout
from tests.redis_server import RedisServer

ACCOUNT = Limits(attempts=3, first_wait_s=0.2, longest_wait_s=0.8, memory_s=60, slides=True)
ADDRESS = Limits(attempts=6, first_wait_s=0.2, longest_wait_s=0.8, memory_s=60, slides=False)
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
async def redis(redis_server: RedisServer) -> object:
    async with redis_server.client() as client:
        yield client


async def wait_after(lockout: Lockout, username: str, address: str, redis: Redis) -> float:
    """Fail once more, and return for how long there may be no other attempt."""
    await lockout.attempt(username, address)
    with pytest.raises(Locked):
        await lockout.attempt(username, address)
    keys = [key async for key in redis.scan_iter("hotline:lockout:*:lock")]
    return max([await redis.pttl(key) for key in keys]) / 1000


async def lock_ends(redis: Redis) -> None:
    async with asyncio.timeout(5):
        while [key async for key in redis.scan_iter("hotline:lockout:*:lock")]:  # noqa: ASYNC110
            # Redis tells nobody when a key expires, unless it is configured to.
            await asyncio.sleep(0.02)


async def test_each_failure_after_the_allowed_ones_doubles_the_wait_up_to_a_limit(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, Limits(attempts=100, memory_s=60, slides=False))
    await lockout.attempt("lan", HERE)
    await lockout.attempt("lan", HERE)
    waits = []
    for _ in range(4):
        waits.append(await wait_after(lockout, "lan", HERE, redis))
        await lock_ends(redis)
    assert waits == pytest.approx([0.2, 0.4, 0.8, 0.8], abs=0.1)


async def test_being_locked_costs_no_further_attempt(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, ADDRESS)
    for _ in range(3):
        await lockout.attempt("lan", HERE)
    for _ in range(20):
        with pytest.raises(Locked):
            await lockout.attempt("lan", HERE)
    await lock_ends(redis)
    assert await wait_after(lockout, "lan", HERE, redis) == pytest.approx(0.4, abs=0.1)


async def test_success_forgets_the_accounts_failures(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, ADDRESS)
    for _ in range(5):
        await lockout.attempt("lan", HERE)
        await lockout.attempt("lan", HERE)
        await lockout.succeeded("lan", HERE)
        await lockout.succeeded("lan", HERE)


async def test_one_address_cannot_try_one_password_on_every_account(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, ADDRESS)
    for number in range(6):
        await lockout.attempt(f"user{number}", HERE)
    with pytest.raises(Locked):
        await lockout.attempt("user7", HERE)
    await lockout.attempt("user7", THERE)


async def test_an_ipv6_subscriber_is_one_address_however_many_they_use(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, ADDRESS)
    for number in range(6):
        await lockout.attempt(f"user{number}", f"2001:db8:1:2::{number:x}")
    with pytest.raises(Locked):
        await lockout.attempt("user7", "2001:db8:1:2:ffff::1")
    await lockout.attempt("user7", "2001:db8:1:3::1")


async def test_attempts_side_by_side_count_as_much_as_one_after_another(redis: Redis) -> None:
    lockout = Lockout(redis, ACCOUNT, ADDRESS)
    answers = await asyncio.gather(*(lockout.attempt("lan", HERE) for _ in range(20)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 3
    assert sum(isinstance(answer, Locked) for answer in answers) == 17
