"""How the bench of calls begins calls at an even pace, and what it makes of those that fail."""

from __future__ import annotations

import asyncio
import time

import pytest

from benches._call_steps import at_pace


async def test_calls_begin_at_an_even_pace_however_long_each_takes() -> None:
    begun: list[float] = []

    async def call() -> int:
        begun.append(time.monotonic())
        await asyncio.sleep(0.5)
        return len(begun)

    came, failure = await at_pace(10, 50.0, call)
    assert (len(came), failure) == (10, "")
    assert begun[-1] - begun[0] == pytest.approx(0.18, abs=0.15)


async def test_a_call_that_fails_is_told_of_and_the_others_still_count() -> None:
    numbers = iter(range(5))

    async def call() -> int:
        number = next(numbers)
        if number == 2:
            raise TimeoutError("nobody answered\nmore of it")
        return number

    assert await at_pace(5, 100.0, call) == ([0, 1, 3, 4], "nobody answered")


async def test_a_fault_of_the_bench_itself_is_not_taken_for_a_failed_call() -> None:
    async def call() -> int:
        raise KeyError("a mistake")

    with pytest.raises(KeyError):
        await at_pace(1, 100.0, call)
