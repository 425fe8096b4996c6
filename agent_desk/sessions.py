"""Signed-in browsers: sessions in Redis, found by a keyed hash of what the browser's cookie holds.

A session ends LONGEST_S after sign-in, or IDLE_S after the last sign of life; a request is one, and so is an
open page, whose WebSocket is looked after every few seconds. Because of the hash, reading Redis is not enough
to be somebody.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import msgspec
from redis.asyncio import Redis

from records.people import Role

LONGEST_S = 12 * 3600
IDLE_S = 30 * 60
KEPT_AFTER_S = 24 * 3600
"""How long an ended session is still known, so that its agent can be signed out."""
SESSION = "hotline:session:"
OF_USER = "hotline:user-sessions:"
ENDS = "hotline:session-ends"

# Returns the session and moves its end onward, if it has not ended.
_VISIT = """
local raw = redis.call('GET', KEYS[1])
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
local now = tonumber(ARGV[2])
if not raw or not ends or tonumber(ends) <= now then return false end
local next_end = math.min(cjson.decode(raw)['ends_at'], now + tonumber(ARGV[3]))
redis.call('ZADD', KEYS[2], 'XX', string.format('%.3f', next_end), ARGV[1])
return raw
"""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in at a browser; times are epoch seconds.

    `key` is the hash, never the cookie's value.
    """

    key: str
    user_id: str
    username: str
    name: str
    role: Role
    team: str
    csrf_token: str
    address: str
    signed_in_at: float
    ends_at: float
    seat: str | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


class Sessions:
    """All sessions. Every method raises redis.RedisError when Redis is away.

    `departure` is set when a session was ended that owes a sign-out.
    """

    def __init__(self, redis: Redis, secret: bytes) -> None:
        self._redis = redis
        self._secret = secret
        self._visit = redis.register_script(_VISIT)
        self.departure = asyncio.Event()
        self._watchers: dict[str, set[Callable[[], None]]] = {}

    async def begin(
        self, *, user_id: str, username: str, name: str, role: Role, team: str, seat: str | None, address: str
    ) -> tuple[str, Session]:
        """Return the cookie's new value, and the session that it opens."""
        token, now = secrets.token_urlsafe(32), time.time()
        session = Session(
            key=self._key(token),
            user_id=user_id,
            username=username,
            name=name,
            role=role,
            team=team,
            seat=seat,
            csrf_token=secrets.token_urlsafe(32),
            address=address,
            signed_in_at=now,
            ends_at=now + LONGEST_S,
        )
        life = LONGEST_S + KEPT_AFTER_S
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(SESSION + session.key, _encoder.encode(session), ex=life)
            pipe.sadd(OF_USER + user_id, session.key)
            pipe.expire(OF_USER + user_id, life)
            pipe.zadd(ENDS, {session.key: now + IDLE_S})
            await pipe.execute()
        return token, session

    async def find(self, token: str) -> Session | None:
        """Return the session that a cookie's value opens, and count this as a sign of life."""
        return await self.refresh(self._key(token))

    async def refresh(self, key: str) -> Session | None:
        """Return the session if it lives, and count this as a sign of life."""
        raw = await self._visit(keys=(SESSION + key, ENDS), args=(key, time.time(), IDLE_S))
        return None if raw is None else _decoder.decode(raw)

    async def end(self, session: Session, *, owes_sign_out: bool = False) -> None:
        """End a session; with `owes_sign_out` it is still listed by `ended`, until `forget`."""
        if owes_sign_out:
            await self.postpone(session)
            self.departure.set()
        else:
            await self.forget(session)
            self._tell(session.key)

    async def postpone(self, session: Session) -> None:
        """Have an ended session listed again by `ended`, after all others."""
        await cast(Awaitable[int], self._redis.zadd(ENDS, {session.key: time.time()}, xx=True))
        self._tell(session.key)

    async def end_others(self, kept: Session) -> int:
        """End all other sessions of the same person; returns how many there were."""
        others = [session for session in await self._of(kept.user_id) if session.key != kept.key]
        for session in others:
            await self.end(session)
        return len(others)

    async def end_all(self, user_id: str) -> int:
        """End every session of a person: theirs were disabled, or got another password."""
        sessions = await self._of(user_id)
        for session in sessions:
            await self.end(session, owes_sign_out=session.seat is not None)
        return len(sessions)

    async def lives(self, user_id: str) -> bool:
        """Whether the person has a session that has not ended."""
        now = time.time()
        for session in await self._of(user_id):
            score = await self._redis.zscore(ENDS, session.key)
            if score is not None and score > now:
                return True
        return False

    async def ended(self, limit: int) -> list[Session]:
        """Return sessions that have ended and are not forgotten, at most `limit`."""
        keys = await cast(
            Awaitable[list[bytes]], self._redis.zrangebyscore(ENDS, 0, time.time(), start=0, num=limit)
        )
        found = []
        for key in keys:
            session = await self._load(key.decode())
            if session is None:
                await self._redis.zrem(ENDS, key)
            else:
                found.append(session)
        return found

    async def forget(self, session: Session) -> None:
        """Remove every trace of a session."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(SESSION + session.key)
            pipe.srem(OF_USER + session.user_id, session.key)
            pipe.zrem(ENDS, session.key)
            await pipe.execute()

    @contextlib.contextmanager
    def watch(self, session: Session, over: Callable[[], None]) -> Iterator[None]:
        """Call `over` when this process ends the session; another process's ending is found by `refresh`."""
        watchers = self._watchers.setdefault(session.key, set())
        watchers.add(over)
        try:
            yield
        finally:
            watchers.discard(over)
            if not watchers:
                self._watchers.pop(session.key, None)

    def _tell(self, key: str) -> None:
        for over in tuple(self._watchers.get(key, ())):
            over()

    async def _of(self, user_id: str) -> list[Session]:
        keys = await cast(Awaitable[set[bytes]], self._redis.smembers(OF_USER + user_id))
        loaded = [await self._load(key.decode()) for key in keys]
        return [session for session in loaded if session is not None]

    async def _load(self, key: str) -> Session | None:
        raw = await cast(Awaitable[bytes | None], self._redis.get(SESSION + key))
        return None if raw is None else _decoder.decode(raw)

    def _key(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()
