"""A call that has closed becomes exactly one record."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from records import database as database_module
from records.database import Database
from records.drafts import FORMS, Drafts
from records.form import RequestForm
from records.outbox import figures
from telephony.call import EndReason, LegOutcome, Party, PartyRole, Span
from telephony.live import CALLS, Commit, LiveWriter
from tests.records.calls import OFFERED_AT, abandoned_call, closed_call, talking_call
from tests.records.house import KeeperAtWork, documents, log_watch
from tests.records.locks import locked
from tests.records.played_controller import PlayedController
from tests.records.published_schema import valid
from tests.records.wav import write_recording
from tests.redis_server import RedisServer

FORM = RequestForm(
    title="夜间施工", content="每晚十点以后仍在施工。", category="order", subcategory="order_noise"
)

HOSTILE_NAMES = [
    "O'Brien\"; DROP TABLE records; --",
    "line\r\nAction: Originate\r\n\r\n",
    "<script>alert(1)</script>",
    "nul\x00 and \\u0000 and \\x00",
    "名" * 4096,
    "\u202egnp.exe\u2028\ud7ff\ue000\U0010ffff",
    "%s %(name)s {0} ${IFS} `id`",
]


@pytest.fixture
async def controller(redis: Redis) -> AsyncIterator[PlayedController]:
    controller = PlayedController(redis)
    async with controller.at_work():
        yield controller


async def test_a_wrapped_up_call_is_recorded_with_all_that_is_known(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    call = closed_call(recording_pauses=[Span(since=OFFERED_AT + 20, until=OFFERED_AT + 25)])
    writer, drafts = LiveWriter(redis), Drafts(redis)
    await writer.write(Commit(calls=[talking_call(id=call.id)]))
    draft = await drafts.save(call.id, FORM, 0, confirmed_by="agent-1")
    recording = write_recording(tmp_path, call.id, seconds=2)
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await writer.write(Commit(calls=[call]))
        await controller.forgot(call.id)
    (document,) = await documents(database)
    record = valid(document)
    assert record["call_id"] == call.id
    assert record["caller"] == {"number": "13800138000", "name": "张三"}
    assert record["durations"] == {"wait_s": 10.0, "talk_s": 60.0, "hold_s": 0.0, "wrap_up_s": 30.0}
    assert (record["agent_id"], record["seat"], record["end_reason"]) == ("agent-1", "8001", "caller-hung-up")
    assert record["form"]["title"] == FORM.title
    assert record["confirmation"]["confirmed"] is True
    assert record["confirmation"]["by"] == "agent-1"
    assert draft.confirmed_at is not None
    assert record["recording"]["sha256"] == hashlib.sha256(recording).hexdigest()
    assert (record["recording"]["seconds"], record["recording"]["complete"]) == (2.0, True)
    assert record["recording"]["pauses"] == [
        {"since": "2026-01-01T08:00:20+08:00", "until": "2026-01-01T08:00:25+08:00"}
    ]
    waiting = await figures(database, now=OFFERED_AT)
    assert (waiting.pending, waiting.dead) == (1, 0)


async def test_nothing_of_a_recorded_call_stays_in_live_state(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    call = closed_call()
    await LiveWriter(redis).write(Commit(calls=[talking_call(id=call.id)]))
    await Drafts(redis).save(call.id, FORM, 0)
    await LiveWriter(redis).write(Commit(calls=[call]))
    keeper = KeeperAtWork(redis, database, tmp_path)
    async with keeper.at_work():
        await controller.forgot(call.id)
    # Ended between the call's forgetting and its draft's, perhaps; the next start tidies up.
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await LiveWriter(redis).write(Commit(calls=[last := closed_call()]))
        await controller.forgot(last.id)
    assert await redis.hlen(CALLS) == 0
    assert not await redis.hexists(FORMS, call.id)
    assert controller.told == [call.id, last.id]


async def test_an_agent_who_runs_out_of_wrap_up_time_leaves_the_form_as_it_stands(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    call = closed_call()
    await LiveWriter(redis).write(Commit(calls=[talking_call(id=call.id)]))
    await Drafts(redis).save(call.id, FORM, 0)
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await LiveWriter(redis).write(Commit(calls=[call]))
        await controller.forgot(call.id)
    record = valid((await documents(database))[0])
    assert record["form"]["content"] == FORM.content
    assert record["confirmation"] == {"confirmed": False, "by": None, "at": None}


async def test_calls_that_nobody_answered_or_watched_are_recorded_too(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    abandoned = abandoned_call()
    caller = Party(role=PartyRole.CALLER, leg="x", left_at=OFFERED_AT + 95, outcome=LegOutcome.JOINED)
    unobserved = abandoned_call(end_reason=EndReason.UNOBSERVED, offered_at=OFFERED_AT + 1, parties=[caller])
    await LiveWriter(redis).write(Commit(calls=[abandoned, unobserved]))
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await controller.forgot(abandoned.id, unobserved.id)
    records = [valid(document) for document in await documents(database)]
    assert [record["end_reason"] for record in records] == ["abandoned", "unobserved"]
    assert [record["recording_missing"] for record in records] == ["not-found", "not-found"]
    assert [record["form"]["title"] for record in records] == [None, None]


async def test_hostile_names_and_numbers_are_recorded_as_they_came(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    calls = [
        closed_call(
            caller_name=name, caller_number="1" * 4096, dialled="2" * 4096, offered_at=OFFERED_AT - place
        )
        for place, name in enumerate(HOSTILE_NAMES)
    ]
    await LiveWriter(redis).write(Commit(calls=calls))
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await controller.forgot(*(call.id for call in calls))
    records = {record["call_id"]: record for record in map(valid, await documents(database))}
    assert [records[call.id]["caller"]["name"] for call in calls] == HOSTILE_NAMES
    assert {(record["caller"]["number"], record["dialled"]) for record in records.values()} == {
        ("1" * 4096, "2" * 4096)
    }


async def test_a_call_that_goes_on_is_left_alone(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    goes_on, closed = talking_call(), closed_call()
    await LiveWriter(redis).write(Commit(calls=[goes_on]))
    async with KeeperAtWork(redis, database, tmp_path).at_work():
        await LiveWriter(redis).write(Commit(calls=[goes_on, closed]))
        await controller.forgot(closed.id)
    assert [valid(document)["call_id"] for document in await documents(database)] == [closed.id]
    assert controller.told == [closed.id]


async def test_two_keepers_at_once_make_one_record_of_each_call(
    redis: Redis, database: Database, database_url: str, controller: PlayedController, tmp_path: Path
) -> None:
    calls = [closed_call() for _ in range(40)]
    other = Database(database_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(other.close)
        for used in (database, other):
            await stack.enter_async_context(KeeperAtWork(redis, used, tmp_path).at_work())
        for call in calls:
            await LiveWriter(redis).write(Commit(calls=[call]))
        await controller.forgot(*(call.id for call in calls))
    kept = sorted(valid(document)["call_id"] for document in await documents(database))
    assert kept == sorted(call.id for call in calls)
    assert (await figures(database, now=0.0)).pending == len(calls)


async def test_a_locked_database_delays_the_record_and_nothing_else(
    redis: Redis,
    database_url: str,
    controller: PlayedController,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The lock outlasts what the driver waits by itself.
    monkeypatch.setattr(database_module, "SQLITE_BUSY_S", 0.1)
    monkeypatch.setattr(database_module, "POSTGRES_LIMIT_S", 0.5)
    database, call, other = Database(database_url), closed_call(), closed_call()
    try:
        with log_watch("trying again") as log:
            async with KeeperAtWork(redis, database, tmp_path).at_work():
                async with locked(database_url):
                    await LiveWriter(redis).write(Commit(calls=[call, other]))
                    await log.said()
                    assert controller.told == []
                await controller.forgot(call.id, other.id)
        assert len(await documents(database)) == 2
    finally:
        await database.close()


async def test_redis_that_comes_back_without_its_memory_costs_no_record(
    redis_server: RedisServer, database: Database, tmp_path: Path
) -> None:
    before, after = closed_call(), closed_call(offered_at=OFFERED_AT + 1)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server.client())
        keeper = KeeperAtWork(redis, database, tmp_path)
        await stack.enter_async_context(keeper.at_work())
        await LiveWriter(redis).write(Commit(calls=[before]))
        # No controller serves: the record is kept, and the keeper goes on saying so.
        await keeper.kept(1)
        with log_watch("looking anew") as log:
            await redis_server.stop()
            await log.said()
        await redis_server.start()
        await LiveWriter(redis).rewrite(Commit(calls=[before, after]))
        controller = PlayedController(redis)
        async with controller.at_work():
            await controller.forgot(before.id, after.id)
    assert [valid(document)["call_id"] for document in await documents(database)] == [before.id, after.id]


async def test_a_call_that_cannot_be_recorded_does_not_stop_the_others(
    redis: Redis, database: Database, controller: PlayedController, tmp_path: Path
) -> None:
    broken, sound = closed_call(id="../not/a/name"), closed_call()
    with log_watch("cannot be recorded") as log:
        async with KeeperAtWork(redis, database, tmp_path).at_work():
            await LiveWriter(redis).write(Commit(calls=[broken, sound]))
            await controller.forgot(sound.id)
            await log.said()
    assert [valid(document)["call_id"] for document in await documents(database)] == [sound.id]
    assert await redis.hexists(CALLS, broken.id)
