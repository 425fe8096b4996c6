"""The one reader of live state in this process, and everybody who waits for news of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agent_desk.live.journal import Change, Journal
from agent_desk.live.lens import AgentLens, Lens
from telephony.live import FellBehind, LiveReader

log = logging.getLogger(__name__)

RETRY_S = 0.2
ANSWER_LIMIT_S = 3.0
"""A Redis that says nothing for so long is away, although the connection stands."""
SNAPSHOT_LIMIT_S = 10.0
AWAY_AFTER_S = 3.0
"""A gap shorter than this is not shown to people: Redis restarts in less."""
EVERYTHING = ""
"""Stands beside agents' ids for those who see all."""
PULSE_S = 1.0
"""How often agents are told how many wait; their own calls they are told at once."""


class _AnotherRedis(Exception):
    """Redis was restarted: what its memory holds now need not follow from what it held."""


class Watch:
    """One browser's share of the feed: `news` is set whenever something that it sees may have changed."""

    def __init__(self) -> None:
        self.news = asyncio.Event()


class LiveFeed:
    """Keeps a journal of live state for as long as `run` runs.

    `journal` is replaced by another one whenever the thread was lost (Redis restarted, or too far behind); a
    browser that holds a cursor into an earlier journal needs a snapshot.
    """

    def __init__(self, redis: Redis, queues: Sequence[str]) -> None:
        self._redis = redis
        self._reader = LiveReader(redis)
        self._queues = tuple(queues)
        self._journal: Journal | None = None
        self._lost_at: float | None = time.monotonic()
        self._arrived = asyncio.Event()
        self._watches: dict[str, set[Watch]] = {}

    @property
    def journal(self) -> Journal | None:
        """Live state, or None when it has been out of reach for longer than a restart takes."""
        if self._lost_at is not None and time.monotonic() - self._lost_at > AWAY_AFTER_S:
            return None
        return self._journal

    @property
    def lag_s(self) -> float:
        """For how many seconds this process has been without the stream; 0 while it follows it."""
        return 0.0 if self._lost_at is None else time.monotonic() - self._lost_at

    async def arrived(self, limit_s: float) -> None:
        """Return when the first snapshot is there. Raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            await self._arrived.wait()

    @contextlib.contextmanager
    def watch(self, lens: Lens) -> Iterator[Watch]:
        """Tell the watch of news that the lens can see, until the context ends."""
        watch = Watch()
        key = lens.agent_id if isinstance(lens, AgentLens) else EVERYTHING
        watches = self._watches.setdefault(key, set())
        watches.add(watch)
        try:
            yield watch
        finally:
            watches.discard(watch)
            if not watches and self._watches.get(key) is watches:
                del self._watches[key]

    async def run(self) -> None:
        """Follow live state until cancelled, through every restart of Redis and of the controller."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pulse())
            while True:
                try:
                    await self._stay()
                except (RedisError, OSError, FellBehind, _AnotherRedis, msgspec.MsgspecError) as error:
                    log.warning("live state: %s: %s", type(error).__name__, error)
                if self._lost_at is None:
                    self._lost_at = time.monotonic()
                elif self.lag_s > AWAY_AFTER_S:
                    self._tell_everybody()
                # Redis offers no event for "reachable again".
                await asyncio.sleep(RETRY_S)

    async def _stay(self) -> None:
        run_id = await self._identity()
        async with asyncio.timeout(SNAPSHOT_LIMIT_S):
            live = await self._reader.snapshot()
        self._journal = Journal(live, self._queues)
        self._lost_at = None
        self._arrived.set()
        self._tell_everybody()
        # Not a task group: before Python 3.13 one whose child fails while it is cancelled forgets the cancellation.
        tasks = [
            asyncio.create_task(self._follow(self._journal)),
            asyncio.create_task(self._guard(run_id)),
        ]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            task.result()

    async def _follow(self, journal: Journal) -> None:
        async for position, commit in self._reader.follow(journal.position):
            self._spread(journal.apply(position, commit))

    async def _guard(self, run_id: str) -> None:
        # The client reconnects by itself after a lost connection: only this tells that memory may be lost.
        while True:
            await asyncio.sleep(PULSE_S)
            if await self._identity() != run_id:
                raise _AnotherRedis("Redis was restarted")

    async def _identity(self) -> str:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            info = await cast(Awaitable[dict[str, object]], self._redis.info("server"))
        return str(info["run_id"])

    async def _pulse(self) -> None:
        told: object = None
        while True:
            await asyncio.sleep(PULSE_S)
            if self._journal is not None and (views := self._journal.queue_views()) is not told:
                told = views
                self._tell_everybody()

    def _spread(self, change: Change) -> None:
        for key in (EVERYTHING, *change.concerned()):
            for watch in self._watches.get(key, ()):
                watch.news.set()

    def _tell_everybody(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.news.set()
