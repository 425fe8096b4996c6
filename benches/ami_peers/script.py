"""A manager that does what a case says, and a client's process talking to it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benches.ami_peers.clients import Pairs
from benches.ami_peers.feeder import reply
from benches.ami_peers.traffic import BANNER

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 20.0
# How long something is waited for that a client without the fault does at once.
LIMIT_S = 4.0


class Link:
    """A connection of the client, from the manager's side. Logins, challenges and pings are answered by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.actions: asyncio.Queue[bytes] = asyncio.Queue()
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def serve(self) -> None:
        await self.send(BANNER)
        try:
            while True:
                block = (await self._reader.readuntil(b"\r\n\r\n"))[:-4]
                action = dict(line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line)
                if action.get("Action") in ("Login", "Challenge", "Ping", "Filter"):
                    await self.send(reply(action))
                else:
                    self.actions.put_nowait(block)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writer.close()

    def close(self) -> None:
        self._writer.close()


class Conversation:
    """One client in a process of its own, connected to a manager of its own."""

    def __init__(self, process: asyncio.subprocess.Process, links: asyncio.Queue[Link], link: Link) -> None:
        self.link = link
        self._process = process
        self._links = links

    async def event(self) -> Pairs:
        """The next event that the client hands on; empty when none comes within LIMIT_S."""
        line = await self._line("event", LIMIT_S)
        return [(key, value) for key, value in line] if isinstance(line, list) else []

    async def next_link(self) -> Link | None:
        """The client's next connection; None when it makes none within LIMIT_S."""
        try:
            return await asyncio.wait_for(self._links.get(), LIMIT_S)
        except TimeoutError:
            return None

    async def ask(self, action: str, headers: Pairs) -> None:
        """Have the client send an action; an event follows, as one client sends only after the next event."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([action, headers]).encode() + b"\n")
        await self._line("asked", LIMIT_S)
        await self.link.send(b"Event: Tick\r\n\r\n")

    async def sent(self) -> bytes:
        """The next action that arrives from the client; empty when none does within LIMIT_S."""
        try:
            return await asyncio.wait_for(self.link.actions.get(), LIMIT_S)
        except TimeoutError:
            return b""

    async def _line(self, key: str, limit: float) -> object:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(limit):
                while line := await self._process.stdout.readline():
                    said = json.loads(line)
                    if key in said:
                        found: object = said[key]
                        return found
        except TimeoutError:
            pass
        return None

    async def ready(self) -> None:
        if await self._line("ready", START_LIMIT_S) is None:
            raise RuntimeError("the client did not log in")


@asynccontextmanager
async def conversation(client: str, stays: bool) -> AsyncIterator[Conversation]:
    links: asyncio.Queue[Link] = asyncio.Queue()
    serving: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        links.put_nowait(link)
        task = asyncio.ensure_future(link.serve())
        serving.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benches.ami_peers.worker", "converse", client, str(server.sockets[0].getsockname()[1])),
        *(["stays"] if stays else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        link = await asyncio.wait_for(links.get(), START_LIMIT_S)
        talk = Conversation(process, links, link)
        await talk.ready()
        yield talk
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
