"""A person at the desk without a screen: the same requests and the same live view that the page has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

REQUEST_LIMIT_S = 10.0
WAIT_LIMIT_S = 30.0
RECONNECT_S = 0.5


class DeskRefused(Exception):
    """The desk answered with an error; `status` and `code` are its own."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path}: {status} {body[:500]}")
        self.status = status
        with suppress(ValueError):
            self.code = str(json.loads(body).get("error", ""))

    code = ""


class DeskClient:
    """One signed-in person. Use as an asynchronous context manager; `calls` and `agents` are kept up to date."""

    def __init__(self, url: str, username: str, password: str, seat: str | None = None) -> None:
        self.url = url
        self.user: dict[str, Any] = {}
        self.seat = seat
        self.calls: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {}
        self._sign_in = {"username": username, "password": password}
        self._csrf_token = ""
        self._changed = asyncio.Condition()
        self._position: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # The desk's cookie names an IP address as its host.
        jar = aiohttp.CookieJar(unsafe=True)
        limit = aiohttp.ClientTimeout(total=REQUEST_LIMIT_S)
        self._session = aiohttp.ClientSession(self.url, cookie_jar=jar, timeout=limit)
        try:
            body = dict(self._sign_in)
            if self.seat is not None:
                body["seat"] = self.seat
            me = await self.ask("POST", "/api/session", body)
            self.user, self.seat, self._csrf_token = me["user"], me["seat"], me["csrf_token"]
            self._following = asyncio.create_task(self._follow())
            await self.until(lambda desk: desk._position is not None)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    @property
    def me(self) -> dict[str, Any]:
        """This person as an agent in live state; empty for others."""
        return self.agents.get(self.user.get("id", ""), {})

    @property
    def call(self) -> dict[str, Any]:
        """The call that this agent rings, talks or wraps up for; empty for none."""
        return self.calls.get(self.me.get("call_id") or "", {})

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request and return the decoded answer. Raises DeskRefused, aiohttp.ClientError, TimeoutError."""
        assert self._session is not None
        headers = {"Origin": self.url, "X-CSRF-Token": self._csrf_token}
        async with self._session.request(method, path, json=body, headers=headers) as response:
            text = await response.text()
            if response.status >= 400:
                raise DeskRefused(method, path, response.status, text)
            return json.loads(text) if text else None

    async def until(self, test: Callable[[Self], bool], within_s: float = WAIT_LIMIT_S) -> None:
        """Wait until live state passes `test`. Raises TimeoutError that says what there was instead."""
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: test(self))
        except TimeoutError:
            raise TimeoutError(f"not within {within_s:g} s; calls {self.calls}, agents {self.agents}") from None

    async def _follow(self) -> None:
        """Keep live state, resuming after each lost link."""
        assert self._session is not None
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                path = "/api/live" if self._position is None else f"/api/live?since={self._position}"
                async with self._session.ws_connect(path, headers={"Origin": self.url}, max_msg_size=0) as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            await self._take(json.loads(message.data))
            await asyncio.sleep(RECONNECT_S)

    async def _take(self, message: dict[str, Any]) -> None:
        async with self._changed:
            self._position = message["position"]
            if message["type"] == "snapshot":
                self.calls.clear()
                self.agents.clear()
            for kind, known in (("calls", self.calls), ("agents", self.agents)):
                known.update((entity["id"], entity) for entity in message[kind])
                for gone in message.get(f"{kind}_gone", ()):
                    known.pop(gone, None)
            self._changed.notify_all()

    async def _close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        if self._session is not None:
            await self._session.close()
