"""How the bench of calls begins calls at an even pace, what it makes of those that fail, and when it ends."""

from __future__ import annotations

import asyncio
import time

import pytest

from benches._call_steps import Step, at_pace, climb
from benches._cpu import OTHERS


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


def step(size: int, failure: str, others: float) -> Step:
    """A step of a machine on which other programs take so many cores."""
    return Step(
        size=size,
        failure=failure,
        answered_s=[],
        joined_s=[],
        largest_gap_ms=20.0,
        cores={OTHERS: others},
        late_ms=0.0,
    )


async def climbed(outcomes: list[tuple[str, float]]) -> list[tuple[int, str]]:
    """Climb 25, 50, 75 rooms with these outcomes, and return what was tried."""
    coming = iter(outcomes)

    async def one(size: int) -> Step:
        return step(size, *next(coming))

    return [(done.size, done.failure) for done in await climb([25, 50, 75], one)]


async def test_a_climb_ends_with_the_first_step_that_fails_by_itself() -> None:
    assert await climbed([("", 0.0), ("a gap", 0.1)]) == [(25, ""), (50, "a gap")]


async def test_a_step_that_failed_while_others_used_the_machine_is_tried_again() -> None:
    tried = await climbed([("", 1.0), ("a gap", 1.0), ("", 0.1), ("", 0.1)])
    assert tried == [(25, ""), (50, "a gap"), (50, ""), (75, "")]


async def test_a_machine_that_others_never_leave_ends_the_climb_at_the_third_try() -> None:
    assert await climbed([("a gap", 1.0)] * 3) == [(25, "a gap")] * 3
