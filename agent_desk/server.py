"""Runs the desk: its web server, the feed of live state, and the departures of agents whose session ended."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from agent_desk.app import make_app
from agent_desk.departures import Departures
from agent_desk.desk import Desk

SHUTDOWN_S = 1.0
"""How long requests that are under way may take when the desk ends."""


@asynccontextmanager
async def listening(
    desk: Desk, *, front_end: Path, host: str, port: int, tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    """Take connections for as long as the context lasts; gives the port, which is a free one where `port` is 0.

    Raises OSError when host and port cannot be bound.
    """
    runner = web.AppRunner(make_app(desk, front_end), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        desk.passwords.close()


async def work(desk: Desk) -> None:
    """Follow live state and see agents off, until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.feed.run())
        group.create_task(Departures(desk.sessions, desk.bus).run())
