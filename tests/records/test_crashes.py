"""Exactly one record of each call, at whatever moment the real records process is killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from records.database import Database
from records.drafts import FORMS, Drafts
from records.form import RequestForm
from records.models import DeliveryState, RecordRow
from records.outbox import deliveries
from telephony.call import Call
from telephony.live import CALLS, Commit, LiveWriter
from tests.records.calls import closed_call, talking_call
from tests.records.case_store_server import TOKEN, CaseStoreServer
from tests.records.flaky_proxy import Fault, FlakyProxy
from tests.records.house import documents
from tests.records.locks import locked
from tests.records.played_controller import PlayedController
from tests.records.published_schema import valid
from tests.records.role_process import Centre, RoleProcess
from tests.records.wav import unfinished, wav, write_recording
from tests.redis_server import RedisServer

LIMIT_S = 30.0
FORM = RequestForm(title="暖气不热", content="室温 14 度。")


on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""For stories in which the database plays no part: every start of a process takes its time."""


@pytest.fixture
def centre(tmp_path: Path, database_url: str, redis_server: RedisServer, proxy: FlakyProxy) -> Centre:
    folder = tmp_path / "centre"
    folder.mkdir()
    (folder / "token").write_text(TOKEN)
    store: dict[str, str | int] = {"url": proxy.url, "token_file": str(folder / "token"), "timeout_s": 1}
    tables: dict[str, dict[str, str | int]] = {
        "database": {"url": database_url},
        "redis": {"url": redis_server.url},
        "case_store": store,
    }
    return Centre(folder, tables)


@pytest.fixture
async def process(centre: Centre) -> AsyncIterator[RoleProcess]:
    process = RoleProcess(centre, "records", ready="records go to")
    async with process.at_work():
        yield process


async def close_a_call(redis: Redis, **changes: object) -> Call:
    """A call whose form the agent has filled in, and which then closed."""
    call = closed_call(**changes)
    await LiveWriter(redis).write(Commit(calls=[talking_call(id=call.id)]))
    await Drafts(redis).save(call.id, FORM, 0, confirmed_by="agent-1")
    await LiveWriter(redis).write(Commit(calls=[call]))
    return call


async def delivered(database: Database) -> None:
    """Return when everything in the outbox was delivered, and there is something."""
    async with asyncio.timeout(LIMIT_S):
        while {found.state for found in await deliveries(database)} != {DeliveryState.DELIVERED}:  # noqa: ASYNC110
            # A database tells nobody of a change.
            await asyncio.sleep(0.02)


async def kept(database: Database, call: Call) -> None:
    """Return when the call has its record."""
    statement = select(RecordRow.call_id).where(RecordRow.call_id == call.id)
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with database.reading() as connection:
                if await connection.scalar(statement):
                    return
            await asyncio.sleep(0.02)


async def one_record_arrives(
    database: Database, redis: Redis, controller: PlayedController, case_store: CaseStoreServer, call: Call
) -> None:
    """What must be true in the end, whatever happened before."""
    await controller.forgot(call.id)
    await delivered(database)
    (document,) = await documents(database)
    assert await case_store.bodies() == {call.id: document.encode()}
    record = valid(document)
    assert record["call_id"] == call.id
    assert record["form"]["title"] == FORM.title
    assert record["confirmation"]["by"] == "agent-1"
    assert await redis.hlen(CALLS) == 0


@on_one_database
async def test_killed_while_the_recording_was_not_finished(
    process: RoleProcess, centre: Centre, redis: Redis, database: Database, case_store: CaseStoreServer
) -> None:
    call = closed_call(closed_at=time.time(), ended_at=time.time() - 1)
    recording = centre.recordings / f"{call.id}.wav"
    recording.write_bytes(unfinished(wav(1)))
    await close_a_call(redis, id=call.id, closed_at=call.closed_at, ended_at=call.ended_at)
    process.kill()
    await process.gone()
    assert await documents(database) == []
    recording.write_bytes(wav(1))
    await process.start()
    controller = PlayedController(redis)
    async with controller.at_work():
        await one_record_arrives(database, redis, controller, case_store, call)
    assert valid((await documents(database))[0])["recording"]["complete"] is True


