"""An agent's form while the call lives."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from records.drafts import FORMS, CallClosed, Draft, DraftConflict, Drafts
from records.form import RequestForm
from telephony.live import Commit, LiveWriter
from tests.records.calls import closed_call, talking_call

NOISE = RequestForm(title="夜间施工噪声", content="每晚十点以后仍在施工。\n请制止。")
HOSTILE_NAME = "O'Brien\"; DROP\r\n<script>\x00" + "名" * 4096


async def test_an_agent_finds_the_form_as_it_was_saved(redis: Redis) -> None:
    call = talking_call(caller_name=HOSTILE_NAME)
    await LiveWriter(redis).write(Commit(calls=[call]))
    drafts = Drafts(redis)
    assert await drafts.get(call.id) == Draft()
    saved = await drafts.save(call.id, NOISE, 0)
    assert saved.version == 1
    assert await drafts.get(call.id) == saved


async def test_two_windows_on_one_form_do_not_overwrite_each_other(redis: Redis) -> None:
    call = talking_call()
    await LiveWriter(redis).write(Commit(calls=[call]))
    drafts = Drafts(redis)
    first = await drafts.save(call.id, NOISE, 0)
    with pytest.raises(DraftConflict) as conflict:
        await drafts.save(call.id, RequestForm(title="另一窗口"), 0)
    assert conflict.value.newer == first
    assert await drafts.get(call.id) == first


async def test_a_form_that_is_edited_after_confirming_has_to_be_confirmed_again(redis: Redis) -> None:
    call = talking_call()
    await LiveWriter(redis).write(Commit(calls=[call]))
    drafts = Drafts(redis)
    confirmed = await drafts.save(call.id, NOISE, 0, confirmed_by="agent-1")
    assert confirmed.confirmed_by == "agent-1"
    assert confirmed.confirmed_at is not None
    edited = await drafts.save(call.id, NOISE, confirmed.version)
    assert (edited.confirmed_by, edited.confirmed_at) == (None, None)


async def test_what_would_not_reach_the_record_is_not_taken(redis: Redis) -> None:
    drafts, writer, call = Drafts(redis), LiveWriter(redis), talking_call()
    await writer.write(Commit(calls=[call]))
    saved = await drafts.save(call.id, NOISE, 0)
    await writer.write(Commit(calls=[closed_call(id=call.id)]))
    with pytest.raises(CallClosed):
        await drafts.save(call.id, RequestForm(title="太晚"), saved.version)
    assert await drafts.get(call.id) == saved
    await writer.write(Commit(calls_gone=[call.id]))
    with pytest.raises(CallClosed):
        await drafts.save(call.id, RequestForm(title="太晚"), saved.version)


async def test_an_agent_goes_on_typing_after_redis_lost_its_memory(redis: Redis) -> None:
    drafts, writer, call = Drafts(redis), LiveWriter(redis), talking_call()
    await writer.write(Commit(calls=[call]))
    await drafts.save(call.id, NOISE, 0)
    await redis.flushall()
    await writer.rewrite(Commit(calls=[call]))
    again = await drafts.save(call.id, NOISE, 1)
    assert (again.version, again.form) == (2, NOISE)


async def test_forms_of_calls_that_are_gone_are_swept_away(redis: Redis) -> None:
    drafts, writer = Drafts(redis), LiveWriter(redis)
    lives, gone = talking_call(), talking_call()
    await writer.write(Commit(calls=[lives, gone]))
    await drafts.save(lives.id, NOISE, 0)
    await drafts.save(gone.id, NOISE, 0)
    await writer.write(Commit(calls_gone=[gone.id]))
    assert await drafts.sweep() == 1
    assert await redis.hkeys(FORMS) == [lives.id.encode()]
    await drafts.delete(lives.id)
    assert await drafts.get(lives.id) == Draft()
