"""Makes the record of every call that has closed: exactly one, whatever ends in between.

The call stays in live state until its record is committed, and the database takes one record a call. So whatever was
done before a crash is found again, and done again only where it had no effect.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

from redis.asyncio import Redis
from redis.exceptions import RedisError

from records.assembly import assemble
from records.backoff import RETRY_FIRST_S, pause_s, until_done
from records.database import Database, is_away
from records.drafts import Draft, Drafts
from records.keeping import is_kept, keep
from records.recordings import Recordings
from records.schema import MissingRecording
from telephony.call import Call, CallState
from telephony.command_bus import CommandBus, NoController
from telephony.commands import CommandRefused, RecordKept
from telephony.live import FellBehind, Live, LiveReader

AT_ONCE = 8
"""So many calls use the database, or wait for the controller, at the same time; the others wait their turn."""

GONE_LIMIT_S = 2.0
"""How long the controller's change may take to be seen in live state before it is asked once more."""

REDIS_LIMIT_S = 10.0
"""For one question to Redis; longer than the controller may take for its answer."""

SECOND_TRY_S = 5.0
LAST_TRY_S = 60.0

log = logging.getLogger(__name__)


class Keeper:
    """Watches live state for closed calls, and keeps each."""

    def __init__(
        self,
        redis: Redis,
        database: Database,
        recordings: Recordings,
        zone: ZoneInfo,
        on_kept: Callable[[], None],
    ) -> None:
        """`on_kept` is called after each record that was committed; `zone` is that of the record's moments."""
        self._reader = LiveReader(redis)
        self._bus = CommandBus(redis)
        self._drafts = Drafts(redis)
        self._database = database
        self._recordings = recordings
        self._zone = zone
        self._on_kept = on_kept
        self._gone: dict[str, asyncio.Event] = {}
        self._commits = asyncio.Semaphore(AT_ONCE)
        self._farewells = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Keep calls until cancelled."""
        async with asyncio.TaskGroup() as calls:
            while True:
                live = await until_done("live state", self._look, _is_redis_away)
                for call_id in self._gone.keys() - live.calls.keys():
                    self._gone[call_id].set()
                for call in live.calls.values():
                    self._take(call, calls)
                try:
                    await self._follow(live.position, calls)
                except (RedisError, OSError, FellBehind) as error:
                    log.warning("live state: looking anew: %s", error)
                    await asyncio.sleep(RETRY_FIRST_S)

    async def _look(self) -> Live:
        async with asyncio.timeout(REDIS_LIMIT_S):
            live = await self._reader.snapshot()
            await self._drafts.sweep()
            return live

    async def _follow(self, position: str, calls: asyncio.TaskGroup) -> None:
        async for _, commit in self._reader.follow(position):
            for call in commit.calls:
                self._take(call, calls)
            for call_id in commit.calls_gone:
                if call_id in self._gone:
                    self._gone[call_id].set()

    def _take(self, call: Call, calls: asyncio.TaskGroup) -> None:
        if call.state is CallState.CLOSED and call.id not in self._gone:
            self._gone[call.id] = asyncio.Event()
            calls.create_task(self._keep(call), name=f"record of {call.id}")

    async def _keep(self, call: Call) -> None:
        """Record a call and see it forgotten; one that cannot be recorded stays, and is tried again."""
        failures = 0
        try:
            while True:
                try:
                    await self._record(call)
                    break
                except Exception:
                    failures += 1
                    log.exception("call %s cannot be recorded; it stays in live state", call.id)
                    await asyncio.sleep(pause_s(failures, SECOND_TRY_S, LAST_TRY_S))
            async with self._farewells:
                await until_done(f"forgetting {call.id}", lambda: self._let_go(call.id), _is_controller_away)
            await until_done(f"form of {call.id}", lambda: self._forget_draft(call.id), _is_redis_away)
        finally:
            del self._gone[call.id]

    async def _record(self, call: Call) -> None:
        async with self._commits:
            if await until_done(f"record of {call.id}", lambda: is_kept(self._database, call.id), is_away):
                return
        recording = await self._recordings.finished(call.id, call.closed_at or call.state_since)
        if isinstance(recording, MissingRecording):
            log.warning("call %s has no recording: %s", call.id, recording)
        draft = await until_done(f"form of {call.id}", lambda: self._draft(call.id), _is_redis_away)
        record = assemble(call, draft, recording, record_id=uuid.uuid4().hex, zone=self._zone)
        async with self._commits:
            await until_done(f"record of {call.id}", lambda: keep(self._database, record), is_away)
        self._on_kept()

    async def _draft(self, call_id: str) -> Draft:
        async with asyncio.timeout(REDIS_LIMIT_S):
            return await self._drafts.get(call_id)

    async def _let_go(self, call_id: str) -> None:
        """Tell the controller, and return when the call is gone from live state."""
        gone = self._gone[call_id]
        if not gone.is_set():
            async with asyncio.timeout(REDIS_LIMIT_S):
                await self._bus.ask(RecordKept(call_id=call_id))
            async with asyncio.timeout(GONE_LIMIT_S):
                await gone.wait()

    async def _forget_draft(self, call_id: str) -> None:
        async with asyncio.timeout(REDIS_LIMIT_S):
            await self._drafts.delete(call_id)


def _is_redis_away(error: Exception) -> bool:
    return isinstance(error, (RedisError, OSError, TimeoutError))


def _is_controller_away(error: Exception) -> bool:
    return isinstance(error, (NoController, CommandRefused)) or _is_redis_away(error)
