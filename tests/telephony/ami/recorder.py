"""A handler that writes down what it is told, and lets a test wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from telephony.ami import Actions, AmiAccount, AmiClient, Message

LIMIT_S = 15.0


class Recorder:
    """`story` holds, in order: "snapshot", "ready", each event, and "lost: REASON"."""

    def __init__(
        self,
        take_snapshot: Callable[[Actions], Awaitable[None]] | None = None,
        on_event: Callable[[Message], None] | None = None,
    ) -> None:
        self.story: list[str | Message] = []
        self._take_snapshot = take_snapshot
        self._on_event = on_event
        self._changed = asyncio.Event()

    async def snapshot(self, ami: Actions) -> None:
        self._tell("snapshot")
        if self._take_snapshot is not None:
            await self._take_snapshot(ami)
        self._tell("ready")

    def event(self, message: Message) -> None:
        self._tell(message)
        if self._on_event is not None:
            self._on_event(message)

    def lost(self, reason: str) -> None:
        self._tell(f"lost: {reason}")

    @property
    def events(self) -> list[Message]:
        return [entry for entry in self.story if isinstance(entry, Message)]

    @property
    def losses(self) -> list[str]:
        return [entry for entry in self.story if isinstance(entry, str) and entry.startswith("lost")]

    @property
    def told(self) -> list[str]:
        """The story with each event as its number, else its name."""
        return [entry if isinstance(entry, str) else entry.get("Number", entry.event) for entry in self.story]

    def named(self, name: str) -> list[Message]:
        return [event for event in self.events if event.event == name]

    async def until(self, happened: Callable[[], object]) -> None:
        """Return once `happened()`; fails after LIMIT_S with the story so far."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not happened():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it did not happen; the story was {self.told[-20:]}") from None

    async def until_named(self, name: str, count: int = 1) -> None:
        """Return once `count` events of that name have come."""
        await self.until(lambda: len(self.named(name)) >= count)

    def _tell(self, entry: str | Message) -> None:
        self.story.append(entry)
        self._changed.set()


@asynccontextmanager
async def running(
    account: AmiAccount,
    recorder: Recorder,
    *,
    filters: Sequence[str] = (),
    backlog: int = 10_000,
    keepalive: float = 5.0,
) -> AsyncIterator[AmiClient]:
    """A client at work."""
    client = AmiClient(account, recorder, filters=filters, backlog=backlog, keepalive=keepalive)
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        ended = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError), ended
