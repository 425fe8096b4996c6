"""Asterisk's own queue beside ours on the same Asterisk: its dialplan, its members, and what makes one free."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from telephony.ami import Actions, AmiAccount, AmiClient, Message

NUMBER = "98001"
QUEUE = "bench"
USER = "bench"
JOIN_LIMIT_S = 10.0

# What serves its callers soonest: nothing is announced, no caller is held back behind another, a member whom
# nobody answered for is rung again after the shortest time that there is, and the first free one is rung.
DIALPLAN = f"""
[trunk]
exten => {NUMBER},1,Answer(,i)
 same => n,Queue({QUEUE})
 same => n,Hangup()
"""
SETTINGS = f"""
[{QUEUE}]
strategy = linear
autofill = yes
retry = 1
timeout = 20
ringinuse = no
wrapuptime = 0
announce-frequency = 0
announce-position = no
"""
ACCOUNT = """
[{user}]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = system,agent
write = agent
eventfilter(action(include),name(QueueCallerJoin)) =
"""


class AppQueue:
    """The queue, and its members at phones of seats. `number` is what its callers dial."""

    name = "app_queue"
    number = NUMBER

    def __init__(self, seats: list[str]) -> None:
        self._seats = seats
        self._secret = secrets.token_hex(16)
        self._ami: AmiClient | None = None
        self._joined = 0
        self._awaited = 0
        self._all_joined = asyncio.Event()

    def amend(self, configs: Path) -> None:
        """Add the queue to a centre's own copy of the configuration."""
        members = "".join(f"member => PJSIP/{seat}\n" for seat in self._seats)
        account = ACCOUNT.format(user=USER, secret=self._secret)
        for name, text in (
            ("extensions", DIALPLAN),
            ("queues", SETTINGS + members),
            ("manager", account),
        ):
            with (configs / "asterisk" / f"{name}.conf").open("a", encoding="utf-8") as file:
                file.write(text)

    @contextlib.asynccontextmanager
    async def connected(self, ami_port: int) -> AsyncIterator[None]:
        """Hold a connection to the running Asterisk for as long as the block lasts."""
        self._ami = AmiClient(AmiAccount("127.0.0.1", ami_port, USER, self._secret), self)
        running = asyncio.create_task(self._ami.run())
        try:
            await self._ami.wait_live()
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def set_free(self, seat: str) -> None:
        """Give a member calls."""
        await self._pause(seat, "false")

    async def set_away(self, seat: str) -> None:
        """Give a member no more calls."""
        await self._pause(seat, "true")

    def expect(self, callers: int) -> None:
        """Begin to count callers who join the queue."""
        self._joined, self._awaited = 0, callers
        self._all_joined.clear()

    async def all_wait(self) -> None:
        """Return when all expected callers have joined the queue. Raises TimeoutError."""
        await asyncio.wait_for(self._all_joined.wait(), JOIN_LIMIT_S)

    async def _pause(self, seat: str, paused: str) -> None:
        assert self._ami is not None
        await self._ami.action("QueuePause", {"Interface": f"PJSIP/{seat}", "Paused": paused, "Queue": QUEUE})

    # ---- AmiHandler ----

    async def snapshot(self, ami: Actions) -> None:
        """Nobody waits yet."""

    def event(self, message: Message) -> None:
        """Count one caller who joined."""
        self._joined += 1
        if self._joined == self._awaited:
            self._all_joined.set()

    def lost(self, reason: str) -> None:
        """Whoever waits for an answer is told by the client."""
