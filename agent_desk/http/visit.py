"""One request to one operation: who asks, from where, and with what the desk answers."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from agent_desk.desk import Desk
from agent_desk.http.errors import LIVE_STATE_AWAY, ApiError
from agent_desk.live.journal import Journal
from agent_desk.sessions import LONGEST_S, Session

COOKIE = "hotline_session"


@dataclass(kw_only=True, slots=True)
class Visit:
    """What a handler is given of the request besides its checked values.

    `new_cookie` is set by a handler that signs in (the session's token) or out (the empty string).
    """

    desk: Desk
    request: web.Request
    session: Session | None
    new_cookie: str | None = None

    @property
    def who(self) -> Session:
        """The session of an operation that needs one."""
        if self.session is None:
            raise RuntimeError("the operation is open to everybody: nobody needs to be signed in")
        return self.session

    @property
    def address(self) -> str:
        """The peer's IP address. Headers that a client could write itself are not believed."""
        return self.request.remote or "unknown"

    @property
    def journal(self) -> Journal:
        """Live state. Raises ApiError when it is out of reach."""
        journal = self.desk.feed.journal
        if journal is None:
            raise ApiError(LIVE_STATE_AWAY, seconds=2)
        return journal

    def require_live_state(self) -> None:
        """Raise ApiError when live state is out of reach."""
        _ = self.journal

    def put_cookie(self, response: web.StreamResponse) -> None:
        """Set or delete the session's cookie, where the handler asked for it."""
        if self.new_cookie is None:
            return
        value, life = (self.new_cookie, LONGEST_S) if self.new_cookie else ("", 0)
        response.set_cookie(
            COOKIE,
            value,
            max_age=life,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self.request.secure,
        )
