"""What agents and supervisors find among the records and deliveries."""

from __future__ import annotations

import pytest

from records.database import Database
from records.form import RequestForm, RequestType
from records.models import DeliveryState
from records.outbox import (
    AlreadyDelivered,
    OutboxFigures,
    deliveries,
    figures,
    mark_dead,
    mark_delivered,
    next_due,
    put_off,
    resend,
    take,
)
from records.search import NoSuchRecord, RecordFilter, by_call, by_id, find
from tests.records.calls import OFFERED_AT, closed_call
from tests.records.house import put_record

ALWAYS = 4e9


async def records_of(database: Database, *numbers: str) -> list[str]:
    """Keep a record for each number, a minute apart, and return the calls' ids."""
    ids = []
    for place, number in enumerate(numbers):
        call = closed_call(caller_number=number, offered_at=OFFERED_AT + 60 * place)
        await put_record(database, call, RequestForm(title=f"第{place}件", request_type=RequestType.HELP))
        ids.append(call.id)
    return ids


async def found(database: Database, **wanted: object) -> list[str]:
    return [record.call_id for record in await find(database, RecordFilter(**wanted))]  # type: ignore[arg-type]


async def test_a_callers_history_is_theirs_alone_and_latest_first(database: Database) -> None:
    first, _, third = await records_of(database, "13800138000", "13900139000", "13800138000")
    assert await found(database, number="13800138000") == [third, first]
    assert await found(database, number="1380013800") == []
    assert await found(database, number="%") == []
    assert await found(database, number="' OR 1=1 --\x00") == []


async def test_callers_who_withhold_their_number_have_no_history_together(database: Database) -> None:
    await records_of(database, "", "")
    assert await found(database, number="") == []
    assert len(await found(database)) == 2


async def test_a_list_can_be_turned_page_by_page_without_gap_or_repetition(database: Database) -> None:
    ids = [(await records_of(database, "1"))[0] for _ in range(7)]
    pages, before = [], None
    while page := await find(database, RecordFilter(limit=3, before=before)):
        pages += [record.call_id for record in page]
        before = page[-1].record_id
    assert sorted(pages) == sorted(ids)


async def test_a_list_is_bounded_by_time(database: Database) -> None:
    first, second, third = await records_of(database, "1", "2", "3")
    assert await found(database, since=OFFERED_AT + 60) == [third, second]
    assert await found(database, until=OFFERED_AT + 60) == [first]
    assert await found(database, since=OFFERED_AT + 60, until=OFFERED_AT + 61, number="2") == [second]


async def test_a_place_that_is_no_record_is_refused(database: Database) -> None:
    for before in ("0" * 32, "\x00", "'"):
        with pytest.raises(NoSuchRecord, match="before"):
            await find(database, RecordFilter(before=before))


async def test_a_line_of_the_list_says_what_the_request_is(database: Database) -> None:
    await records_of(database, "13800138000")
    (line,) = await find(database, RecordFilter())
    assert (line.title, line.request_type, line.wait_s, line.talk_s) == ("第0件", RequestType.HELP, 10, 60)
    assert (line.has_recording, line.confirmed, line.delivery) == (False, False, DeliveryState.PENDING)
    assert line.offered_at.isoformat() == "2026-01-01T08:00:00+08:00"


async def test_one_record_is_found_by_its_call_or_its_own_id(database: Database) -> None:
    (call_id,) = await records_of(database, "13800138000")
    record = await by_call(database, call_id)
    assert record is not None
    assert await by_id(database, record.record_id) == record
    assert await by_call(database, "\x00") is None
    assert await by_id(database, call_id) is None


async def test_a_record_under_way_is_taken_by_one_and_again_when_its_time_is_over(database: Database) -> None:
    first, second = await records_of(database, "1", "2")
    taken = await take(database, limit=1, now=ALWAYS, hold_s=10)
    assert [(parcel.call_id, parcel.attempts) for parcel in taken] == [(first, 1)]
    assert [parcel.call_id for parcel in await take(database, limit=5, now=ALWAYS, hold_s=10)] == [second]
    assert await take(database, limit=5, now=ALWAYS + 9, hold_s=10) == []
    assert await next_due(database) == ALWAYS + 10
    again = await take(database, limit=5, now=ALWAYS + 10, hold_s=10)
    assert sorted((parcel.call_id, parcel.attempts) for parcel in again) == sorted([(first, 2), (second, 2)])


async def test_the_supervisor_sees_what_waits_what_was_refused_and_for_how_long(database: Database) -> None:
    waits, refused, arrived = await records_of(database, "1", "2", "3")
    await mark_dead(database, refused, now=ALWAYS, reason="HTTP 422 district\x00")
    await mark_delivered(database, arrived, now=ALWAYS, stored_as="C1")
    await put_off(database, waits, until=ALWAYS + 5, reason="x" * 9999)
    (waiting,) = await deliveries(database, state=DeliveryState.PENDING)
    assert (waiting.call_id, waiting.next_attempt_at, len(waiting.last_error or "")) == (
        waits,
        ALWAYS + 5,
        1000,
    )
    (dead,) = await deliveries(database, state=DeliveryState.DEAD)
    assert (dead.call_id, dead.last_error, dead.settled_at) == (refused, "HTTP 422 district\x00", ALWAYS)
    assert len(await deliveries(database)) == 3
    assert await figures(database, now=waiting.created_at + 30) == OutboxFigures(
        pending=1, dead=1, oldest_pending_s=30
    )


async def test_what_is_delivered_is_not_sent_again_nor_forgotten_by_a_late_failure(
    database: Database,
) -> None:
    (call_id,) = await records_of(database, "1")
    await mark_delivered(database, call_id, now=1.0, stored_as="C1")
    await put_off(database, call_id, until=2.0, reason="a slower attempt timed out")
    await mark_dead(database, call_id, now=2.0, reason="a slower attempt was refused")
    (delivery,) = await deliveries(database)
    assert (delivery.state, delivery.stored_as, delivery.last_error) == (DeliveryState.DELIVERED, "C1", None)
    with pytest.raises(AlreadyDelivered):
        await resend(database, call_id, now=3.0)
    assert await resend(database, "no-such-call\x00", now=3.0) is None


async def test_a_waiting_record_can_be_sent_at_once(database: Database) -> None:
    (call_id,) = await records_of(database, "1")
    await put_off(database, call_id, until=ALWAYS + 3600, reason="down")
    assert await take(database, limit=1, now=ALWAYS, hold_s=10) == []
    await resend(database, call_id, now=ALWAYS)
    assert [parcel.call_id for parcel in await take(database, limit=1, now=ALWAYS, hold_s=10)] == [call_id]
