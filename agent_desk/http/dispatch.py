"""From a request to its operation and back: origin, session, CSRF token, role, values, answer."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from redis.exceptions import RedisError

from agent_desk.desk import Desk
from agent_desk.http.errors import (
    BAD_CSRF,
    BAD_METHOD,
    BAD_ORIGIN,
    DATABASE_BUSY,
    FAULT,
    LIVE_STATE_AWAY,
    NO_SESSION,
    NOT_FOUND,
    SWITCHES_PROTOCOLS,
    TOO_LARGE,
    TOO_SLOW,
    WRONG_ROLE,
    ApiError,
)
from agent_desk.http.operation import Operation
from agent_desk.http.visit import COOKIE, Visit
from agent_desk.sessions import Session
from records.database import is_away

log = logging.getLogger(__name__)

CSRF_HEADER = "X-CSRF-Token"
ANSWER_LIMIT_S = 20.0
"""For reading a request and doing what it asks; longer than the controller and the database may take."""
DATABASE_AGAIN_S = 5
LIVE_AGAIN_S = 2

WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_encoder = msgspec.json.Encoder()


def handler_of(operation: Operation, desk: Desk) -> WebHandler:
    """Return what aiohttp calls for an operation."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if operation.changes_state:
            check_origin(request)
        async with asyncio.timeout(None if SWITCHES_PROTOCOLS in operation.statuses else ANSWER_LIMIT_S):
            visit = Visit(desk=desk, request=request, session=await _session(operation, desk, request))
            answer = await operation.handler(visit, **await operation.read(request))
        if isinstance(answer, web.StreamResponse):
            return answer
        response = web.Response(status=204) if answer is None else _json(200, answer)
        visit.put_cookie(response)
        return response

    return handle


def check_origin(request: web.Request) -> None:
    """Raise ApiError unless the browser says that the page which asks is the desk's own.

    A proxy in front may add TLS, so https is taken on a plain connection too; the host must be the same.
    """
    own = (f"{request.scheme}://{request.host}", f"https://{request.host}")
    if request.headers.get("Origin") not in own:
        raise ApiError(BAD_ORIGIN)


@web.middleware
async def errors_as_json(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Answer whatever goes wrong with an ErrorBody, and log what nobody foresaw."""
    try:
        return await handler(request)
    except ApiError as error:
        return _refused(error)
    except web.HTTPNotFound:
        return _refused(ApiError(NOT_FOUND))
    except web.HTTPMethodNotAllowed as error:
        response = _refused(ApiError(BAD_METHOD))
        response.headers["Allow"] = ",".join(sorted(error.allowed_methods))
        return response
    except web.HTTPRequestEntityTooLarge:
        return _refused(ApiError(TOO_LARGE))
    except web.HTTPException:
        raise
    except TimeoutError:
        log.warning("%s %s took too long", request.method, request.path)
        return _refused(ApiError(TOO_SLOW, seconds=LIVE_AGAIN_S))
    except RedisError as error:
        log.warning("%s %s: Redis is away: %s", request.method, request.path, error)
        return _refused(ApiError(LIVE_STATE_AWAY, seconds=LIVE_AGAIN_S))
    except Exception as error:
        if is_away(error):
            log.warning("%s %s: the database is away: %s", request.method, request.path, error)
            return _refused(ApiError(DATABASE_BUSY, seconds=DATABASE_AGAIN_S))
        log.exception("%s %s failed", request.method, request.path)
        return _refused(ApiError(FAULT))


async def _session(operation: Operation, desk: Desk, request: web.Request) -> Session | None:
    if operation.roles is None:
        return None
    session = await find_session(desk, request)
    if session is None:
        raise ApiError(NO_SESSION)
    if operation.changes_state:
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="replace"), session.csrf_token.encode()):
            raise ApiError(BAD_CSRF)
    if session.role not in operation.roles:
        raise ApiError(WRONG_ROLE)
    return session


async def find_session(desk: Desk, request: web.Request) -> Session | None:
    """Return the session that the request's cookie opens."""
    token = request.cookies.get(COOKIE)
    return None if not token else await desk.sessions.find(token)


def _refused(error: ApiError) -> web.Response:
    response = _json(error.status, error.body)
    if error.body.seconds is not None:
        response.headers["Retry-After"] = str(error.body.seconds)
    return response


def _json(status: int, body: object) -> web.Response:
    return web.Response(status=status, body=_encoder.encode(body), content_type="application/json")
