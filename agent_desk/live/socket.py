"""The WebSocket of one browser, from its first message until its session, the link or the desk ends."""

from __future__ import annotations

import asyncio
import enum
import logging
import time

import msgspec
from aiohttp import web
from redis.exceptions import RedisError

from agent_desk.live.feed import LiveFeed, Watch
from agent_desk.live.lens import Lens
from agent_desk.live.telling import Telling
from agent_desk.sessions import Session, Sessions

log = logging.getLogger(__name__)

GAP_S = 0.1
"""Between two messages to one browser: ten a second are as many as a person can see."""
CHECK_S = 15.0
"""How often an open page counts as a sign of life, and learns that another process ended its session."""
REFRESH_LIMIT_S = 5.0
SEND_LIMIT_S = 10.0
CLOSE_LIMIT_S = 2.0
HEARTBEAT_S = 15.0

_encoder = msgspec.json.Encoder()


class CloseCode(enum.IntEnum):
    """Why the desk closes a WebSocket; below 4000 they are those of RFC 6455 and its registry."""

    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    SESSION_ENDED = 4401


class LiveSocket:
    """Tells one browser what its person may see."""

    def __init__(
        self,
        response: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        feed: LiveFeed,
        sessions: Sessions,
        session: Session,
    ) -> None:
        self._response = response
        self._transport = transport
        self._feed = feed
        self._sessions = sessions
        self._session = session
        self._over = False

    async def run(self, lens: Lens, since: str | None) -> None:
        """Return when the WebSocket is closed, by either side."""
        with self._feed.watch(lens) as watch, self._sessions.watch(self._session, lambda: self._end(watch)):
            async with asyncio.TaskGroup() as group:
                talking = group.create_task(self._talk(watch, Telling(lens, since)))
                # Nothing that a browser says has a meaning; reading is how its pings and its end are seen.
                async for _ in self._response:
                    pass
                talking.cancel()

    async def _talk(self, watch: Watch, telling: Telling) -> None:
        code = await self._tell(watch, telling)
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._response.close(code=code)
        except (TimeoutError, ConnectionError):
            if self._transport is not None:
                self._transport.abort()

    async def _tell(self, watch: Watch, telling: Telling) -> CloseCode:
        check_at = time.monotonic() + CHECK_S
        while True:
            watch.news.clear()
            if self._over:
                return CloseCode.SESSION_ENDED
            journal = self._feed.journal
            if journal is None:
                return CloseCode.TRY_AGAIN_LATER
            sent_at = time.monotonic()
            message = telling.next(journal)
            if message is not None and not await self._send(_encoder.encode(message).decode()):
                return CloseCode.TRY_AGAIN_LATER
            if await self._news(watch, check_at) and message is not None:
                await asyncio.sleep(sent_at + GAP_S - time.monotonic())
            if time.monotonic() >= check_at:
                check_at = time.monotonic() + CHECK_S
                self._over = self._over or not await self._session_lives()

    async def _send(self, text: str) -> bool:
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self._response.send_str(text)
        except TimeoutError:
            log.info("the browser of %s takes nothing any more", self._session.username)
            return False
        except ConnectionError:
            return False
        return True

    async def _news(self, watch: Watch, until: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await watch.news.wait()
        except TimeoutError:
            return False
        return True

    async def _session_lives(self) -> bool:
        try:
            async with asyncio.timeout(REFRESH_LIMIT_S):
                return await self._sessions.refresh(self._session.key) is not None
        except (RedisError, TimeoutError):
            # Nobody can tell at the moment; the feed closes the link when this lasts.
            return True

    def _end(self, watch: Watch) -> None:
        self._over = True
        watch.news.set()
