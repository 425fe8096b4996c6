"""Citizens who call: SIP calls with audio from an address that the switch knows as its trunk."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.callers.media import Media, RtpPort
from cli.callers.party import HANG_UP_LIMIT_S, Ended, Party
from cli.callers.report import Report
from cli.callers.sipp import Sipp, SippFailed

CALLERS_HOST = "127.0.0.2"
LINES = 160
LINE_LIMIT_S = 5.0
CLOSE_LIMIT_S = 3.0
REMEMBER_S = 20.0


class Caller(Party):
    """One citizen's call, begun by `Callers.call`."""

    def __init__(self, sipp: Sipp, line: str, media: RtpPort, number: str, says: Path | None) -> None:
        self.number = number
        self.dialled_at = asyncio.get_running_loop().time()
        self._says = says
        loop = asyncio.get_running_loop()
        self._taken: asyncio.Future[None] = loop.create_future()
        self._ring: asyncio.Future[None] = loop.create_future()
        super().__init__(sipp, line, media)

    def __str__(self) -> str:
        return f"the call to {self.number} ({self.line})"

    @property
    def taken(self) -> bool:
        """True from the switch's first answer of any kind."""
        return self._taken.done()

    async def ringing(self, within_s: float = LINE_LIMIT_S) -> None:
        """Wait until the other side rings. Raises TimeoutError, NotAnswered, SippFailed."""
        await asyncio.wait_for(asyncio.shield(self._ring), within_s)

    async def hang_up(self, within_s: float = HANG_UP_LIMIT_S) -> Ended:
        """Hang up; before the answer: cancel, as soon as the switch has taken the call (RFC 3261, 9.1).

        Raises TimeoutError, SippFailed.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._taken), within_s)
        except TimeoutError:
            raise TimeoutError(f"{self} was not even taken within {within_s:g} s") from None
        return await super().hang_up(within_s)

    def _on_report(self, report: Report) -> None:
        if not self._taken.done():
            self._taken.set_result(None)
        match report.event:
            case "trying":
                pass
            case "ringing":
                if not self._ring.done():
                    self._ring.set_result(None)
            case "answered":
                self._on_answer(report, report.audio_address(), self._says)
            case "bye":
                self._over("hotline", 200, report)
            case "hung-up":
                self._over("party", 200, report)
            case "cancelled":
                self._over("party", 487, report)
            case "failed" if report.code:
                self._over("hotline", report.code, report)
            case _:
                self._lost("gave the call up" if report.event == "gave-up" else "ended")

    def _fail_waits(self, failure: Exception) -> None:
        super()._fail_waits(failure)
        if not self._ring.done():
            self._ring.set_exception(failure)
            self._ring.exception()


class Callers:
    """Everybody who may call: up to `lines` calls at a time. Use as an asynchronous context manager.

    `switch` is Asterisk's SIP address. `host` is where calls come from: an address that one of the switch's trunks
    names, and no phone of it has. `remember_s` is how much of what a caller hears is kept, in seconds.
    """

    def __init__(
        self,
        switch: tuple[str, int],
        media: Media,
        *,
        host: str = CALLERS_HOST,
        lines: int = LINES,
        remember_s: float = REMEMBER_S,
    ) -> None:
        self._sipp = Sipp(switch, host, lines)
        self._media = media
        self._remember_s = remember_s
        self._calls: list[Caller] = []

    async def __aenter__(self) -> Self:
        await self._sipp.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def call(
        self,
        number: str,
        *,
        from_number: str,
        name: str | None = None,
        says: Path | None = None,
        raw_from: str | None = None,
    ) -> Caller:
        """Dial. From the answer on, the recording `says` is played over and over; without one nothing is sent.

        `raw_from` replaces the From header's value as it is, for what no honest telephone sends: anything but NUL
        and ESC may stand in it, bytes that are no UTF-8 as surrogates. Raises SippFailed.
        """
        line = await self._sipp.idle_line(LINE_LIMIT_S)
        port = self._media.open(self._sipp.host, self._remember_s)
        caller = Caller(self._sipp, line, port, number, says)
        self._calls = [call for call in self._calls if not call.over]
        self._calls.append(caller)
        sender = raw_from if raw_from is not None else _from(from_number, name, self._sipp.host)
        try:
            self._sipp.tell(line, "dial", Number=number, Port=str(port.number), **{"From-Header": sender})
        except BaseException:
            caller.abandon()
            raise
        return caller

    async def close(self) -> None:
        """Hang up every call, then end."""
        calls = [call for call in self._calls if call.taken and not call.over]
        with contextlib.suppress(SippFailed, TimeoutError):
            await asyncio.gather(*(call.hang_up(CLOSE_LIMIT_S) for call in calls))
        for call in self._calls:
            call.media.close()
        await self._sipp.stop()


def _from(number: str, name: str | None, host: str) -> str:
    """A From header's value (RFC 3261, 25.1): the name as a quoted string."""
    if name is None:
        return f"<sip:{number}@{host}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <sip:{number}@{host}>'
