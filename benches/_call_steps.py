"""The two climbs of the bench `calls`: more and more rooms, then more and more calls a second, until a step fails.

A step that fails while other programs use the machine tells little: it is tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec

from benches._centre import Centre
from benches._cpu import OTHERS, CpuMeter
from benches._room_media import Heard, heard_since, lost, together
from benches._rooms import Room, Rooms
from cli.callers.media import Media
from cli.callers.sipp import SippFailed

ROOMS_A_STEP = 25
FILL_A_SECOND = 5.0
HOLD_S = 8.0
RATES_APART, FASTEST_RATE = 5, 40
CALL_S = 3.0
LARGEST_GAP_MS = 60.0
SLOWEST_SETUP_S = 1.0
LATEST_MS = 200.0
"""Callers and phones that send later than so are no load that a network would carry; also where they share cores."""
DISTURBED_CORES = 0.25
TRIES = 3

T = TypeVar("T")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `size` is rooms, or calls a second; `failure` is empty where it was passed.

    `answered_s` and `joined_s` are each call's time from dialling to the answer, and until the agent is there too.
    `cores` are those of `CpuMeter`; `late_ms` is how late the generator was at worst with sending audio.
    """

    size: int
    failure: str
    answered_s: list[float]
    joined_s: list[float]
    largest_gap_ms: float
    cores: dict[str, float]
    late_ms: float

    @property
    def disturbed(self) -> bool:
        """Whether programs that are no part of the bench took more than a quarter of a core."""
        return self.cores[OTHERS] > DISTURBED_CORES


class Climb:
    """Both climbs on one centre. `most_rooms` is how many there are agents for."""

    def __init__(self, centre: Centre, rooms: Rooms, media: Media, most_rooms: int) -> None:
        self._rooms = rooms
        self._media = media
        self._meter = CpuMeter(centre.launcher)
        self._most_rooms = most_rooms

    async def fill(self) -> list[Step]:
        """Add rooms, hold them, add more, until a step fails or no agents are left; then end all calls."""
        standing: list[Room] = []
        sizes = range(ROOMS_A_STEP, self._most_rooms + 1, ROOMS_A_STEP)
        steps = await climb(sizes, lambda size: self._hold(standing, size))
        await asyncio.gather(*(room.caller.hang_up() for room in standing))
        return steps

    async def pace(self) -> list[Step]:
        """Let short calls come at an even pace, then faster, until a step fails."""
        return await climb(range(RATES_APART, FASTEST_RATE + 1, RATES_APART), self._let_come)

    async def _hold(self, standing: list[Room], size: int) -> Step:
        """Add rooms up to `size`, and hold them all."""
        since, lost_before = self._begin(), lost(standing)
        opened, failure = await at_pace(size - len(standing), FILL_A_SECOND, self._rooms.open)
        standing += opened
        if not failure:
            await asyncio.sleep(HOLD_S)
        cores, late_ms = self._meter.read(), self._media.largest_lateness_ms
        heard = heard_since(standing, since, lost_before)
        failure = failure or _fault(heard) or _lateness(late_ms)
        return _step(len(standing), failure, opened, heard.largest_gap_ms, cores, late_ms)

    async def _let_come(self, rate: int) -> Step:
        self._begin()
        came, failure = await at_pace(round(rate * HOLD_S), float(rate), self._short_call)
        cores, late_ms = self._meter.read(), self._media.largest_lateness_ms
        rooms = [room for room, _ in came]
        heard = together([heard for _, heard in came])
        failure = failure or _slowness(rooms) or _fault(heard) or _lateness(late_ms)
        return _step(rate, failure, rooms, heard.largest_gap_ms, cores, late_ms)

    async def _short_call(self) -> tuple[Room, Heard]:
        room = await self._rooms.open()
        await asyncio.sleep(CALL_S)
        heard = heard_since([room], room.joined_at, 0)
        await room.caller.hang_up()
        await room.agent.ended()
        return room, heard

    def _begin(self) -> float:
        self._media.largest_lateness_ms = 0.0
        self._meter.read()
        return time.monotonic()


async def climb(sizes: Iterable[int], one: Callable[[int], Awaitable[Step]]) -> list[Step]:
    """Try sizes in their order until one fails, undisturbed or for the last time. Returns every try."""
    steps: list[Step] = []
    for size in sizes:
        for _ in range(TRIES):
            steps.append(await one(size))
            if not (steps[-1].failure and steps[-1].disturbed):
                break
        if steps[-1].failure:
            break
    return steps


def _step(
    size: int,
    failure: str,
    rooms: list[Room],
    largest_gap_ms: float,
    cores: dict[str, float],
    late_ms: float,
) -> Step:
    return Step(
        size=size,
        failure=failure,
        answered_s=[room.answered_s for room in rooms],
        joined_s=[room.joined_s for room in rooms],
        largest_gap_ms=largest_gap_ms,
        cores=cores,
        late_ms=late_ms,
    )


def _fault(heard: Heard) -> str:
    if heard.largest_gap_ms > LARGEST_GAP_MS:
        return f"a gap of {heard.largest_gap_ms:.0f} ms at a caller"
    if heard.lost:
        return f"{heard.lost} packets lost on the way to the callers"
    if heard.deaf_callers or heard.deaf_agents:
        return f"{heard.deaf_callers} callers heard no agent, {heard.deaf_agents} agents no caller"
    return ""


def _slowness(rooms: list[Room]) -> str:
    slowest_s = max((room.joined_s for room in rooms), default=0.0)
    return f"a set-up took {slowest_s:.2f} s" if slowest_s > SLOWEST_SETUP_S else ""


def _lateness(late_ms: float) -> str:
    if late_ms > LATEST_MS:
        return f"the load generator was {late_ms:.0f} ms late with sending"
    return ""


async def at_pace(count: int, per_s: float, one: Callable[[], Awaitable[T]]) -> tuple[list[T], str]:
    """Begin `one` so many times at an even pace, whatever becomes of the earlier ones.

    Returns what those that went well returned, and what went wrong with the first that did not.
    """

    async def begin(at: float) -> T:
        await asyncio.sleep(at - loop.time())
        return await one()

    loop = asyncio.get_running_loop()
    start = loop.time()
    outcomes = await asyncio.gather(
        *(begin(start + number / per_s) for number in range(count)), return_exceptions=True
    )
    well = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    ill = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for outcome in ill:
        if not isinstance(outcome, (TimeoutError, SippFailed)):
            raise outcome
    return well, str(ill[0]).partition("\n")[0] or "no agent joined" if ill else ""
