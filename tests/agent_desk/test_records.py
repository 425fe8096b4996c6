"""Finished records on the desk: who sees which, and what is noted about it."""

from __future__ import annotations

import pytest

from records import audit, outbox
from records.people import Role
from tests.agent_desk.archive import finished_record
from tests.agent_desk.house import House
from tests.records.calls import OFFERED_AT
from tests.records.wav import wav


async def test_an_agent_sees_the_earlier_records_of_the_citizen_who_calls(house: House) -> None:
    browser, _ = await house.ready_agent("lan")
    older = await finished_record(house, "13911112222", title="垃圾未清运")
    newer = await finished_record(house, "13911112222", title="仍未清运", minute=5)
    await finished_record(house, "13900000000")
    async with browser.live() as live:
        call = await house.centre.call_comes_in("13911112222")
        await live.until(lambda view: call.id in view.calls)
    history = (await browser.get("/api/callers/13911112222/records")).json
    assert [line["title"] for line in history] == ["仍未清运", "垃圾未清运"]
    assert [line["record_id"] for line in history] == [newer.record_id, older.record_id]
    whole = await browser.get(f"/api/records/{older.call_id}")
    assert whole.json["form"]["title"] == "垃圾未清运"


async def test_an_agent_cannot_look_up_whom_they_are_not_talking_with(house: House) -> None:
    browser, person = await house.ready_agent("lan")
    record = await finished_record(house, "13911112222")
    before = await browser.get("/api/callers/13911112222/records")
    assert (before.status, before.error) == (403, "not-your-caller")
    call = await house.centre.call_comes_in("13911112222")
    await house.centre.phone_answers()
    await house.centre.caller_hangs_up(call)
    async with browser.live() as live:
        await live.until(lambda view: view.calls[call.id]["state"] == "wrap-up")
        assert (await browser.get("/api/callers/13911112222/records")).status == 200
        await browser.post(f"/api/calls/{call.id}/confirm", {"form": {}, "version": 0})
        await live.until(lambda view: call.id not in view.calls)
    assert (await browser.get("/api/callers/13911112222/records")).status == 403
    closed = await browser.get(f"/api/records/{record.call_id}")
    unknown = await browser.get("/api/records/no-such-call")
    assert (closed.status, closed.body) == (404, unknown.body)
    trail = await audit.latest(house.database)
    assert "record-opened" not in {entry.action for entry in trail if entry.who == person.id}


