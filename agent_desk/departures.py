"""Agents whose session has ended leave their seat, unless they are in a call: then once it is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from redis.exceptions import RedisError

from agent_desk.sessions import Sessions
from telephony.command_bus import CommandBus, NoController
from telephony.commands import CommandRefused, SignOut

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
LOOK_LIMIT_S = 60.0
AT_ONCE = 50


class Departures:
    """Signs out the agents of ended sessions. Several desks may do it side by side."""

    def __init__(self, sessions: Sessions, bus: CommandBus) -> None:
        self._sessions = sessions
        self._bus = bus

    async def run(self) -> None:
        """Look after ended sessions until cancelled."""
        while True:
            self._sessions.departure.clear()
            try:
                async with asyncio.timeout(LOOK_LIMIT_S):
                    await self.look()
            except (RedisError, TimeoutError) as error:
                log.warning("ended sessions: Redis is away: %r", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._sessions.departure.wait()

    async def look(self) -> None:
        """Look once. Raises redis.RedisError."""
        for session in await self._sessions.ended(AT_ONCE):
            # Its end is set anew, so that those who cannot leave yet do not keep the others from their turn.
            await self._sessions.postpone(session)
            if session.seat is not None and not await self._sessions.lives(session.user_id):
                try:
                    await self._bus.ask(SignOut(agent_id=session.user_id))
                except CommandRefused as refused:
                    log.debug("%s is not signed out yet: %s", session.username, refused)
                    continue
                except NoController:
                    return
                log.info("%s left seat %s: the session had ended", session.username, session.seat)
            await self._sessions.forget(session)
