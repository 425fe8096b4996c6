"""What goes wrong around a running hotline: a process dies, the link to Asterisk is cut."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from cli.launcher import Part
from tests.system.hotline import Hotline

REBORN_LIMIT_S = 20.0
COPY_BYTES = 65_536


async def kill(part: Part, within_s: float = REBORN_LIMIT_S) -> float:
    """Kill -9 a part, and return when the launcher has started it again: epoch seconds of the new process's start."""
    killed = part.pid
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(within_s):
        while part.pid in (0, killed):  # noqa: ASYNC110
            # A process that somebody else watches tells nobody of its end.
            await asyncio.sleep(0.01)
    return started_at(part.pid)


def started_at(pid: int) -> float:
    """Return when a process was started, epoch seconds, to 10 ms (proc(5))."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    booted_ago = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - booted_ago + ticks / os.sysconf("SC_CLK_TCK")


async def until_logged(
    hotline: Hotline, part: str, text: str, times: int = 1, within_s: float = 30.0
) -> None:
    """Return when the log of a part has `text` so many times. Raises TimeoutError."""
    log = hotline.deployment.var / "logs" / f"{part}.log"
    async with asyncio.timeout(within_s):
        while log.read_text(encoding="utf-8").count(text) < times:  # noqa: ASYNC110
            # A file tells nobody of a change.
            await asyncio.sleep(0.1)


class AmiLink:
    """The controller's link to Asterisk, through our hands. Made by `ami_link_of`."""

    def __init__(self, asterisk_port: int) -> None:
        self.port = 0
        self._asterisk_port = asterisk_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def mend(self) -> None:
        """Take connections, always at the same port."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break the connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        there: asyncio.StreamWriter | None = None
        try:
            here, there = await asyncio.open_connection("127.0.0.1", self._asterisk_port)
            ways = [asyncio.create_task(_copy(reader, there)), asyncio.create_task(_copy(here, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except asyncio.CancelledError:
            # Cut: the stream's own protocol would report the cancellation as a fault.
            pass
        finally:
            self._connections.discard(task)
            for end in (writer, there):
                if end is not None:
                    end.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(COPY_BYTES):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def ami_link_of(hotline: Hotline) -> AsyncIterator[AmiLink]:
    """Put a link that can be cut between the controller and Asterisk: another port, and a controller started anew."""
    sip = hotline.deployment.config.hotline.sip
    link = AmiLink(sip.ami_port)
    await link.mend()
    try:
        controller, settings = (
            hotline.launcher.parts["controller"],
            hotline.deployment.config.path("hotline.toml"),
        )
        text = settings.read_text(encoding="utf-8")
        settings.write_text(re.sub(r"(?m)^ami_port = .*$", f"ami_port = {link.port}", text), encoding="utf-8")
        await controller.stop()
        await controller.start()
        yield link
    finally:
        await link.cut()
