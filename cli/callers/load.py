"""Many callers at a steady rate, as a trunk would bring them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from cli.callers.caller import Caller, Callers
from cli.callers.party import Ended, NotAnswered
from cli.callers.sipp import SippFailed

ANSWER_LIMIT_S = 10.0


class CallOutcome(msgspec.Struct, frozen=True):
    """What became of one call of a load.

    `dialled_at` is `time.monotonic`; `answer_ms` is None for a call that was never answered, and then `failure` says
    why. `largest_gap_ms` is of the audio that the caller heard, from its first packet to the end.
    """

    number: int
    dialled_at: float
    answer_ms: float | None
    packets_heard: int
    packets_sent: int
    lost: int
    largest_gap_ms: float
    ended: Ended | None
    failure: str = ""


class CallLoad(msgspec.Struct, frozen=True):
    """`total` calls to `number`, `rate` of them a second, each hung up `hold_s` seconds after its answer.

    Caller n has the number `first_number` + n and says recording n of `says`, counted round.
    """

    number: str
    rate: float
    total: int
    hold_s: float
    says: Sequence[Path]
    first_number: int = 13_800_000_000

    async def run(
        self, callers: Callers, answered: Callable[[Caller], None] | None = None
    ) -> list[CallOutcome]:
        """Make all calls and return what became of each, in the order of dialling.

        `answered` is told of each call at its answer. No call's failure stops the others.
        """
        begun = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            calls = []
            for index in range(self.total):
                # A rate is a clock's: nothing else says when the next citizen dials.
                await asyncio.sleep(begun + index / self.rate - time.monotonic())
                calls.append(tasks.create_task(self._one(callers, index, answered)))
        return [call.result() for call in calls]

    async def _one(
        self, callers: Callers, index: int, answered: Callable[[Caller], None] | None
    ) -> CallOutcome:
        dialled_at = time.monotonic()
        says = self.says[index % len(self.says)] if self.says else None
        try:
            caller = await callers.call(self.number, from_number=str(self.first_number + index), says=says)
        except SippFailed as error:
            return CallOutcome(index, dialled_at, None, 0, 0, 0, float("inf"), None, str(error))
        failure = ""
        ended = None
        try:
            await caller.answered(ANSWER_LIMIT_S)
            if answered is not None:
                answered(caller)
            try:
                ended = await caller.ended(self.hold_s)
            except TimeoutError:
                ended = await caller.hang_up()
        except (SippFailed, NotAnswered, TimeoutError) as error:
            failure = str(error)
            caller.abandon()
        heard = caller.media.heard
        return CallOutcome(
            index,
            dialled_at,
            None if caller.answered_at is None else (caller.answered_at - dialled_at) * 1e3,
            heard.packets,
            caller.media.sent,
            heard.lost,
            heard.largest_gap_ms(),
            ended,
            failure,
        )
