"""How soon an agent's phone rings: ours beside Asterisk's own app_queue, on the same Asterisk in the same run.

Two situations, each with ours and theirs by turns. *An agent is free and a caller comes*: from the moment that
the caller is told to dial until the INVITE at the agent's phone. *A caller waits and an agent becomes free*: from
the moment before the request that frees the agent is sent (ours: the command SetReady, as the desk sends it;
theirs: QueuePause over AMI, as a desk for app_queue would) until the INVITE at that agent's phone; agents become
free at random moments.

Everything of ours runs: the caller is recorded, live state is written, each call becomes a record. Of theirs only
Answer and Queue run. Callers and phones are two SIPp processes. All moments are of one machine's monotonic clock;
an INVITE's is that of its receipt by SIPp, 0.1 to 1.1 ms after its arrival in the kernel, for both sides alike.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Protocol

import msgspec

from benches._app_queue import AppQueue
from benches._centre import Centre, running_centre
from benches.report import Goal, Report, Value, at_most
from cli.callers.audio import tone, write_wav
from cli.callers.caller import Caller
from cli.callers.media import Media
from cli.callers.seat_phone import PhoneCall, Rings, SeatPhone
from telephony.call import Call, CallState
from telephony.commands import SetNotReady
from telephony.live import Live

SEATS = [str(number) for number in range(2001, 2011)]
WARM_UP = 20
TRIALS = 150
TRIAL_EVERY_S = 0.1
"""Also the time that the record of the trial before has to be made in."""
READY_ROUNDS = 12
"""Rounds in which as many callers wait as there are seats, and every agent becomes free once."""
PHASE_S = 1.0
"""app_queue looks once in so long whether a member is free: agents become free at any moment of it."""
CALLER_NUMBER = "13800138000"
PAUSE_REASON = "break"
MORE_THAN_PEER_MS = 30.0
P99_MS = 150.0


class Side(Protocol):
    """Ours or theirs: how its callers call and its agents become free. `expect` comes before the calls."""

    name: str
    number: str

    async def set_free(self, seat: str) -> None:
        """Let the agent be given calls."""

    async def set_away(self, seat: str) -> None:
        """Let the agent be given no calls."""

    def expect(self, callers: int) -> None:
        """Say how many callers `all_wait` is about."""

    async def all_wait(self) -> None:
        """Return when that many callers wait."""


class Ours:
    """The hotline: controller, ACD, room."""

    name = "hotline"
    number = "12345"

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._callers = 0

    async def set_free(self, seat: str) -> None:
        await self._centre.ready(seat)

    async def set_away(self, seat: str) -> None:
        await self._centre.bus.ask(SetNotReady(agent_id=seat, reason=PAUSE_REASON))

    def expect(self, callers: int) -> None:
        self._callers = callers

    async def all_wait(self) -> None:
        await self._centre.until(lambda live: len(_in_their_rooms(live)) == self._callers)


def _in_their_rooms(live: Live) -> list[Call]:
    return [call for call in live.calls.values() if call.state is CallState.WAITING and call.caller.in_room]


class Times(msgspec.Struct, frozen=True):
    """Times of one side in one situation, in ms."""

    median: float
    p99: float
    worst: float


Measured = dict[str, list[float]]


async def run() -> Report:
    """Measure both situations on a centre of its own."""
    theirs = AppQueue(SEATS)
    with tempfile.TemporaryDirectory(prefix="hotline-answer-") as folder, Media() as media:
        voice = Path(folder) / "voice.wav"
        write_wav(voice, tone(440.0, 2.0))
        async with running_centre(media, changes={}, amend=theirs.amend) as centre:
            phones = await centre.staff(SEATS, Rings())
            async with theirs.connected(centre.deployment.config.hotline.sip.ami_port):
                sides: list[Side] = [Ours(centre), theirs]
                for seat in SEATS:
                    await theirs.set_away(seat)
                bench = _Bench(centre, phones, voice)
                free = await bench.free_agents(sides)
                waiting = await bench.waiting_callers(sides)
        late_ms = media.largest_lateness_ms
    return _report(free, waiting, late_ms)


class _Bench:
    def __init__(self, centre: Centre, phones: list[SeatPhone], voice: Path) -> None:
        self._centre = centre
        self._phones = phones
        self._voice = voice

    async def free_agents(self, sides: list[Side]) -> Measured:
        """One agent is free on both sides, and one caller after the other comes."""
        loop = asyncio.get_running_loop()
        phone = self._phones[0]
        for side in sides:
            await side.set_free(phone.number)
        took: Measured = {side.name: [] for side in sides}
        for trial in range(WARM_UP + TRIALS):
            for side in sides if trial % 2 else reversed(sides):
                began = loop.time()
                caller = await self._call(side)
                ringing = await phone.rung()
                if trial >= WARM_UP:
                    took[side.name].append((ringing.rung_at - caller.dialled_at) * 1000)
                await _end(caller, ringing)
                await asyncio.sleep(max(0.0, began + TRIAL_EVERY_S - loop.time()))
        for side in sides:
            await side.set_away(phone.number)
        return took

    async def waiting_callers(self, sides: list[Side]) -> Measured:
        """As many callers wait as there are agents, and one agent after the other becomes free."""
        took: Measured = {side.name: [] for side in sides}
        for _ in range(READY_ROUNDS):
            for side in sides:
                side.expect(len(self._phones))
                callers = [await self._call(side) for _ in self._phones]
                await asyncio.gather(*(caller.answered() for caller in callers))
                await side.all_wait()
                rung = await asyncio.gather(*(_become_free(side, phone) for phone in self._phones))
                took[side.name] += [milliseconds for _, milliseconds in rung]
                for phone in self._phones:
                    await side.set_away(phone.number)
                await asyncio.gather(*(caller.hang_up() for caller in callers))
                await asyncio.gather(*(call.ended() for call, _ in rung))
        return took

    async def _call(self, side: Side) -> Caller:
        return await self._centre.callers.call(side.number, from_number=CALLER_NUMBER, says=self._voice)


async def _become_free(side: Side, phone: SeatPhone) -> tuple[PhoneCall, float]:
    await asyncio.sleep(random.uniform(0.0, PHASE_S))
    began = time.monotonic()
    _, call = await asyncio.gather(side.set_free(phone.number), phone.rung())
    return call, (call.rung_at - began) * 1000


async def _end(caller: Caller, ringing: PhoneCall) -> None:
    """The caller gives up, and the phone with them: so the agent is free again."""
    await caller.answered()
    await caller.hang_up()
    await ringing.ended()


def _times(took: list[float]) -> Times:
    ordered = sorted(took)
    return Times(statistics.median(ordered), ordered[math.ceil(0.99 * len(ordered)) - 1], ordered[-1])


def _report(free: Measured, waiting: Measured, late_ms: float) -> Report:
    ours, theirs = _times(free[Ours.name]), _times(free[AppQueue.name])
    ours_waiting, theirs_waiting = _times(waiting[Ours.name]), _times(waiting[AppQueue.name])
    return Report(
        bench="answer",
        figures={
            "ours_median_ms": round(ours.median, 2),
            "ours_p99_ms": round(ours.p99, 2),
            "app_queue_median_ms": round(theirs.median, 2),
            "app_queue_p99_ms": round(theirs.p99, 2),
            "ratio": round(ours.median / theirs.median, 2),
            "waiting_ours_median_ms": round(ours_waiting.median, 2),
            "waiting_ours_p99_ms": round(ours_waiting.p99, 2),
            "waiting_app_queue_median_ms": round(theirs_waiting.median, 2),
            "waiting_app_queue_p99_ms": round(theirs_waiting.p99, 2),
            "waiting_ratio": round(ours_waiting.median / theirs_waiting.median, 4),
        },
        goals={
            "a caller comes: median": _beside(ours, theirs),
            "a caller comes: p99": _p99(ours),
            "an agent becomes free: median": _beside(ours_waiting, theirs_waiting),
            "an agent becomes free: p99": _p99(ours_waiting),
        },
        conditions={
            "trials_a_side": len(free[Ours.name]),
            "waiting_trials_a_side": len(waiting[Ours.name]),
            "callers_waiting": len(SEATS),
            "app_queue_settings": "linear, autofill, retry 1, nothing announced, not recorded",
            "clock": "CLOCK_MONOTONIC; the INVITE's moment by SIPp, up to 1 ms after its arrival",
            "generator_late_ms": round(late_ms, 1),
        },
        table=_table(
            {
                "an agent is free, a caller comes": (ours, theirs),
                "a caller waits, an agent becomes free": (ours_waiting, theirs_waiting),
            }
        ),
    )


def _beside(ours: Times, theirs: Times) -> Goal:
    return at_most(round(theirs.median + MORE_THAN_PEER_MS, 2), round(ours.median, 2))


def _p99(ours: Times) -> Goal:
    return Goal(f"under {P99_MS:g} ms", round(ours.p99, 2), ours.p99 < P99_MS)


def _table(situations: dict[str, tuple[Times, Times]]) -> list[list[Value]]:
    table: list[list[Value]] = [["until the phone's INVITE, ms", "side", "median", "p99", "slowest"]]
    for situation, sides in situations.items():
        for name, times in zip((Ours.name, AppQueue.name), sides, strict=True):
            table.append([situation, name, times.median, times.p99, times.worst])
    return table
