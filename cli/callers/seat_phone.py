"""Hard phones at seats: they register with the switch, ring, and do with a call what they are told to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from cli.callers.media import Media, RtpPort
from cli.callers.party import HANG_UP_LIMIT_S, Ended, NotAnswered, Party
from cli.callers.report import Report
from cli.callers.sipp import Sipp, SippFailed

logger = logging.getLogger(__name__)

PHONES_HOST = "127.0.0.3"
REGISTER_LIMIT_S = 10.0
RING_LIMIT_S = 30.0
CLOSE_LIMIT_S = 3.0
EXPIRES_S = 3_600
RENEW_S = EXPIRES_S / 2
SPARE_LINES = 4
REMEMBER_S = 20.0


class Answers(msgspec.Struct, frozen=True):
    """Rings for `after_s` seconds, then answers; 0 answers without ringing."""

    after_s: float = 0.0


class Rings(msgspec.Struct, frozen=True):
    """Rings until it is told to answer or to refuse, or until the switch gives up."""


class Refuses(msgspec.Struct, frozen=True):
    """Is busy (486)."""


class Unreachable(msgspec.Struct, frozen=True):
    """Is registered, and gives no sign of life."""


Manner = Answers | Rings | Refuses | Unreachable


class RegistrationRefused(Exception):
    """The switch does not let this phone in; the text holds its answer."""


class PhoneCall(Party):
    """One call at a phone. `rung_at` is when its INVITE reached the phone, as `time.monotonic`, to a millisecond."""

    def __init__(self, sipp: Sipp, phone: SeatPhone, invite: Report, media: RtpPort) -> None:
        super().__init__(sipp, invite.line, media)
        self.phone = phone
        self.rung_at = invite.at
        self.invite = invite.message
        self.from_header = invite.header("From")
        self._remote = invite.audio_address()
        self._decided = False
        self._answering = False

    def __str__(self) -> str:
        return f"the call at phone {self.phone.number} ({self.line})"

    def ring(self) -> None:
        self._sipp.tell(self.line, "ring")

    def answer(self) -> None:
        """Answer, once; a call that is over or decided already is left as it is."""
        if self._decide():
            self._answering = True
            self._sipp.tell(self.line, "answer", Port=str(self.media.number))

    def refuse(self) -> None:
        """Refuse with 486, once; a call that is over or decided already is left as it is."""
        if self._decide():
            self._sipp.tell(self.line, "refuse")

    async def hang_up(self, within_s: float = HANG_UP_LIMIT_S) -> Ended:
        """Hang up; before the answer: refuse."""
        if self._answering:
            with contextlib.suppress(NotAnswered):
                await self.answered(within_s)
            return await super().hang_up(within_s)
        self.refuse()
        return await self.ended(within_s)

    def _decide(self) -> bool:
        first = not self._decided and not self.over
        self._decided = True
        return first

    def _on_report(self, report: Report) -> None:
        match report.event:
            case "answered":
                self._on_answer(report, self._remote, self.phone.says)
            case "bye":
                self._over("hotline", 200, report)
            case "hung-up":
                self._over("party", 200, report)
            case "cancelled":
                self._over("hotline", 487, report)
            case "refused":
                self._over("party", 486, report)
            case _:
                self._lost("gave the call up" if report.event == "gave-up" else "ended")


class SeatPhone:
    """One registered phone. Made by `SeatPhones.register`.

    `manner` is what it does with the next call, and may be changed at any time; `says` is what it says from the
    answer on, over and over.
    """

    def __init__(self, number: str, secret: str, manner: Manner, says: Path | None) -> None:
        self.number = number
        self.secret = secret
        self.manner = manner
        self.says = says
        self.call: PhoneCall | None = None
        self._calls: asyncio.Queue[PhoneCall] = asyncio.Queue()

    async def rung(self, within_s: float = RING_LIMIT_S) -> PhoneCall:
        """Return the next call that has reached this phone, in their order. Raises TimeoutError."""
        try:
            return await asyncio.wait_for(self._calls.get(), within_s)
        except TimeoutError:
            raise TimeoutError(f"phone {self.number} was not called within {within_s:g} s") from None

    def take(self, call: PhoneCall) -> None:
        """Do with a call as the phone's manner is; a phone that has a call already is busy."""
        busy = self.call is not None and not self.call.over
        if not busy:
            self.call = call
        self._calls.put_nowait(call)
        if busy:
            call.refuse()
            return
        match self.manner:
            case Answers(after_s=0):
                call.answer()
            case Answers(after_s=after_s):
                call.ring()
                asyncio.get_running_loop().call_later(after_s, call.answer)
            case Rings():
                call.ring()
            case Refuses():
                call.refuse()
            case Unreachable():
                pass


