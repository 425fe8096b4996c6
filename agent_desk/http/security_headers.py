"""Headers that keep a browser from doing with the desk's pages what the desk does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from agent_desk.seats import Seats

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
ONE_YEAR_S = 365 * 24 * 3600
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def security_headers(seats: Seats) -> Signal:
    """Return what to run before any response; the softphone may connect to its SIP server."""

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self' {seats.sip_server(request.host)}"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"
        headers["Server"] = "hotline"
        if request.path.startswith("/api/"):
            headers["Cache-Control"] = "no-store"
        if request.secure:
            headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}"

    return add
