"""Delivers records to the case store: HTTP POST, repeated for as long as it takes.

The call's id goes along as the idempotency key, so a record that was stored although its answer was lost is stored
once. Only a refusal of the record itself ends the attempts; what is wrong with the way there, does not.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time

import aiohttp
import msgspec
from yarl import URL

from records import outbox
from records.backoff import pause_s, until_done
from records.database import Database, is_away
from records.outbox import Parcel

AT_ONCE = 8
LOOK_EVERY_S = 2.0
"""How soon a record is noticed that another process put into the outbox or sent again."""

HOLD_MARGIN_S = 5.0
ANSWER_BYTES = 64 * 1024
REASON_LENGTH = 500
ID_LENGTH = 200
_ON_ONE_LINE = re.compile(r"[\x00-\x1f\x7f]+")

LEAST_REST_S = 0.05

REPEATABLE = frozenset({401, 404, 405, 407, 408, 425, 429})
"""Answers of 4xx that say nothing about the record, but about our token, our address, or the store's load."""

DUPLICATE = "duplicate"
"""`error` in the body of a 409 by which a store says that it has this very record already."""

log = logging.getLogger(__name__)


class CaseStoreAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where records go, and with how much patience; times in seconds.

    Attributes:
        url: without a slash at its end; records are posted to `<url>/records`.
        token: bearer token.
        timeout_s: for one attempt, from connecting to the end of the answer.
        retry_first_s: pause after the first failure; it doubles up to `retry_most_s`.
    """

    url: str
    token: str
    timeout_s: float
    retry_first_s: float
    retry_most_s: float


class Stored(msgspec.Struct, frozen=True):
    """The store has the record; `id` is its own, when it told."""

    id: str | None


class Refused(msgspec.Struct, frozen=True):
    """The store will never take the record as it is."""

    reason: str


class Failed(msgspec.Struct, frozen=True):
    """The attempt failed; the store may have asked for a pause of `pause_s` seconds."""

    reason: str
    pause_s: float = 0.0


Outcome = Stored | Refused | Failed


class Delivery:
    """Empties the outbox."""

    def __init__(self, database: Database, store: CaseStoreAddress) -> None:
        self._database = database
        self._store = store
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        await until_done("outbox", self._release, is_away)
        # The address may hold a password.
        log.info("records go to %s", URL(self._store.url).origin())
        timeout = aiohttp.ClientTimeout(total=self._store.timeout_s)
        session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        async with session, asyncio.TaskGroup() as parcels:
            under_way: set[asyncio.Task[None]] = set()
            while True:
                self._woken.clear()
                for parcel in await self._take(AT_ONCE - len(under_way)):
                    task = parcels.create_task(self._deliver(session, parcel))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                    task.add_done_callback(lambda _: self.wake())
                await self._rest(is_full=len(under_way) == AT_ONCE)

    async def _release(self) -> None:
        """What a process that ended was delivering, and what waits for its next attempt, is due at once."""
        await outbox.hasten(self._database, now=time.time())

    async def _take(self, limit: int) -> list[Parcel]:
        if limit == 0:
            return []
        hold_s = self._store.timeout_s + HOLD_MARGIN_S
        return await until_done(
            "outbox",
            lambda: outbox.take(self._database, limit=limit, now=time.time(), hold_s=hold_s),
            is_away,
        )

    async def _rest(self, *, is_full: bool) -> None:
        """Return when a record may be due, or there is room for one again."""
        wait = LOOK_EVERY_S
        if not is_full:
            due = await until_done("outbox", lambda: outbox.next_due(self._database), is_away)
            if due is not None:
                wait = min(LOOK_EVERY_S, max(LEAST_REST_S, due - time.time()))
        try:
            async with asyncio.timeout(wait):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _deliver(self, session: aiohttp.ClientSession, parcel: Parcel) -> None:
        outcome = await self._post(session, parcel)
        await until_done(f"delivery of {parcel.call_id}", lambda: self._settle(parcel, outcome), is_away)

    async def _post(self, session: aiohttp.ClientSession, parcel: Parcel) -> Outcome:
        headers = {
            "Authorization": f"Bearer {self._store.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.call_id,
        }
        url, body = f"{self._store.url}/records", parcel.document.encode()
        try:
            # A redirect would carry a citizen's request to an address that nobody configured.
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return judge(
                    answer.status, await _beginning(answer.content), answer.headers.get("Retry-After")
                )
        except TimeoutError:
            return Failed(f"no answer within {self._store.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Failed(f"{type(error).__name__}: {error}")

    async def _settle(self, parcel: Parcel, outcome: Outcome) -> None:
        call_id, now = parcel.call_id, time.time()
        match outcome:
            case Stored(id=stored_as):
                await outbox.mark_delivered(self._database, call_id, now=now, stored_as=stored_as)
                log.info("record of call %s delivered at attempt %d", call_id, parcel.attempts)
            case Refused(reason=reason):
                await outbox.mark_dead(self._database, call_id, now=now, reason=reason)
                log.error("record of call %s refused by the case store: %s", call_id, reason)
            case Failed(reason=reason, pause_s=asked_s):
                pause = pause_s(parcel.attempts, self._store.retry_first_s, self._store.retry_most_s)
                pause = max(pause, min(asked_s, self._store.retry_most_s))
                await outbox.put_off(self._database, call_id, until=now + pause, reason=reason)
                log.warning("record of call %s: attempt %d failed: %s", call_id, parcel.attempts, reason)


def judge(status: int, body: bytes, retry_after: str | None = None) -> Outcome:
    """Return what an HTTP answer means for the record that was posted."""
    answer = _decode(body)
    said = answer.message or answer.error or body.decode(errors="replace")
    reason = f"HTTP {status} {_ON_ONE_LINE.sub(' ', said)[:REASON_LENGTH]}".rstrip()
    if 200 <= status < 300 or (status == 409 and answer.error == DUPLICATE):
        return Stored(None if answer.id is None else str(answer.id)[:ID_LENGTH])
    if 300 <= status < 400:
        return Failed(f"{reason}: redirects are not followed, name the final address")
    if 400 <= status < 500 and status not in REPEATABLE:
        return Refused(reason)
    return Failed(
        reason, float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0.0
    )


class _Answer(msgspec.Struct):
    id: str | int | None = None
    error: str | None = None
    message: str | None = None


_answer_decoder = msgspec.json.Decoder(_Answer)


def _decode(body: bytes) -> _Answer:
    try:
        return _answer_decoder.decode(body)
    except msgspec.DecodeError:
        return _Answer()


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """Read an answer up to ANSWER_BYTES; the rest of a longer one is of no interest."""
    read = b""
    async for chunk in content.iter_chunked(ANSWER_BYTES):
        read += chunk
        if len(read) >= ANSWER_BYTES:
            break
    return read
