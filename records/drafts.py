"""The form of a call that is not yet a record: saved by the desk while the call lives, read by the keeper.

What an agent was told is saved is in the record: a draft is taken only while its call is known and not
closed, and the keeper reads it after the call closed. Redis decides both in one step.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Awaitable
from typing import cast

import msgspec
from redis.asyncio import Redis

from records.form import RequestForm
from telephony.call import CallState
from telephony.live import CALLS

FORMS = "hotline:forms"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was last saved; times are epoch seconds.

    Attributes:
        version: 0 before the first save, then one more with each.
        confirmed_by: id of the agent who confirmed exactly this version.
    """

    form: RequestForm = RequestForm()
    version: int = 0
    confirmed_by: str | None = None
    confirmed_at: float | None = None
    edited_at: float | None = None


class DraftConflict(Exception):
    """Somebody saved a newer version; `newer` is it."""

    def __init__(self, newer: Draft) -> None:
        super().__init__(f"the form was changed meanwhile: take version {newer.version} and edit that")
        self.newer = newer


class CallClosed(Exception):
    """The call is closed or gone: its record holds the last saved version."""


class _Answer(enum.IntEnum):
    SAVED = 0
    CLOSED = 1
    NEWER = 2


# A draft that is missing although the desk has a version of it was lost with Redis' memory: take the desk's.
_SAVE = """
local call = redis.call('HGET', KEYS[1], ARGV[1])
if not call or cjson.decode(call)['state'] == ARGV[4] then return {1} end
local draft = redis.call('HGET', KEYS[2], ARGV[1])
if draft and cjson.decode(draft)['version'] ~= tonumber(ARGV[2]) then return {2, draft} end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return {0}
"""

_SWEEP = """
local swept = 0
for _, id in ipairs(redis.call('HKEYS', KEYS[2])) do
    if redis.call('HEXISTS', KEYS[1], id) == 0 then swept = swept + redis.call('HDEL', KEYS[2], id) end
end
return swept
"""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Draft)


class Drafts:
    """All drafts. Every method raises redis.RedisError when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._save = redis.register_script(_SAVE)
        self._sweep = redis.register_script(_SWEEP)

    async def get(self, call_id: str) -> Draft:
        """Return the draft of a call; an empty one of version 0 when nothing was saved."""
        raw = await cast(Awaitable[bytes | None], self._redis.hget(FORMS, call_id))
        return Draft() if raw is None else _decoder.decode(raw)

    async def save(
        self, call_id: str, form: RequestForm, version: int, *, confirmed_by: str | None = None
    ) -> Draft:
        """Save `form`, which was made from `version`, and return the draft with its new version.

        Raises:
            DraftConflict: another version was saved since.
            CallClosed: nothing can be added to the call any more.
        """
        now = time.time()
        draft = Draft(
            form=form,
            version=version + 1,
            confirmed_by=confirmed_by,
            confirmed_at=None if confirmed_by is None else now,
            edited_at=now,
        )
        arguments = (call_id, version, _encoder.encode(draft), CallState.CLOSED)
        answer, *newer = await self._save(keys=(CALLS, FORMS), args=arguments)
        match _Answer(answer):
            case _Answer.CLOSED:
                raise CallClosed(f"call {call_id} is closed: its record has been made")
            case _Answer.NEWER:
                raise DraftConflict(_decoder.decode(newer[0]))
            case _Answer.SAVED:
                return draft

    async def delete(self, call_id: str) -> None:
        """Forget the draft of a call whose record is kept."""
        await self._redis.hdel(FORMS, call_id)

    async def sweep(self) -> int:
        """Forget the drafts of calls that are gone, and return how many there were.

        They are left by a keeper that ended between the call's forgetting and its draft's.
        """
        return int(await self._sweep(keys=(CALLS, FORMS)))
