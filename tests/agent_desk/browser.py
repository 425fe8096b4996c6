"""A browser as the desk sees one: cookies, Origin, the CSRF token that it was told, and the live WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

LIMIT_S = 10.0


class Answer:
    """A response, read to its end."""

    def __init__(self, status: int, headers: CIMultiDictProxy[str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The word for programs of a refusal."""
        return str(self.json["error"])


class Browser:
    """One person's browser at the desk of `url`."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.csrf_token = ""

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        raw: Any = None,
    ) -> Answer:
        """Send a request as the desk's own page would; `headers` replace what the page would send."""
        sent = {"Origin": self.url, "X-CSRF-Token": self.csrf_token, **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        async with asyncio.timeout(LIMIT_S):
            async with self.session.request(
                method, self.url + path, json=body, data=raw, headers=sent, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def post(self, path: str, body: object = None) -> Answer:
        return await self.ask("POST", path, body)

    async def put(self, path: str, body: object = None) -> Answer:
        return await self.ask("PUT", path, body)

    async def sign_in(self, username: str, password: str, seat: str | None = None) -> Answer:
        """Sign in, and keep the CSRF token."""
        body = {"username": username, "password": password, **({"seat": seat} if seat else {})}
        answer = await self.post("/api/session", body)
        if answer.status == 200:
            self.csrf_token = answer.json["csrf_token"]
        return answer

    async def sign_out(self) -> Answer:
        return await self.ask("DELETE", "/api/session")

    @asynccontextmanager
    async def live(self, since: str | None = None) -> AsyncIterator[LiveView]:
        """Follow live state."""
        path = self.url + "/api/live" + (f"?since={since}" if since else "")
        async with self.session.ws_connect(path, headers={"Origin": self.url}, max_msg_size=0) as socket:
            yield LiveView(socket)


class LiveView:
    """What the page knows of live state: a snapshot, and the changes since."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {}
        self.queues: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.position = ""

    async def until(self, reached: Callable[[LiveView], object]) -> LiveView:
        """Take messages in until `reached` holds."""
        async with asyncio.timeout(LIMIT_S):
            while not self.messages or not reached(self):
                await self.next()
        return self

    async def next(self) -> dict[str, Any]:
        """Take one message in and return it."""
        async with asyncio.timeout(LIMIT_S):
            message: dict[str, Any] = await self.socket.receive_json()
        self.messages.append(message)
        if message["type"] == "snapshot":
            self.calls, self.agents = {}, {}
        for call in message["calls"]:
            self.calls[call["id"]] = call
        for agent in message["agents"]:
            self.agents[agent["id"]] = agent
        for call_id in message.get("calls_gone", ()):
            self.calls.pop(call_id, None)
        for agent_id in message.get("agents_gone", ()):
            self.agents.pop(agent_id, None)
        for queue in message["queues"]:
            self.queues[queue["id"]] = queue
        self.events.extend(message.get("events", ()))
        self.position = message["position"]
        return message

    async def closed(self) -> int:
        """Return the code with which the desk closes the WebSocket."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                message = await self.socket.receive()
                if message.type is aiohttp.WSMsgType.CLOSE:
                    return int(message.data)
                if message.type in (aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED):
                    return int(self.socket.close_code or 0)
