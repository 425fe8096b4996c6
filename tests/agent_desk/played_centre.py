"""A centre whose switch is played by the test: the real rules, over the real command bus and live state."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from telephony.acd import Acd, acd_policy
from telephony.call import Call
from telephony.centre import Centre, policy_of
from telephony.centre.actions import Action, RingSeat
from telephony.centre.facts import (
    CallerArrived,
    Fact,
    LegEnd,
    LegGone,
    PhoneReachable,
    RoomEntered,
    Snapshot,
)
from telephony.command_bus import CommandBus
from telephony.commands import AnyCommand, RecordKept
from telephony.config import Config
from telephony.live import Commit, LiveWriter


class PlayedCentre:
    """What the controller does, with callers and phones at the test's word; `asked` are the commands that came."""

    def __init__(self, config: Config, redis: Redis) -> None:
        self._redis = redis
        self._writer = LiveWriter(redis)
        self._commits: asyncio.Queue[Commit] = asyncio.Queue()
        self._rings: asyncio.Queue[RingSeat] = asyncio.Queue()
        self.centre = Centre(policy_of(config), Acd(acd_policy(config)))
        self.asked: list[AnyCommand] = []
        self.told(Snapshot(legs=[], reachable_seats=list(config.hotline.seats.browser_numbers), journal=[]))

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Serve commands and write live state for as long as the context lasts."""
        writing = asyncio.create_task(self._write())
        self._start_serving()
        try:
            yield
        finally:
            await self._stop_serving()
            await ended(writing)

    @asynccontextmanager
    async def on_strike(self) -> AsyncIterator[None]:
        """Answer no command for as long as the context lasts, as a controller that died."""
        await self._stop_serving()
        try:
            yield
        finally:
            self._start_serving()

    def _start_serving(self) -> None:
        self._serving = asyncio.create_task(CommandBus(self._redis).serve(self._obey))

    async def _stop_serving(self) -> None:
        await ended(self._serving)

    def told(self, fact: Fact) -> None:
        """Have the switch say something."""
        self._moved(*self.centre.told(fact, time.time()))

    async def written(self) -> None:
        """Return when all that happened so far is live state."""
        await asyncio.wait_for(self._commits.join(), 10)

    async def call_comes_in(
        self, number: str = "13800138000", name: str = "张三", dialled: str = "12345"
    ) -> Call:
        """Let a caller dial in and enter their room."""
        call_id, leg = str(uuid.uuid4()), f"caller-{uuid.uuid4()}"
        self.told(
            CallerArrived(
                call_id=call_id,
                leg=leg,
                caller_number=number,
                caller_name=name,
                dialled=dialled,
                since=time.time(),
            )
        )
        self.told(RoomEntered(call_id=call_id, leg=leg))
        await self.written()
        return self.centre.calls[call_id]

    async def phone_answers(self) -> Call:
        """Let the phone that rings next answer."""
        ring = await asyncio.wait_for(self._rings.get(), 10)
        self.told(RoomEntered(call_id=ring.call_id, leg=ring.leg))
        await self.written()
        return self.centre.calls[ring.call_id]

    async def phone_does_not_answer(self) -> Call:
        """Let the phone that rings next ring out."""
        ring = await asyncio.wait_for(self._rings.get(), 10)
        self.told(LegGone(leg=ring.leg, end=LegEnd.NO_ANSWER))
        await self.written()
        return self.centre.calls[ring.call_id]

    async def caller_hangs_up(self, call: Call) -> None:
        """Let the caller go."""
        self.told(LegGone(leg=call.caller.leg, end=LegEnd.HUNG_UP))
        await self.written()

    async def record_is_kept(self, call: Call) -> None:
        """Let the records' keeper be done with a closed call."""
        self._moved(*self.centre.asked(RecordKept(call_id=call.id), time.time()))
        await self.written()

    async def phone_is_lost(self, seat: str) -> None:
        """Let a seat's phone lose its registration."""
        self.told(PhoneReachable(seat=seat, reachable=False))
        await self.written()

    async def rewrite(self) -> None:
        """Write everything anew, as a controller does after Redis was away."""
        await self._writer.rewrite(self.centre.everything())

    def _obey(self, command: AnyCommand) -> None:
        self.asked.append(command)
        self._moved(*self.centre.asked(command, time.time()))

    def _moved(self, actions: list[Action], commit: Commit) -> None:
        for action in actions:
            if isinstance(action, RingSeat):
                self._rings.put_nowait(action)
        if commit.events or commit.calls or commit.agents or commit.calls_gone or commit.agents_gone:
            self._commits.put_nowait(commit)

    async def _write(self) -> None:
        while True:
            commit = await self._commits.get()
            await self._writer.write(commit)
            self._commits.task_done()


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and return when it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