async def test_a_supervisor_pages_through_records_and_narrows_them_down(house: House) -> None:
    supervisor = await house.supervisor()
    records = [await finished_record(house, f"1391111000{minute}", minute=minute) for minute in range(5)]
    ids = [record.record_id for record in reversed(records)]
    first = (await supervisor.get("/api/records?limit=2")).json
    second = (await supervisor.get(f"/api/records?limit=2&before={first[-1]['record_id']}")).json
    third = (await supervisor.get(f"/api/records?limit=2&before={second[-1]['record_id']}")).json
    assert [line["record_id"] for line in first + second + third] == ids
    some = await supervisor.get(f"/api/records?from={int(OFFERED_AT) + 60}&to={int(OFFERED_AT) + 180}")
    assert [line["record_id"] for line in some.json] == ids[2:4]
    one = await supervisor.get("/api/records?number=13911110003")
    assert [line["caller_number"] for line in one.json] == ["13911110003"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("from=-1", "from"),
        ("to=nan", "to"),
        ("before=xyz", "before"),
        (f"before={'0' * 32}", "before"),
        ("number=1' OR '1'='1", "number"),
        ("number=1%0A", "number"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused_by_field(house: House, query: str, field: str) -> None:
    supervisor = await house.supervisor()
    answer = await supervisor.get(f"/api/records?{query}")
    assert (answer.status, answer.error, answer.json["field"]) == (400, "bad-request", field)


async def test_a_recording_is_played_whole_or_in_parts_and_noted_once(house: House) -> None:
    supervisor = await house.supervisor()
    record = await finished_record(house)
    address = f"/api/records/{record.call_id}/recording"
    whole = await supervisor.get(address)
    assert (whole.status, whole.headers["Content-Type"]) == (200, "audio/wav")
    assert whole.body == wav(1.0)
    part = await supervisor.ask("GET", address, headers={"Range": "bytes=1000-1999"})
    assert (part.status, part.body) == (206, wav(1.0)[1000:2000])
    beyond = await supervisor.ask("GET", address, headers={"Range": "bytes=99999999-"})
    assert beyond.status == 416
    heard = [entry for entry in await audit.latest(house.database) if entry.action == "recording-heard"]
    assert [entry.object for entry in heard] == [record.call_id]
    assert heard[0].role == "supervisor"


async def test_each_person_who_listens_is_noted(house: House) -> None:
    record = await finished_record(house)
    for username in ("one", "two"):
        supervisor = await house.supervisor(username)
        await supervisor.ask(
            "GET", f"/api/records/{record.call_id}/recording", headers={"Range": "bytes=500-"}
        )
    heard = [entry.who for entry in await audit.latest(house.database) if entry.action == "recording-heard"]
    assert len(set(heard)) == 2


async def test_a_call_without_a_recording_says_so(house: House) -> None:
    supervisor = await house.supervisor()
    silent = await finished_record(house, recorded=False)
    assert (await supervisor.get(f"/api/records/{silent.call_id}/recording")).error == "no-recording"
    assert (await supervisor.get("/api/records/no-such-call/recording")).error == "no-such-record"
    lost = await finished_record(house)
    (house.desk.recordings / f"{lost.call_id}.wav").unlink()
    assert (await supervisor.get(f"/api/records/{lost.call_id}/recording")).error == "no-recording"


@pytest.mark.parametrize("call_id", ["..%2F..%2Fetc%2Fpasswd", "%2e%2e", "a%00b", "x" * 65, "a.b"])
async def test_no_call_id_reaches_another_file(house: House, call_id: str) -> None:
    supervisor = await house.supervisor()
    answer = await supervisor.get(f"/api/records/{call_id}/recording")
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body


async def test_a_refused_record_is_sent_again_by_the_supervisor(house: House) -> None:
    supervisor = await house.supervisor()
    record = await finished_record(house)
    await outbox.mark_dead(house.database, record.call_id, now=1.0, reason="case store: 422 <b>no</b>")
    (dead,) = (await supervisor.get("/api/deliveries?state=dead")).json
    assert (dead["call_id"], dead["last_error"]) == (record.call_id, "case store: 422 <b>no</b>")
    again = await supervisor.post(f"/api/deliveries/{record.call_id}/resend")
    assert (again.status, again.json["state"]) == (200, "pending")
    assert (await supervisor.get("/api/deliveries?state=dead")).json == []
    await outbox.mark_delivered(house.database, record.call_id, now=2.0, stored_as="C-1")
    done = await supervisor.post(f"/api/deliveries/{record.call_id}/resend")
    assert (done.status, done.error) == (409, "delivered")
    assert (await supervisor.post("/api/deliveries/no-such-call/resend")).status == 404
    assert (await supervisor.get("/api/deliveries?state=lost")).json["field"] == "state"


async def test_an_admin_reads_in_the_trail_what_supervisors_looked_at(house: House) -> None:
    record = await finished_record(house, "13911112222")
    supervisor = await house.supervisor()
    await supervisor.get("/api/records?number=13911112222")
    await supervisor.get(f"/api/records/{record.call_id}")
    who = (await supervisor.get("/api/session")).json["user"]["id"]
    admin = await house.supervisor("root", Role.ADMIN)
    trail = (await admin.get(f"/api/audit?who={who}")).json
    assert [(entry["action"], entry["object"]) for entry in trail] == [
        ("record-opened", record.call_id),
        ("number-searched", "13911112222"),
        ("signed-in", ""),
    ]
    older = (await admin.get(f"/api/audit?who={who}&before={trail[0]['id']}&limit=1")).json
    assert older == trail[1:2]
