"""One records role at work in the test's own process, between a real Redis, database and recordings' folder."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from redis.asyncio import Redis
from sqlalchemy import select

from records.assembly import assemble
from records.database import Database
from records.drafts import Draft
from records.form import RequestForm
from records.keeper import Keeper
from records.keeping import keep
from records.models import RecordRow
from records.recordings import Recordings
from records.schema import MissingRecording
from telephony.call import Call

LIMIT_S = 20.0
NO_FORM = RequestForm()


class KeeperAtWork:
    """A keeper, and when it has kept something."""

    def __init__(self, redis: Redis, database: Database, folder: Path) -> None:
        self._kept = 0
        self._changed = asyncio.Event()
        self._keeper = Keeper(redis, database, Recordings(folder), ZoneInfo("Asia/Shanghai"), self._count)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Keep records for as long as the context lasts."""
        async with running(self._keeper.run()):
            yield

    async def kept(self, number: int) -> None:
        """Return when `number` records were committed."""
        async with asyncio.timeout(LIMIT_S):
            while self._kept < number:
                self._changed.clear()
                await self._changed.wait()

    def _count(self) -> None:
        self._kept += 1
        self._changed.set()


@contextlib.asynccontextmanager
async def running(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Have `work` done for as long as the context lasts; its own errors are raised at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def put_record(database: Database, call: Call, form: RequestForm = NO_FORM) -> str:
    """Keep the record of a call, due for delivery, and return it as it is kept."""
    zone = ZoneInfo("Asia/Shanghai")
    draft = Draft(form=form, version=1)
    await keep(
        database,
        assemble(call, draft, MissingRecording.NOT_FOUND, record_id=uuid.uuid4().hex, zone=zone),
    )
    async with database.reading() as connection:
        found = await connection.scalar(select(RecordRow.document).where(RecordRow.call_id == call.id))
    assert found is not None
    return found


async def documents(database: Database) -> list[str]:
    """Return every record as it is kept, in the order of the calls."""
    async with database.reading() as connection:
        statement = select(RecordRow.document).order_by(RecordRow.offered_at, RecordRow.call_id)
        return list((await connection.scalars(statement)).all())


class LogWatch(logging.Handler):
    """Tells when something is said in the log."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._loop = asyncio.get_running_loop()
        self._times = 0
        self._said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        if self._text in record.getMessage():
            self._times += 1
            self._loop.call_soon_threadsafe(self._said.set)

    async def said(self, times: int = 1) -> None:
        """Return when the text was said so many times."""
        async with asyncio.timeout(LIMIT_S):
            while self._times < times:
                self._said.clear()
                await self._said.wait()


@contextlib.contextmanager
def log_watch(text: str) -> Iterator[LogWatch]:
    """Watch the log of records/ for `text`."""
    watch = LogWatch(text)
    logger = logging.getLogger("records")
    logger.addHandler(watch)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield watch
    finally:
        logger.setLevel(level)
        logger.removeHandler(watch)
