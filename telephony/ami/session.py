"""One connection's life: login, FullyBooted, filters, snapshot, live events, loss."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence

from telephony.ami.account import AmiAccount
from telephony.ami.connection import Connection
from telephony.ami.counters import AmiCounters
from telephony.ami.dispatch import Dispatcher
from telephony.ami.errors import AmiActionFailed, AmiDisconnected, AmiError, AmiLoginRefused, AmiNotConnected
from telephony.ami.handler import AmiHandler
from telephony.ami.message import Message

CONNECT_LIMIT_S = 5.0
# Then a new login is tried: it is told at once when Asterisk is up, even where a filter of the account held back
# the event.
BOOT_LIMIT_S = 10.0
SNAPSHOT_LIMIT_S = 60.0
BOOTED = "FullyBooted"

log = logging.getLogger(__name__)


class Session:
    """From connecting to loss, once; AmiClient makes the next one.

    FullyBooted is for the session itself and not handed on.
    """

    def __init__(
        self,
        handler: AmiHandler,
        counters: AmiCounters,
        filters: Sequence[str],
        backlog: int,
        keepalive: float,
    ) -> None:
        self._handler = handler
        self._counters = counters
        self._filters = tuple(filters)
        self._keepalive_s = keepalive
        self._booted = asyncio.Event()
        wanted = frozenset((*filters, BOOTED)) if filters else None
        self._connection = Connection(self._first_events, counters, wanted)
        overflow = f"the handler fell more than {backlog} events behind"
        self._dispatcher = Dispatcher(
            handler.event, lambda: self._connection.close(overflow), backlog, counters
        )

    async def hold(self, account: AmiAccount, on_live: Callable[[Connection], None]) -> str:
        """Connect and stay until the connection is lost; return why it was.

        `on_live` is called when the snapshot is complete. Raises OSError or AmiError for what went wrong
        before the snapshot was begun.
        """
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await asyncio.get_running_loop().create_connection(
                    lambda: self._connection, account.host, account.port
                )
        except TimeoutError:
            raise AmiNotConnected(f"no connection within {CONNECT_LIMIT_S:g} s") from None
        try:
            self._counters.connections += 1
            await self._log_in(account)
            await self._wait_until_booted()
            # Filters come last: they would hold FullyBooted back too.
            for name in self._filters:
                await self._connection.action(
                    "Filter",
                    {"Operation": "Add", "MatchCriteria": f"action(include),name({name}),method(none)"},
                )
            return await self._stay(on_live)
        finally:
            self._connection.close("the client ended the connection")

    def _first_events(self, event: Message) -> None:
        if event.event == BOOTED:
            self._connection.on_event = self._dispatcher.put
            self._booted.set()
        else:
            self._dispatcher.put(event)

    async def _log_in(self, account: AmiAccount) -> None:
        """The secret itself is never sent."""
        challenge = (await self._connection.action("Challenge", {"AuthType": "MD5"})).response.get(
            "Challenge", ""
        )
        key = hashlib.md5((challenge + account.secret).encode(), usedforsecurity=False).hexdigest()
        try:
            await self._connection.action(
                "Login", {"AuthType": "MD5", "Username": account.username, "Key": key}
            )
        except AmiActionFailed as error:
            raise AmiLoginRefused(
                f"Asterisk refused {account!r}: {error.reply.message}; compare its manager.conf"
            ) from None

    async def _wait_until_booted(self) -> None:
        try:
            async with asyncio.timeout(BOOT_LIMIT_S):
                await self._connection.while_up(self._booted.wait())
        except TimeoutError:
            raise AmiError(
                f"no FullyBooted within {BOOT_LIMIT_S:g} s: Asterisk is still starting, "
                "or the account may not read the class system"
            ) from None

    async def _stay(self, on_live: Callable[[Connection], None]) -> str:
        tasks = [asyncio.create_task(self._keep_alive()), asyncio.create_task(self._dispatcher.run())]
        try:
            if await self._take_snapshot():
                self._dispatcher.release()
                on_live(self._connection)
            await asyncio.wait([self._connection.lost])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._dispatcher.flush()
        self._counters.losses += 1
        reason = self._connection.lost.result()
        self._handler.lost(reason)
        return reason

    async def _take_snapshot(self) -> bool:
        """Whether the snapshot is complete; if not, the connection is over."""
        try:
            async with asyncio.timeout(SNAPSHOT_LIMIT_S):
                await self._connection.while_up(self._handler.snapshot(self._connection))
        except TimeoutError:
            self._connection.close(f"no complete snapshot within {SNAPSHOT_LIMIT_S:g} s")
        except AmiDisconnected as error:
            self._connection.close(str(error))
        except Exception as error:
            log.exception("the snapshot failed")
            self._connection.close(f"the snapshot failed: {error}")
        return not self._connection.lost.done()

    async def _keep_alive(self) -> None:
        """Ping, so that a dead link is noticed although nothing happens on it."""
        while True:
            await asyncio.sleep(self._keepalive_s)
            try:
                await self._connection.action("Ping", timeout=self._keepalive_s)
            except AmiDisconnected:
                return
            except AmiError as error:
                self._connection.close(f"the link is dead: {error}")
                return
