"""For machines that watch the desk: whether it can work, and its figures."""

from __future__ import annotations

import asyncio
import time
from ipaddress import ip_address
from typing import Literal

import msgspec
from aiohttp import web
from redis.exceptions import RedisError
from sqlalchemy import text

from agent_desk.access import SUPERVISORS
from agent_desk.desk import Desk
from agent_desk.http.dispatch import find_session
from agent_desk.http.errors import WRONG_ROLE, ApiError
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from agent_desk.metrics import render
from records import outbox
from records.database import is_away

LIMIT_S = 3.0
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

Condition = Literal["ok", "away"]


class Health(msgspec.Struct, frozen=True):
    """What the desk stands on: live state in Redis, and the database."""

    live_state: Condition
    database: Condition


table = Table("health")


@table.operation("GET", "/healthz", roles=None, media="application/json", statuses=(200, 503))
async def get_health(visit: Visit) -> web.Response:
    """Tell whether live state and the database can be reached: 200 when both can, else 503."""
    live_state, database = await asyncio.gather(_live_state(visit.desk), _database(visit.desk))
    health = Health("ok" if live_state else "away", "ok" if database else "away")
    return web.Response(
        status=200 if live_state and database else 503,
        body=msgspec.json.encode(health),
        content_type="application/json",
    )


@table.operation("GET", "/metrics", roles=None, refusals=(WRONG_ROLE,), media="text/plain")
async def get_metrics(visit: Visit) -> web.Response:
    """Tell figures in the Prometheus text format: to programs on this machine, and to supervisors."""
    if not _is_local(visit.request):
        session = await find_session(visit.desk, visit.request)
        if session is None or session.role not in SUPERVISORS:
            raise ApiError(WRONG_ROLE)
    desk, now = visit.desk, time.time()
    try:
        async with asyncio.timeout(LIMIT_S):
            figures = await outbox.figures(desk.database, now=now)
    except Exception as error:
        if not is_away(error):
            raise
        figures = None
    body = render(desk.feed.journal, desk.feed.lag_s, figures, now)
    return web.Response(text=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def _live_state(desk: Desk) -> bool:
    if desk.feed.journal is None:
        return False
    try:
        async with asyncio.timeout(LIMIT_S):
            return bool(await desk.redis.ping())
    except (RedisError, TimeoutError):
        return False


async def _database(desk: Desk) -> bool:
    try:
        async with asyncio.timeout(LIMIT_S), desk.database.reading() as connection:
            await connection.execute(text("SELECT 1 FROM people WHERE 1 = 0"))
    except Exception as error:
        if not is_away(error):
            raise
        return False
    return True


def _is_local(request: web.Request) -> bool:
    """Whether a program on this machine asks for itself, and not a proxy for somebody else."""
    try:
        local = ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
    return local and not any(name in request.headers for name in FORWARDED)
