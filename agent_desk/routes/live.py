"""The WebSocket that carries live state."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from agent_desk.access import EVERY_ROLE
from agent_desk.http.dispatch import check_origin
from agent_desk.http.errors import BAD_ORIGIN, ApiError, Refusal
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from agent_desk.live.lens import lens_for
from agent_desk.live.socket import HEARTBEAT_S, LiveSocket
from agent_desk.routes.shapes import END

NO_UPGRADE = Refusal(
    426, "upgrade-required", "此地址须用 WebSocket 连接", "connect to this address with a WebSocket"
)
LONGEST_MESSAGE = 1024
LIVE_SOCKETS = web.AppKey("live_sockets", set[web.WebSocketResponse])
"""Those that are open, so that a desk that ends can say so."""


class LiveQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`since` is the last message's position, to be told only what changed after it."""

    since: Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{1,20}}-[0-9]{{1,20}}{END}")] | None = None


table = Table("live")


@table.operation(
    "GET",
    "/api/live",
    roles=EVERY_ROLE,
    refusals=(BAD_ORIGIN, NO_UPGRADE),
    media="application/json",
    statuses=(101,),
)
async def live(visit: Visit, query: LiveQuery) -> web.WebSocketResponse:
    """Tell live state by WebSocket: a `Snapshot`, or from `since` on `Changes`, then `Changes` as they come.

    Each message is one JSON text. The desk closes with 4401 when the session has ended, 1012 when it
    restarts, and 1013 when live state is out of reach or the browser takes nothing any more: then connect
    again after a while.
    """
    check_origin(visit.request)
    response = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S, compress=False, max_msg_size=LONGEST_MESSAGE, decode_text=True
    )
    if not response.can_prepare(visit.request):
        raise ApiError(NO_UPGRADE)
    visit.require_live_state()
    who, desk = visit.who, visit.desk
    await response.prepare(visit.request)
    sockets = visit.request.app[LIVE_SOCKETS]
    sockets.add(response)
    try:
        socket = LiveSocket(response, visit.request.transport, desk.feed, desk.sessions, who)
        await socket.run(lens_for(who.role, who.user_id), query.since)
    finally:
        sockets.discard(response)
    return response
