"""The controller's side towards records: forgets calls whose records are kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.command_bus import CommandBus
from telephony.commands import AnyCommand, RecordKept
from telephony.live import Commit, LiveWriter

LIMIT_S = 20.0


class PlayedController:
    """`told` are the calls that records said are kept, each as often as it was said."""

    def __init__(self, redis: Redis, before_answer: Callable[[], None] = lambda: None) -> None:
        self.told: list[str] = []
        self._redis = redis
        self._before_answer = before_answer
        self._to_forget: asyncio.Queue[str] = asyncio.Queue()
        self._forgotten: set[str] = set()
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Serve for as long as the context lasts."""
        tasks = [
            asyncio.create_task(CommandBus(self._redis).serve(self._obey)),
            asyncio.create_task(self._forget()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def forgot(self, *call_ids: str) -> None:
        """Return when all these calls are gone from live state."""
        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: self._forgotten >= set(call_ids))

    def _obey(self, command: AnyCommand) -> None:
        assert isinstance(command, RecordKept)
        self.told.append(command.call_id)
        self._to_forget.put_nowait(command.call_id)
        self._before_answer()

    async def _forget(self) -> None:
        while True:
            call_id = await self._to_forget.get()
            with contextlib.suppress(RedisError):
                await LiveWriter(self._redis).write(Commit(calls_gone=[call_id]))
                async with self._changed:
                    self._forgotten.add(call_id)
                    self._changed.notify_all()
