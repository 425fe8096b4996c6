"""The server's end of AMI, for what a real Asterisk cannot be made to do: break, lag, answer wrongly on cue.

It logs clients in and answers pings by itself; every other action is the test's to answer.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telephony.ami import AmiAccount

LIMIT_S = 10.0


class FakeLink:
    """One client's connection, from the server's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.closed = asyncio.Event()
        self.pings = 0
        self.answers_pings = True
        self._reader = reader
        self._writer = writer
        self._actions: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def send(self, *lines: str) -> None:
        """Send one message."""
        self.send_bytes("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def sent(self) -> None:
        """Return when all is handed to the system."""
        await asyncio.wait_for(self._writer.drain(), LIMIT_S)

    def event(self, name: str, **headers: object) -> None:
        self.send(f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items()))

    async def action(self, name: str) -> dict[str, str]:
        """The client's next action, which must be `name`."""
        action = await asyncio.wait_for(self._actions.get(), LIMIT_S)
        assert action["Action"] == name, action
        return action

    def answer(self, action: dict[str, str], *lines: str, response: str = "Success") -> None:
        self.send(f"Response: {response}", f"ActionID: {action['ActionID']}", *lines)

    def unread(self) -> int:
        """How many actions came that the test has not looked at."""
        return self._actions.qsize()

    async def close(self) -> None:
        """End the connection in order: everything sent before arrives."""
        self._writer.close()
        # A client that is gone already may have reset the connection.
        with suppress(ConnectionError):
            await asyncio.wait_for(self._writer.wait_closed(), LIMIT_S)

    async def serve(self) -> None:
        try:
            while True:
                block = (await self._reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in block.split("\r\n") if line)
                if action["Action"] != "Ping":
                    self._actions.put_nowait(action)
                    continue
                self.pings += 1
                if self.answers_pings:
                    self.answer(action, "Ping: Pong")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.set()
            self._writer.close()


class FakeAsterisk:
    """Accepts clients on a free loopback port."""

    def __init__(self, *, banner: bytes = b"Asterisk Call Manager/11.0.0\r\n") -> None:
        self.port = 0
        self._banner = banner
        self._links: asyncio.Queue[FakeLink] = asyncio.Queue()
        self._all: list[FakeLink] = []

    @property
    def account(self) -> AmiAccount:
        return AmiAccount("127.0.0.1", self.port, "controller", "secret")

    async def raw_link(self) -> FakeLink:
        """The next connection, before login."""
        return await asyncio.wait_for(self._links.get(), LIMIT_S)

    async def link(self, *, booted: bool = True) -> FakeLink:
        """The next connection, logged in."""
        link = await self.raw_link()
        link.answer(await link.action("Challenge"), "Challenge: 123456")
        link.answer(await link.action("Login"), "Message: Authentication accepted")
        if booted:
            link.event("FullyBooted", Status="Fully Booted")
        return link

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = FakeLink(reader, writer)
        self._all.append(link)
        link.send_bytes(self._banner)
        self._links.put_nowait(link)
        await link.serve()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[FakeAsterisk]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for link in self._all:
                await link.close()
            await asyncio.wait_for(server.wait_closed(), LIMIT_S)


def numbered(link: FakeLink, numbers: range | itertools.count[int]) -> None:
    for number in numbers:
        link.event("UserEvent", Number=number)
