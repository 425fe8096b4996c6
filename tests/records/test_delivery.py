"""A record reaches the case store once, whatever the way there does to it."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import unused_port

from records import database as database_module
from records import delivery as delivery_module
from records.backoff import pause_s
from records.database import Database
from records.delivery import AT_ONCE, CaseStoreAddress, Delivery, Failed, Outcome, Refused, Stored, judge
from records.form import RequestForm
from records.models import DeliveryState
from records.outbox import deliveries, resend
from tests.records.calls import closed_call
from tests.records.case_store_server import TOKEN, CaseStoreServer
from tests.records.flaky_proxy import Fault, FlakyProxy
from tests.records.house import LIMIT_S, log_watch, put_record, running
from tests.records.locks import locked
from tests.records.published_schema import valid


def to(url: str, *, token: str = TOKEN, timeout_s: float = 5.0) -> CaseStoreAddress:
    """An impatient sender."""
    return CaseStoreAddress(url=url, token=token, timeout_s=timeout_s, retry_first_s=0.02, retry_most_s=0.1)


async def settled(database: Database, state: DeliveryState, number: int = 1) -> None:
    """Return when `number` deliveries are in `state`."""
    async with asyncio.timeout(LIMIT_S):
        while len(await deliveries(database, state=state)) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_record_arrives_as_it_was_kept(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    call = closed_call(caller_name="O'Brien <script>\x00\r\n")
    document = await put_record(database, call, RequestForm(title="暖气不热"))
    async with running(Delivery(database, to(proxy.url)).run()):
        await settled(database, DeliveryState.DELIVERED)
    assert await case_store.bodies() == {call.id: document.encode()}
    valid(document)
    (delivery,) = await deliveries(database)
    assert (delivery.stored_as, delivery.attempts, delivery.last_error) == ("C00000001", 1, None)


async def test_a_record_waits_while_the_case_store_is_down(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    call = closed_call()
    await put_record(database, call)
    await proxy.down()
    async with running(Delivery(database, to(proxy.url)).run()):
        with log_watch("attempt 3 failed") as log:
            await log.said()
        (waiting,) = await deliveries(database, state=DeliveryState.PENDING)
        assert "Connect" in (waiting.last_error or "")
        await proxy.up()
        await settled(database, DeliveryState.DELIVERED)
    assert list(await case_store.bodies()) == [call.id]


async def test_a_case_store_that_fails_is_asked_again_as_soon_as_the_pause_is_over(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "LOOK_EVERY_S", 3600.0)
    call = closed_call()
    await put_record(database, call)
    proxy.fault = Fault.ANSWER
    async with running(Delivery(database, to(proxy.url)).run()):
        await proxy.seen(4)
        proxy.fault = Fault.NONE
        await settled(database, DeliveryState.DELIVERED)
    assert list(await case_store.bodies()) == [call.id]
    assert {seen.key for seen in proxy.requests} == {call.id}


async def test_a_record_that_was_stored_although_the_answer_was_lost_is_stored_once(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    calls = [closed_call() for _ in range(3)]
    for call in calls:
        await put_record(database, call)
    proxy.fault = Fault.LOSE_ANSWER
    async with running(Delivery(database, to(proxy.url, timeout_s=0.5)).run()):
        await proxy.seen(6)
        proxy.fault = Fault.NONE
        await settled(database, DeliveryState.DELIVERED, 3)
    assert await case_store.cases.count() == 3
    assert set(await case_store.bodies()) == {call.id for call in calls}
    found = await deliveries(database)
    assert {delivery.stored_as for delivery in found} == {"C00000001", "C00000002", "C00000003"}
    assert all(delivery.attempts > 1 for delivery in found)


async def test_a_refused_record_waits_for_somebody_to_send_it_again(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_module, "LOOK_EVERY_S", 0.1)
    call = closed_call()
    await put_record(database, call)
    proxy.fault, proxy.answer = (
        Fault.ANSWER,
        (422, {"error": "bad", "message": "district: unknown\r\nin 2026"}),
    )
    async with running(Delivery(database, to(proxy.url)).run()):
        await settled(database, DeliveryState.DEAD)
        (dead,) = await deliveries(database, state=DeliveryState.DEAD)
        assert dead.last_error == "HTTP 422 district: unknown in 2026"
        assert dead.settled_at == pytest.approx(time.time(), abs=LIMIT_S)
        assert dead.next_attempt_at is None
        proxy.fault = Fault.NONE
        again = await resend(database, call.id, now=time.time())
        assert again is not None
        assert (again.state, again.attempts) == (DeliveryState.PENDING, 0)
        await settled(database, DeliveryState.DELIVERED)
    assert list(await case_store.bodies()) == [call.id]
    assert len(proxy.requests) == 2


async def test_a_wrong_token_loses_nothing(database: Database, case_store: CaseStoreServer) -> None:
    await put_record(database, closed_call())
    async with running(Delivery(database, to(case_store.url, token="expired")).run()):
        with log_watch("attempt 2 failed") as log:
            await log.said()
    (waiting,) = await deliveries(database)
    assert waiting.state is DeliveryState.PENDING
    assert "HTTP 401" in (waiting.last_error or "")
    async with running(Delivery(database, to(case_store.url)).run()):
        await settled(database, DeliveryState.DELIVERED)


async def test_a_redirect_is_not_followed(
    database: Database, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    await put_record(database, closed_call())
    proxy.fault, proxy.answer = Fault.ANSWER, (307, {})
    proxy.headers = {"Location": f"{case_store.url}/records"}
    async with running(Delivery(database, to(proxy.url)).run()):
        with log_watch("redirects are not followed") as log:
            await log.said()
    assert await case_store.cases.count() == 0


async def test_a_busy_case_store_gets_the_pause_that_it_asks_for(
    database: Database, proxy: FlakyProxy
) -> None:
    await put_record(database, closed_call())
    proxy.fault, proxy.answer, proxy.headers = Fault.ANSWER, (503, {}), {"Retry-After": "3600"}
    patient = CaseStoreAddress(
        url=proxy.url, token=TOKEN, timeout_s=5.0, retry_first_s=0.02, retry_most_s=600
    )
    began = time.time()
    async with running(Delivery(database, patient).run()):
        with log_watch("attempt 1 failed") as log:
            await log.said()
    (waiting,) = await deliveries(database)
    assert waiting.next_attempt_at == pytest.approx(began + 600, abs=LIMIT_S)


async def test_many_records_go_out_a_few_at_a_time_each_once(
    database: Database, database_url: str, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    calls = [closed_call() for _ in range(3 * AT_ONCE)]
    for call in calls:
        await put_record(database, call)
    proxy.fault = Fault.LOSE_ANSWER
    async with running(Delivery(database, to(proxy.url)).run()):
        await proxy.seen(AT_ONCE)
        proxy.release()
        await settled(database, DeliveryState.DELIVERED, len(calls))
    assert proxy.most_at_once == AT_ONCE
    assert sorted(seen.key for seen in proxy.requests) == sorted(call.id for call in calls)


async def test_two_processes_deliver_from_one_outbox_without_treading_on_each_other(
    database: Database, database_url: str, case_store: CaseStoreServer, proxy: FlakyProxy
) -> None:
    other = Database(database_url)
    try:
        async with AsyncExitStack() as stack:
            with log_watch("records go to") as log:
                for used in (database, other):
                    await stack.enter_async_context(running(Delivery(used, to(proxy.url)).run()))
                await log.said(times=2)
            calls = [closed_call() for _ in range(30)]
            for call in calls:
                await put_record(database, call)
            await settled(database, DeliveryState.DELIVERED, len(calls))
    finally:
        await other.close()
    assert sorted(seen.key for seen in proxy.requests) == sorted(call.id for call in calls)


async def test_a_refused_record_does_not_hold_up_the_others(
    database: Database, case_store: CaseStoreServer
) -> None:
    stolen, sound = closed_call(), closed_call()
    await put_record(database, stolen)
    await case_store.cases.put(stolen.id, b"{}")
    await put_record(database, sound)
    async with running(Delivery(database, to(case_store.url)).run()):
        await settled(database, DeliveryState.DELIVERED)
        await settled(database, DeliveryState.DEAD)
    (dead,) = await deliveries(database, state=DeliveryState.DEAD)
    assert dead.call_id == stolen.id
    assert "has another body" in (dead.last_error or "")


async def test_a_database_that_is_locked_when_the_answer_comes_is_waited_for(
    database_url: str, case_store: CaseStoreServer, proxy: FlakyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "SQLITE_BUSY_S", 0.1)
    monkeypatch.setattr(database_module, "POSTGRES_LIMIT_S", 0.5)
    database = Database(database_url)
    try:
        call = closed_call()
        await put_record(database, call)
        proxy.fault = Fault.LOSE_ANSWER
        async with running(Delivery(database, to(proxy.url)).run()):
            await proxy.seen(1)
            async with locked(database_url):
                with log_watch(f"delivery of {call.id}: trying again") as log:
                    proxy.release()
                    await log.said()
            await settled(database, DeliveryState.DELIVERED)
        assert await case_store.cases.count() == 1
        assert len(proxy.requests) == 1
    finally:
        await database.close()


async def test_an_address_where_nobody_lives_keeps_the_reason_for_the_supervisor(database: Database) -> None:
    await put_record(database, closed_call())
    async with running(Delivery(database, to(f"http://127.0.0.1:{unused_port()}")).run()):
        with log_watch("attempt 1 failed") as log:
            await log.said()
    (waiting,) = await deliveries(database)
    assert "127.0.0.1" in (waiting.last_error or "")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, b'{"id": "C1", "received_at": "now"}', Stored("C1")),
        (200, b'{"id": 7}', Stored("7")),
        (204, b"", Stored(None)),
        (200, b"<html>", Stored(None)),
        (409, b'{"error": "duplicate", "id": "C1"}', Stored("C1")),
        (409, b'{"error": "other-body", "message": "no"}', Refused("HTTP 409 no")),
        (409, b"", Refused("HTTP 409")),
        (400, b'{"error": "bad-key"}', Refused("HTTP 400 bad-key")),
        (422, b"\xff\x00\r\n<b>" + b"x" * 9000, Refused("HTTP 422 � <b>" + "x" * 495)),
        (408, b"", Failed("HTTP 408")),
        (425, b"", Failed("HTTP 425")),
        (429, b"slow down", Failed("HTTP 429 slow down", 7.0)),
        (401, b"", Failed("HTTP 401")),
        (404, b"", Failed("HTTP 404")),
        (500, b"[]", Failed("HTTP 500 []")),
        (302, b"", Failed("HTTP 302: redirects are not followed, name the final address")),
    ],
)
def test_every_answer_has_its_meaning(status: int, body: bytes, outcome: Outcome) -> None:
    assert judge(status, body, "7" if status == 429 else None) == outcome


@pytest.mark.parametrize("header", ["-1", "", "Wed, 21 Oct 2026 07:28:00 GMT", "٣", "1e9"])
def test_a_pause_that_is_not_understood_is_not_taken(header: str) -> None:
    assert judge(503, b"", header) == Failed("HTTP 503", 0.0)


def test_pauses_double_up_to_their_most_and_differ_by_chance() -> None:
    pauses = [[pause_s(attempts, 1.0, 60.0) for _ in range(50)] for attempts in range(1, 2000)]
    for attempts, tried in enumerate(pauses, 1):
        longest = min(60.0, 2.0 ** min(attempts - 1, 10))
        assert longest / 2 <= min(tried) < max(tried) <= longest
