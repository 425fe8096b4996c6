"""Who may use the case store: whoever has its token, as a bearer token, or as the password in a browser."""

from __future__ import annotations

import base64
import binascii
import hmac

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

OPEN = frozenset({"/healthz", "/style.css"})
CHALLENGE = 'Basic realm="case store", charset="UTF-8"'


def require_token(token: str) -> Middleware:
    """Return a middleware that answers 401 to whoever does not know `token`."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = _given(request.headers.get("Authorization", ""))
        if request.path in OPEN or hmac.compare_digest(given.encode(errors="replace"), token.encode()):
            return await handler(request)
        body = {"error": "bad-token", "message": "send the case store's token: Authorization: Bearer ..."}
        return web.json_response(body, status=401, headers={"WWW-Authenticate": CHALLENGE})

    return check


def _given(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
