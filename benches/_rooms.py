"""Rooms for a bench: a caller and an agent who hear each other, brought together by the whole product."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path

import msgspec

from benches._centre import CITIZENS_NUMBER, Centre
from cli.callers.caller import Caller
from cli.callers.seat_phone import PhoneCall, SeatPhone

ANSWER_LIMIT_S = 10.0
LONG_S = 86_400.0
NUMBER = re.compile(r"sip:([0-9]+)@")


class Room(msgspec.Struct, frozen=True):
    """One call. `answered_s` is from dialling to the answer, `joined_s` to the agent's phone being up."""

    caller: Caller
    agent: PhoneCall
    joined_at: float
    answered_s: float
    joined_s: float


class Rooms:
    """Brings callers together with the agents at phones."""

    def __init__(self, centre: Centre, phones: list[SeatPhone], voice: Path) -> None:
        self.calls = 0
        """Callers who were answered, with or without an agent after it."""
        self._centre = centre
        self._voice = voice
        self._numbers = (f"138{number:08}" for number in itertools.count(1))
        self._answered: dict[str, asyncio.Future[PhoneCall]] = {}
        self._listening = [asyncio.create_task(self._listen(phone)) for phone in phones]

    async def close(self) -> None:
        """Listen to the phones no more."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def open(self) -> Room:
        """Let somebody call, and return when they and an agent are together.

        Raises TimeoutError, SippFailed; the caller has hung up then.
        """
        number = next(self._numbers)
        together: asyncio.Future[PhoneCall] = asyncio.get_running_loop().create_future()
        self._answered[number] = together
        caller = await self._centre.callers.call(CITIZENS_NUMBER, from_number=number, says=self._voice)
        try:
            await caller.answered(ANSWER_LIMIT_S)
            self.calls += 1
            agent = await asyncio.wait_for(together, ANSWER_LIMIT_S)
            await agent.answered(ANSWER_LIMIT_S)
        except BaseException:
            if not caller.over:
                await caller.hang_up()
            raise
        finally:
            del self._answered[number]
        assert caller.answered_at is not None and agent.answered_at is not None
        answered_s = caller.answered_at - caller.dialled_at
        joined_s = agent.answered_at - caller.dialled_at
        return Room(caller, agent, agent.answered_at, answered_s, joined_s)

    async def _listen(self, phone: SeatPhone) -> None:
        """Learn which caller each call at a phone is for."""
        while True:
            call = await phone.rung(LONG_S)
            number = NUMBER.search(call.from_header)
            together = self._answered.get(number[1]) if number else None
            if together is not None and not together.done():
                together.set_result(call)