async def test_killed_while_the_record_was_being_written(
    process: RoleProcess, redis: Redis, database: Database, database_url: str, case_store: CaseStoreServer
) -> None:
    async with locked(database_url):
        call = await close_a_call(redis)
        await process.has_said(f"call {call.id} has no recording")
        process.kill()
        await process.gone()
    assert await documents(database) == []
    await process.start()
    controller = PlayedController(redis)
    async with controller.at_work():
        await one_record_arrives(database, redis, controller, case_store, call)


async def test_killed_before_the_controller_was_told(
    process: RoleProcess, redis: Redis, database: Database, case_store: CaseStoreServer
) -> None:
    call = await close_a_call(redis)
    await kept(database, call)
    process.kill()
    await process.gone()
    await redis.delete("hotline:commands")
    await process.start()
    controller = PlayedController(redis)
    async with controller.at_work():
        await one_record_arrives(database, redis, controller, case_store, call)


@on_one_database
async def test_killed_before_the_controllers_answer_was_heard(
    process: RoleProcess, redis: Redis, database: Database, case_store: CaseStoreServer
) -> None:
    controller = PlayedController(redis, before_answer=process.kill)
    async with controller.at_work():
        call = await close_a_call(redis)
        await controller.forgot(call.id)
        await process.gone()
        assert await redis.hexists(FORMS, call.id)
        await process.start()
        await one_record_arrives(database, redis, controller, case_store, call)
        assert not await redis.hexists(FORMS, call.id)
    assert controller.told == [call.id]


@on_one_database
async def test_killed_after_the_case_store_had_the_record_and_before_it_said_so(
    process: RoleProcess, redis: Redis, database: Database, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    proxy.fault = Fault.LOSE_ANSWER
    controller = PlayedController(redis)
    async with controller.at_work():
        call = await close_a_call(redis)
        await proxy.seen(1)
        process.kill()
        await process.gone()
        assert await case_store.cases.count() == 1
        proxy.fault = Fault.NONE
        await process.start()
        await one_record_arrives(database, redis, controller, case_store, call)
    assert len(proxy.requests) > 1


async def test_killed_before_the_delivery_was_written_down(
    process: RoleProcess,
    redis: Redis,
    database: Database,
    database_url: str,
    case_store: CaseStoreServer,
    proxy: FlakyProxy,
) -> None:
    proxy.fault = Fault.LOSE_ANSWER
    controller = PlayedController(redis)
    async with controller.at_work():
        call = await close_a_call(redis)
        await proxy.seen(1)
        async with locked(database_url):
            proxy.fault = Fault.NONE
            proxy.release()
            await proxy.answered(1)
            process.kill()
            await process.gone()
        assert {found.state for found in await deliveries(database)} == {DeliveryState.PENDING}
        await process.start()
        await one_record_arrives(database, redis, controller, case_store, call)


async def test_killed_again_and_again_under_load(
    process: RoleProcess, centre: Centre, redis: Redis, database: Database, case_store: CaseStoreServer
) -> None:
    controller, calls = PlayedController(redis), []
    async with controller.at_work():
        for _ in range(2):
            for _ in range(20):
                calls.append(call := closed_call())
                write_recording(centre.recordings, call.id)
                await LiveWriter(redis).write(Commit(calls=[call]))
            await kept(database, calls[-10])
            process.kill()
            await process.gone()
            await process.start()
        await controller.forgot(*(call.id for call in calls))
        await delivered(database)
    records = [valid(document) for document in await documents(database)]
    assert sorted(record["call_id"] for record in records) == sorted(call.id for call in calls)
    assert sorted(await case_store.bodies()) == sorted(call.id for call in calls)
    assert all(record["recording"]["complete"] for record in records)


async def test_told_to_stop_it_ends_cleanly_even_when_the_database_is_locked(
    process: RoleProcess, redis: Redis, database: Database, database_url: str
) -> None:
    async with locked(database_url):
        call = await close_a_call(redis)
        await process.has_said(f"call {call.id} has no recording")
        assert await process.stop() == 0
    assert "Traceback" not in process.log.read_text()
    assert "exception" not in process.log.read_text().lower()
    assert await documents(database) == []
