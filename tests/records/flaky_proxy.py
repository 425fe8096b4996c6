"""A real HTTP proxy before the case store, which fails in the ways that networks and servers do."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

SEEN_LIMIT_S = 20.0
HOLD_LIMIT_S = 60.0


class Fault(enum.Enum):
    """What happens to a request."""

    NONE = enum.auto()
    ANSWER = enum.auto()
    """It is not forwarded; the answer is `answer`."""
    LOSE_ANSWER = enum.auto()
    """It is forwarded, and its answer held back until `release` or until the client gives up."""


@dataclass(frozen=True)
class Seen:
    """A request that came, after it was forwarded where it is."""

    key: str
    body: bytes


@dataclass
class FlakyProxy:
    """Between `records.delivery` and a case store. `seen` has every request, in order."""

    target: str
    fault: Fault = Fault.NONE
    answer: tuple[int, dict[str, object]] = (500, {})
    headers: dict[str, str] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0
    requests: list[Seen] = field(default_factory=list)
    answers: int = 0
    port: int = 0
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def seen(self, number: int) -> list[Seen]:
        """Return all requests, once there were `number`."""
        async with asyncio.timeout(SEEN_LIMIT_S), self._came:
            await self._came.wait_for(lambda: len(self.requests) >= number)
        return self.requests

    async def answered(self, number: int) -> None:
        """Return when `number` answers were handed to the connection."""
        async with asyncio.timeout(SEEN_LIMIT_S), self._came:
            await self._came.wait_for(lambda: self.answers >= number)

    def release(self) -> None:
        """Let the answers go that are held back."""
        self._released.set()

    async def up(self) -> None:
        """Take connections; at the same port again after `down`."""
        app = web.Application()
        app.router.add_post("/records", self._forward)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Refuse connections, and break those that are up."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        seen = Seen(request.headers["Idempotency-Key"], await request.read())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = await self._answer(request, seen)
            await answer.prepare(request)
            await answer.write_eof()
        finally:
            self.at_once -= 1
        async with self._came:
            self.answers += 1
            self._came.notify_all()
        return answer

    async def _answer(self, request: web.Request, seen: Seen) -> web.Response:
        if self.fault is Fault.ANSWER:
            await self._note(seen)
            return web.json_response(self.answer[1], status=self.answer[0], headers=self.headers)
        held = self.fault is Fault.LOSE_ANSWER
        assert self._session is not None
        headers = {
            name: request.headers[name] for name in ("Authorization", "Content-Type", "Idempotency-Key")
        }
        async with self._session.post(f"{self.target}/records", data=seen.body, headers=headers) as answer:
            body, status = await answer.read(), answer.status
        await self._note(seen)
        if held:
            async with asyncio.timeout(HOLD_LIMIT_S):
                await self._released.wait()
        return web.Response(body=body, status=status, content_type="application/json")

    async def _note(self, seen: Seen) -> None:
        async with self._came:
            self.requests.append(seen)
            self._came.notify_all()


@contextlib.asynccontextmanager
async def flaky_proxy(target: str) -> AsyncIterator[FlakyProxy]:
    """A proxy to the case store at `target` that works until told otherwise."""
    proxy = FlakyProxy(target)
    async with aiohttp.ClientSession() as session:
        proxy._session = session
        await proxy.up()
        try:
            yield proxy
        finally:
            await proxy.down()
