"""Agents at seats with hard phones: the desk's API in one hand, a telephone in the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from cli.callers.desk_client import DeskClient, DeskRefused
from cli.callers.media import Media
from cli.callers.seat_phone import Manner, SeatPhone, SeatPhones
from tests.system.hotline import Hotline

WAIT_LIMIT_S = 30.0
FIRST_SEAT = 2001
AGAIN_S = 0.05
SERVER_ERROR = 500
NOT_NOW = ("no-link", "too-late")


def filled_in(draft: dict[str, Any], title: str) -> dict[str, Any]:
    """Return what a desk sends for a form with that title."""
    return {"form": {"title": title}, "version": draft["version"]}


class Agent:
    """Somebody who works: signed in at a seat whose telephone does with each call as its `manner` says."""

    def __init__(self, desk: DeskClient, phone: SeatPhone) -> None:
        self.desk = desk
        self.phone = phone

    @property
    def id(self) -> str:
        return str(self.desk.user["id"])

    @property
    def state(self) -> str:
        return str(self.desk.me["state"])

    @property
    def call_id(self) -> str:
        """The call that they ring, talk or wrap up for; empty for none."""
        return str(self.desk.me["call_id"] or "")

    async def becomes(self, state: str, within_s: float = WAIT_LIMIT_S) -> None:
        """Wait until the desk shows that state. Raises TimeoutError with what it shows instead."""
        await self.desk.until(lambda desk: desk.me["state"] == state, within_s)

    async def is_set_aside(self, reason: str, within_s: float = WAIT_LIMIT_S) -> None:
        """Wait until the desk shows that they are not ready, and why. Raises TimeoutError."""
        wanted = ("not-ready", reason)
        await self.desk.until(lambda desk: (desk.me["state"], desk.me["reason"]) == wanted, within_s)

    async def be_ready(self) -> None:
        """Become ready as soon as the centre knows of the telephone."""
        await self.desk.until(lambda desk: bool(desk.me["phone_reachable"]))
        await self.desk.ask("POST", "/api/agent/ready")

    async def insists(
        self, method: str, path: str, body: object = None, within_s: float = WAIT_LIMIT_S
    ) -> Any:
        """Ask the desk, again and again while it or the centre cannot be asked at the moment.

        Raises DeskRefused with what else the desk says: that of a request may be that it was carried out before.
        """
        async with asyncio.timeout(within_s):
            while True:
                try:
                    return await self.desk.ask(method, path, body)
                except DeskRefused as refused:
                    if refused.status < SERVER_ERROR and refused.code not in NOT_NOW:
                        raise
                except (aiohttp.ClientError, OSError):
                    pass
                await asyncio.sleep(AGAIN_S)

    async def presses(self, what: str) -> None:
        """Press a key of the desk (`hold`, `resume`, ...), again while that cannot be done at the moment."""
        await self.insists("POST", f"/api/agent/{what}")

    async def hang_up(self) -> None:
        """End the call at the desk, and wait for the wrap-up."""
        await self.desk.ask("POST", "/api/agent/hang-up")
        await self.becomes("wrap-up")

    async def confirm(self, title: str = "路灯不亮") -> str:
        """Fill the form in and confirm it; return the id of the call that is closed by it."""
        call_id = self.call_id
        form = await self.desk.ask("GET", f"/api/calls/{call_id}/form")
        await self.desk.ask("POST", f"/api/calls/{call_id}/confirm", filled_in(form, title))
        await self.desk.until(lambda desk: desk.me["call_id"] != call_id)
        return call_id

    async def serve(self) -> str:
        """Talk with the next caller, hang up, confirm the form; return the call's id."""
        await self.becomes("talking")
        await self.hang_up()
        return await self.confirm()


class Staff:
    """Everybody who works at this hotline's seats with hard phones."""

    def __init__(self, hotline: Hotline, phones: SeatPhones, stack: AsyncExitStack) -> None:
        self._hotline = hotline
        self._phones = phones
        self._stack = stack
        self._seats = iter(map(str, range(FIRST_SEAT, FIRST_SEAT + 100)))

    async def agent(
        self, username: str, manner: Manner | None = None, says: Path | None = None, **profile: Any
    ) -> Agent:
        """Somebody with an account, signed in at the next seat, not ready yet; `profile` as for `add_person`."""
        await self._hotline.add_person(username, **profile)
        seat = next(self._seats)
        secret = self._hotline.deployment.seat_password(seat)
        phone = await self._phones.register(seat, secret, manner, says)
        desk = await self._stack.enter_async_context(self._hotline.client(username, seat))
        return Agent(desk, phone)

    async def ready_agent(
        self, username: str, manner: Manner | None = None, says: Path | None = None, **profile: Any
    ) -> Agent:
        """The same, and ready for calls."""
        agent = await self.agent(username, manner, says, **profile)
        await agent.be_ready()
        return agent

    async def sign_in_again(self, agent: Agent) -> None:
        """Let somebody whose session is gone sign in at their seat once more."""
        username, seat = str(agent.desk.user["username"]), agent.phone.number
        agent.desk = await self._stack.enter_async_context(self._hotline.client(username, seat))


@asynccontextmanager
async def staff_of(hotline: Hotline, media: Media) -> AsyncIterator[Staff]:
    """Nobody at first; whoever comes, leaves at the end."""
    sip = hotline.deployment.config.hotline.sip
    async with AsyncExitStack() as stack:
        phones = await stack.enter_async_context(SeatPhones((sip.host, sip.port), media))
        yield Staff(hotline, phones, stack)
