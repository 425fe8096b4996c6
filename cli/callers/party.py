"""What callers and phones have in common: one call's signalling and its audio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from cli.callers.audio import Pcm, level_dbov, packets
from cli.callers.media import RtpPort
from cli.callers.report import Report
from cli.callers.sipp import Sipp, SippFailed

ANSWER_LIMIT_S = 10.0
END_LIMIT_S = 30.0
HANG_UP_LIMIT_S = 10.0
HEAR_LIMIT_S = 5.0
HEAR_STEP_PACKETS = 5


class NotHeard(Exception):
    """A party did not hear in time what it waited for; the text says what it did hear."""


class NotAnswered(SippFailed):
    """A call was over before anybody answered it: `ended` says how."""

    def __init__(self, call: str, ended: Ended) -> None:
        super().__init__(f"{call} was ended by the {ended.by} without an answer: {ended.code}")
        self.ended = ended


class Ended(msgspec.Struct, frozen=True):
    """How a call ended.

    `by` is the side that ended it: this `party`, or the `hotline`. `code` is the SIP response code: 200 for a call
    that was answered and then hung up, 487 for one cancelled before the answer, else that of the refusal. `cause` is
    the hotline's Q.850 cause, when it gave one. `at` is a moment of `time.monotonic`.
    """

    by: Literal["party", "hotline"]
    code: int
    cause: int | None
    at: float


class Party:
    """One side of one call. `media` is its audio: what it heard, and what it says."""

    def __init__(self, sipp: Sipp, line: str, media: RtpPort) -> None:
        self.line = line
        self.media = media
        self.answered_at: float | None = None
        self._sipp = sipp
        self._leaving = False
        loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[None] = loop.create_future()
        self._end: asyncio.Future[Ended] = loop.create_future()
        sipp.listen(line, self._on_report)

    @property
    def up(self) -> bool:
        """True from the answer until either side hangs up."""
        return self.answered_at is not None and not self._end.done()

    @property
    def over(self) -> bool:
        return self._end.done()

    async def answered(self, within_s: float = ANSWER_LIMIT_S) -> None:
        """Wait for the answer. Raises TimeoutError, NotAnswered, SippFailed."""
        try:
            await asyncio.wait_for(asyncio.shield(self._answer), within_s)
        except TimeoutError:
            raise TimeoutError(f"{self} was not answered within {within_s:g} s") from None

    async def ended(self, within_s: float = END_LIMIT_S) -> Ended:
        """Wait until the call is over. Raises TimeoutError, or SippFailed when SIPp lost the call."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._end), within_s)
        except TimeoutError:
            raise TimeoutError(f"{self} was not over within {within_s:g} s") from None

    async def hang_up(self, within_s: float = HANG_UP_LIMIT_S) -> Ended:
        """Hang up, or cancel a call that was not answered yet; nothing is done when it is over already."""
        if not self.over and not self._leaving:
            self._leaving = True
            self.media.heard.end()
            self._sipp.tell(self.line, "hang-up")
        return await self.ended(within_s)

    async def hears(
        self, test: Callable[[Pcm], bool], within_s: float = HEAR_LIMIT_S, window_s: float = 0.5
    ) -> Pcm:
        """Wait until what was heard in the last `window_s` passes `test`, and return it. Raises NotHeard."""
        before = self.media.heard.packets
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    await self.media.more(HEAR_STEP_PACKETS, within_s)
                    pcm = self.media.heard.pcm(window_s)
                    if test(pcm):
                        return pcm
        count = self.media.heard.packets - before
        level = level_dbov(self.media.heard.pcm(window_s))
        raise NotHeard(
            f"{self}: {count} packets in {within_s:g} s, the last {window_s:g} s at {level:.1f} dBov"
        )

    def say(self, recording: Path | None) -> None:
        """Say another recording from its beginning, over and over; None: send nothing at all."""
        self.media.say(() if recording is None else packets(recording))

    async def press(self, keys: str, within_s: float = ANSWER_LIMIT_S) -> None:
        """Press telephone keys (RFC 4733). Returns when the last one is through."""
        await self.media.press(keys, within_s)

    def abandon(self) -> None:
        """Leave a call that could not be begun."""
        self._lost("was not told to begin it")

    def _on_report(self, report: Report) -> None:
        raise NotImplementedError

    def _on_answer(self, report: Report, remote: tuple[str, int], says: Path | None) -> None:
        self.media.start(remote, () if says is None else packets(says))
        self.answered_at = report.at
        if not self._answer.done():
            self._answer.set_result(None)

    def _over(self, by: Literal["party", "hotline"], code: int, report: Report) -> None:
        """End this side: its port is closed, every wait is told."""
        self._release()
        ended = Ended(by, code, report.cause, report.at)
        if not self._end.done():
            self._end.set_result(ended)
        self._fail_waits(NotAnswered(str(self), ended))

    def _lost(self, what: str) -> None:
        """SIPp can say no more of this call."""
        self._release()
        failure = SippFailed(f"{self}: SIPp {what}:\n{self._sipp.said()}")
        if not self._end.done():
            self._end.set_exception(failure)
            # Nobody need wait for a call: an exception that nobody takes is no fault.
            self._end.exception()
        self._fail_waits(failure)

    def _fail_waits(self, failure: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(failure)
            self._answer.exception()

    def _release(self) -> None:
        self.media.close()
        self._sipp.forget(self.line)
