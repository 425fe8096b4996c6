"""AMI events become facts; what a caller may have forged in them does not."""

from __future__ import annotations

import pytest

from telephony.ami import Message
from telephony.centre.facts import CallerArrived, JournalEntry, LegEnd, LegGone, RoomEntered, RoomLeft
from telephony.switch import changed_phone, read

CALL = "2a572dca-9cd2-44d4-a022-79103a1f056f"


def event(name: str, **headers: str) -> Message:
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return Message("\r\n".join(lines).encode())


def arrival(**headers: str) -> Message:
    known = {"UserEvent": "HotlineCaller", "Uniqueid": "hotline-1.0", "Call": CALL, "Dialled": "12345"}
    return event("UserEvent", **(known | {"Since": "1795359245", "CallerIDNum": "13800138000"} | headers))


def test_a_caller_arrives_with_number_name_and_dialled_number() -> None:
    assert read(arrival(CallerIDName="张三")) == CallerArrived(
        call_id=CALL,
        leg="hotline-1.0",
        caller_number="13800138000",
        caller_name="张三",
        dialled="12345",
        since=1795359245.0,
    )


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"; DROP TABLE calls; --', "a\u2028b", "x" * 4096])
def test_a_hostile_name_is_kept_as_it_was_sent(name: str) -> None:
    fact = read(arrival(CallerIDName=name))
    assert isinstance(fact, CallerArrived)
    assert fact.caller_name == name


def test_the_escapes_of_ami_and_sip_are_no_part_of_a_name() -> None:
    fact = read(arrival(CallerIDName=r"O\'Brien \\\"Pat\\\" \\\\ Sons"))
    assert isinstance(fact, CallerArrived)
    assert fact.caller_name == "O'Brien \"Pat\" \\ Sons"


def test_a_hostile_number_keeps_its_digits_only() -> None:
    fact = read(arrival(CallerIDNum="+86;rm -rf,(138)${SHELL(id)}00138000"))
    assert isinstance(fact, CallerArrived)
    assert fact.caller_number == "+8613800138000"


def test_asterisks_word_for_no_name_is_no_name() -> None:
    fact = read(arrival(CallerIDName="<unknown>"))
    assert isinstance(fact, CallerArrived)
    assert fact.caller_name == ""


@pytest.mark.parametrize(
    "headers", [{"Call": "../../etc/passwd"}, {"Call": ""}, {"UserEvent": "SomebodyElses"}]
)
def test_an_event_that_is_not_the_dialplans_own_is_nothing(headers: dict[str, str]) -> None:
    assert read(arrival(**headers)) is None


def test_entering_and_leaving_a_room() -> None:
    assert read(event("ConfbridgeJoin", Conference=CALL, Uniqueid="a.1")) == RoomEntered(call_id=CALL, leg="a.1")
    assert read(event("ConfbridgeLeave", Conference=CALL, Uniqueid="a.1")) == RoomLeft(call_id=CALL, leg="a.1")


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        ("16", LegEnd.HUNG_UP),
        ("17", LegEnd.REFUSED),
        ("21", LegEnd.REFUSED),
        ("19", LegEnd.NO_ANSWER),
        ("20", LegEnd.UNREACHABLE),
        ("44", LegEnd.MEDIA_LOST),
        ("127", LegEnd.MEDIA_LOST),
        ("", LegEnd.MEDIA_LOST),
        ("²", LegEnd.MEDIA_LOST),
    ],
)
def test_a_legs_end_is_told_by_its_cause(cause: str, end: LegEnd) -> None:
    assert read(event("Hangup", Uniqueid="a.1", Cause=cause)) == LegGone(leg="a.1", end=end)


def test_a_phone_that_could_not_be_rung_is_unreachable() -> None:
    refused = event("OriginateResponse", Response="Failure", Uniqueid="a.1", Reason="0")
    assert read(refused) == LegGone(leg="a.1", end=LegEnd.UNREACHABLE)
    assert read(event("OriginateResponse", Response="Success", Uniqueid="a.1", Reason="4")) is None


def test_a_changed_contact_names_its_seat() -> None:
    assert changed_phone(event("ContactStatus", AOR="1001", ContactStatus="Removed")) == "1001"
    assert changed_phone(event("ContactStatus", AOR="trunk-local", ContactStatus="Removed")) is None
    assert changed_phone(event("Hangup", AOR="1001")) is None


def test_the_dialplans_note_of_a_caller_who_left_is_a_fact_of_its_own() -> None:
    note = event("UserEvent", UserEvent="HotlineGone", Call=CALL, Note="1795359245|1795359246|12345|13800138000")
    assert read(note) == JournalEntry(
        call_id=CALL, since=1795359245.0, until=1795359246.0, dialled="12345", caller_number="13800138000"
    )
    assert read(event("UserEvent", UserEvent="HotlineGone", Call=CALL, Note="broken")) is None
