"""The AMI client: one account on one Asterisk, kept connected for as long as it runs.

Each connection goes the same way: challenge and login, FullyBooted, filters, the handler's snapshot with
events held back, then the held events, and from then on the live ones. Whenever events may have been missed
(the link broke, a ping stayed unanswered, the handler fell too far behind) the connection counts as lost and
everything begins again with a new one and its snapshot. No action is ever sent twice.

Asterisk 22 writes some values as they are, CR LF included: a caller's number and the dialled extension, which a SIP
URI may hold percent-encoded, and what Getvar returns. No client can tell headers and events that were forged so from
true ones; Asterisk's SIP configuration has to refuse such calls.

One thread of Asterisk serves a connection's actions one after the other: an Originate without `Async: true`
keeps pings and everything else waiting until the phone is answered, and so costs the connection.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from typing import NoReturn

from telephony.ami.account import AmiAccount
from telephony.ami.action import Headers
from telephony.ami.connection import Connection
from telephony.ami.counters import AmiCounters
from telephony.ami.errors import AmiError, AmiNotConnected
from telephony.ami.handler import ACTION_LIMIT_S, AmiHandler
from telephony.ami.reply import Reply
from telephony.ami.session import Session

KEEPALIVE_S = 5.0
# At 3,000 events/s, half a minute of a handler that does nothing at all; about 60 MB.
BACKLOG = 100_000
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 3.0
# After a connection that was live for so long, the delays begin with the first again.
SETTLED_S = 10.0

log = logging.getLogger(__name__)


class AmiClient:
    """Keeps `account` connected and `handler` informed.

    `filters` names the events that are wanted; Asterisk then sends no others (its Filter action, by exact
    name, needs write permission for the class system). Empty means all that the account may read. `backlog`
    bounds the events that wait for the handler; `keepalive`, in seconds, is the time between pings and the
    limit for their answer.
    """

    def __init__(
        self,
        account: AmiAccount,
        handler: AmiHandler,
        *,
        filters: Sequence[str] = (),
        backlog: int = BACKLOG,
        keepalive: float = KEEPALIVE_S,
    ) -> None:
        self.counters = AmiCounters()
        self.problem = "not started"
        self._account = account
        self._handler = handler
        self._filters = tuple(filters)
        self._backlog = backlog
        self._keepalive_s = keepalive
        self._connection: Connection | None = None
        self._live = asyncio.Event()
        self._live_since = 0.0

    @property
    def connected(self) -> bool:
        """Whether a snapshot is complete and events are live; only then are actions sent."""
        return self._connection is not None and not self._connection.lost.done()

    async def wait_live(self, timeout: float = 30.0) -> None:
        """Return once live. Raises AmiNotConnected, with the last problem, after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._live.wait()
        except TimeoutError:
            raise AmiNotConnected(f"not live within {timeout:g} s: {self.problem}") from None

    async def action(
        self,
        name: str,
        headers: Headers = (),
        *,
        timeout: float = ACTION_LIMIT_S,
        action_id: str | None = None,
    ) -> Reply:
        """Send one action over the live connection and return Asterisk's whole answer.

        A list is gathered up to its closing event; `timeout`, in seconds, covers all of it. Events that the
        action causes may be delivered before or after it returns. OriginateResponse carries `action_id`: to
        know it by that, choose one, a different one each time.

        Raises BadActionValue (not sent), AmiNotConnected (not sent), AmiActionFailed (refused), AmiTimeout
        and AmiDisconnected (unknown whether it was carried out), AmiProtocolError (an answer too large).
        """
        if self._connection is None:
            raise AmiNotConnected(f"{name}: not sent, there is no live connection ({self.problem})")
        return await self._connection.action(name, headers, timeout=timeout, action_id=action_id)

    def renew(self, reason: str) -> None:
        """Give the live connection up, so that a new one begins with a snapshot; without one, nothing is done."""
        if self._connection is not None:
            self._connection.close(reason)

    async def run(self) -> NoReturn:
        """Connect, stay connected, connect again; cancel to stop.

        On cancellation the actions under way fail, and the handler is told no more.
        """
        delay = FIRST_DELAY_S
        while True:
            self._live_since = 0.0
            try:
                self.problem = await self._session()
            except (OSError, AmiError) as error:
                self.problem = str(error) or type(error).__name__
            if self._live_since and time.monotonic() - self._live_since > SETTLED_S:
                delay = FIRST_DELAY_S
            pause = delay * random.uniform(0.5, 1.0)  # noqa: S311 - it spreads clients and hides nothing
            log.warning("%r: %s; next try in %.1f s", self._account, self.problem, pause)
            await asyncio.sleep(pause)
            delay = min(delay * 2, LONGEST_DELAY_S)

    async def _session(self) -> str:
        session = Session(self._handler, self.counters, self._filters, self._backlog, self._keepalive_s)
        try:
            return await session.hold(self._account, self._go_live)
        finally:
            self._connection = None
            self._live.clear()

    def _go_live(self, connection: Connection) -> None:
        self._connection = connection
        self._live_since = time.monotonic()
        self._live.set()
