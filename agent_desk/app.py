"""The web application: every operation of the API, its description, and the front end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from aiohttp import WSCloseCode, web

from agent_desk.desk import Desk
from agent_desk.http.dispatch import errors_as_json, handler_of
from agent_desk.http.openapi import describe
from agent_desk.http.operation import Operation
from agent_desk.http.security_headers import security_headers
from agent_desk.live.views import Changes, Snapshot
from agent_desk.routes import agent, audit, deliveries, forms, health, live, records, session, settings
from agent_desk.routes.live import LIVE_SOCKETS
from agent_desk.static import FrontEnd

LARGEST_BODY = 256 * 1024
GOODBYE_LIMIT_S = 1.0
TABLES = (session, settings, agent, forms, records, deliveries, audit, live, health)


def operations() -> list[Operation]:
    """Return every operation of the API."""
    return [operation for module in TABLES for operation in module.table.operations]


def make_app(desk: Desk, front_end: Path) -> web.Application:
    """Return the application on `desk`, whose feed somebody else runs; `front_end` is the built front end's folder."""
    app = web.Application(middlewares=[errors_as_json], client_max_size=LARGEST_BODY)
    app[LIVE_SOCKETS] = set()
    app.on_response_prepare.append(security_headers(desk.seats))
    app.on_shutdown.append(_say_goodbye)
    for operation in operations():
        app.router.add_route(operation.method, operation.path, handler_of(operation, desk))
    description = msgspec.json.encode(describe(operations(), also=(Snapshot, Changes)))

    async def describe_api(request: web.Request) -> web.Response:
        return web.Response(body=description, content_type="application/json")

    app.router.add_route("GET", "/api/openapi.json", describe_api)
    app.router.add_get("/{path:(?!api/).*}", FrontEnd(front_end).serve)
    return app


async def _say_goodbye(app: web.Application) -> None:
    sockets = app[LIVE_SOCKETS]
    goodbyes = [socket.close(code=WSCloseCode.SERVICE_RESTART) for socket in sockets]
    try:
        async with asyncio.timeout(GOODBYE_LIMIT_S):
            await asyncio.gather(*goodbyes, return_exceptions=True)
    except TimeoutError:
        return