class SeatPhones:
    """All hard phones, on one address and port. Use as an asynchronous context manager.

    `switch` is Asterisk's SIP address; `host` must not be an address of one of its trunks.
    """

    def __init__(
        self,
        switch: tuple[str, int],
        media: Media,
        *,
        host: str = PHONES_HOST,
        remember_s: float = REMEMBER_S,
    ) -> None:
        self._sipp = Sipp(switch, host, SPARE_LINES)
        self._media = media
        self._remember_s = remember_s
        self._phones: dict[str, SeatPhone] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._sipp.start(self._on_invite)
        self._renewing = asyncio.create_task(self._renew(), name="phones-renew")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def register(
        self, number: str, secret: str, manner: Manner | None = None, says: Path | None = None
    ) -> SeatPhone:
        """Return a phone that is registered. It answers at once unless `manner` says otherwise.

        Raises RegistrationRefused, SippFailed; ValueError for a number that is registered already.
        """
        if number in self._phones:
            raise ValueError(f"phone {number} is registered already")
        phone = SeatPhone(number, secret, Answers() if manner is None else manner, says)
        # The switch may call as soon as it has the registration, before we know.
        self._phones[number] = phone
        try:
            await self._registration(phone, EXPIRES_S)
        except BaseException:
            del self._phones[number]
            raise
        return phone

    async def unregister(self, phone: SeatPhone) -> None:
        """Take a phone off the switch. Raises as `register`."""
        await self._registration(phone, 0)
        self._phones.pop(phone.number, None)

    async def close(self) -> None:
        """Hang up, unregister, end."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        phones = list(self._phones.values())
        with contextlib.suppress(SippFailed, TimeoutError, RegistrationRefused):
            calls = [phone.call for phone in phones if phone.call is not None and not phone.call.over]
            await asyncio.gather(*(call.hang_up(CLOSE_LIMIT_S) for call in calls))
            await asyncio.gather(*(self.unregister(phone) for phone in phones))
        for phone in phones:
            if phone.call is not None:
                phone.call.media.close()
        await self._sipp.stop()

    async def _registration(self, phone: SeatPhone, expires_s: int) -> None:
        line = await self._sipp.idle_line(REGISTER_LIMIT_S)
        done: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
        self._sipp.listen(line, lambda report: None if done.done() else done.set_result(report))
        try:
            self._sipp.tell(line, "register", User=phone.number, Secret=phone.secret, Expires=str(expires_s))
            report = await asyncio.wait_for(done, REGISTER_LIMIT_S)
        except TimeoutError:
            raise SippFailed(f"phone {phone.number}: no answer to REGISTER:\n{self._sipp.said()}") from None
        finally:
            self._sipp.forget(line)
        if report.event == "refused":
            raise RegistrationRefused(f"phone {phone.number}: {report.message.splitlines()[0]}")
        if report.event != "registered":
            raise SippFailed(f"phone {phone.number}: {report.event}:\n{self._sipp.said()}")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            renewals = [self._registration(phone, EXPIRES_S) for phone in self._phones.values()]
            for outcome in await asyncio.gather(*renewals, return_exceptions=True):
                if isinstance(outcome, Exception):
                    logger.warning("a phone may be gone soon: %s", outcome)

    def _on_invite(self, report: Report) -> None:
        number = report.message.split("sip:", 1)[-1].split("@", 1)[0]
        phone = self._phones.get(number)
        if phone is None:
            return
        port = self._media.open(self._sipp.host, self._remember_s)
        phone.take(PhoneCall(self._sipp, phone, report, port))
