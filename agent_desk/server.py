"""Runs the desk: its web server, the feed of live state, and the departures of agents whose session ended."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from agent_desk.app import make_app
from agent_desk.departures import Departures
from agent_desk.desk import Desk

SHUTDOWN_S = 1.0
"""How long requests that are under way may take when the desk ends."""


async def serve(
    desk: Desk,
    *,
    front_end: Path,
    host: str,
    port: int,
    tls: ssl.SSLContext | None,
    started: Callable[[int], None],
) -> None:
    """Serve until cancelled; calls `started` with the port once connections are taken.

    Raises OSError when host and port cannot be bound.
    """
    runner = web.AppRunner(
        make_app(desk, front_end),
        access_log=None,
        shutdown_timeout=SHUTDOWN_S,
    )
    await runner.setup()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(desk.feed.run())
            group.create_task(Departures(desk.sessions, desk.bus).run())
            try:
                site = web.TCPSite(runner, host, port, ssl_context=tls)
                await site.start()
                started(runner.addresses[0][1])
                await asyncio.Event().wait()
            finally:
                await runner.cleanup()
    finally:
        desk.passwords.close()
