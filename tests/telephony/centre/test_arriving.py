"""A caller comes, waits, and goes."""

from __future__ import annotations

import pytest
from msgspec import structs

from telephony.call import CallState, EndReason
from telephony.centre.actions import StepIn
from telephony.centre.facts import JournalEntry, LegEnd, LegGone, RoomEntered, RoomLeft
from telephony.events import CallClosed, CallEnded, CallOffered, CallQueued, PartyJoined, PartyLeft

from .story import START, Story


def test_a_caller_whom_nobody_can_serve_yet_waits_in_the_queue_of_the_dialled_line() -> None:
    story = Story()
    citizen, enterprise = story.caller("12345"), story.caller("1234501")
    assert (citizen.state, citizen.line, citizen.queue, citizen.priority) == (
        "waiting",
        "citizen",
        "citizen",
        0,
    )
    assert (enterprise.line, enterprise.queue, enterprise.priority) == ("enterprise", "enterprise", 4)


def test_a_number_that_no_line_names_is_served_as_a_citizens_call() -> None:
    story = Story()
    assert story.caller("4008123123").queue == "citizen"


def test_arriving_and_entering_are_told_once_however_often_the_switch_says_so() -> None:
    story = Story()
    arrival = story.arrival()
    entered = RoomEntered(call_id=arrival.call_id, leg=arrival.leg)
    story.told(arrival)
    assert [type(event) for event in story.said if not hasattr(event, "state")] == [CallOffered, CallQueued]
    story.told(arrival)
    assert story.said == [] and story.actions == []
    story.told(entered)
    assert story.said == [
        PartyJoined(at=story.now, call_id=arrival.call_id, role="caller", leg=arrival.leg)  # type: ignore[arg-type]
    ]
    story.later(1.0)
    story.told(entered)
    assert story.said == []
    assert story.centre.calls[arrival.call_id].caller.joined_at == story.now - 1.0


def test_the_place_counts_from_the_moment_of_arrival_which_the_switch_rounds_down() -> None:
    story = Story()
    call = story.caller()
    assert call.offered_at == call.waiting_since == story.now


def test_a_caller_who_came_before_we_looked_keeps_the_time_that_the_dialplan_noted() -> None:
    story = Story()
    arrival = story.arrival()
    story.now += 40.0
    story.told(arrival)
    assert story.centre.calls[arrival.call_id].waiting_since == arrival.since


@pytest.mark.parametrize("noted", [0.0, START + 60.0])
def test_a_time_of_arrival_that_cannot_be_is_not_believed(noted: float) -> None:
    story = Story()
    arrival = structs.replace(story.arrival(), since=noted)
    story.told(arrival)
    assert story.centre.calls[arrival.call_id].waiting_since == story.now


def test_a_caller_whom_the_dialplan_took_to_itself_without_a_word_is_brought_back() -> None:
    story = Story()
    call = story.caller()
    story.told(RoomLeft(call_id=call.id, leg=call.caller.leg))
    story.later(6.0)
    assert StepIn(leg=call.caller.leg) in story.actions
    story.told(RoomEntered(call_id=call.id, leg=call.caller.leg))
    story.later(60.0)
    assert story.actions == []


def test_a_caller_who_never_reached_the_room_is_brought_into_it() -> None:
    story = Story()
    arrival = story.arrival()
    story.told(arrival)
    story.later(4.9)
    assert story.actions == []
    story.later(0.2)
    assert story.actions == [StepIn(leg=arrival.leg)]


def test_a_caller_whose_room_is_told_of_before_their_arrival_is_known_to_be_in_it() -> None:
    story = Story()
    arrival = story.arrival()
    story.told(RoomEntered(call_id=arrival.call_id, leg=arrival.leg))
    assert story.said == [] and story.actions == []
    story.told(arrival)
    assert PartyJoined in [type(event) for event in story.said]
    story.later(60.0)
    assert story.actions == []


def test_a_caller_who_was_in_the_room_and_left_it_before_their_arrival_is_told_is_brought_back() -> None:
    story = Story()
    arrival = story.arrival()
    story.told(RoomEntered(call_id=arrival.call_id, leg=arrival.leg))
    story.told(RoomLeft(call_id=arrival.call_id, leg=arrival.leg))
    story.told(arrival)
    story.later(6.0)
    assert StepIn(leg=arrival.leg) in story.actions


def test_legs_in_rooms_that_nobody_ever_explains_are_forgotten() -> None:
    story = Story()
    for number in range(100):
        story.told(RoomEntered(call_id="nobody's", leg=f"stranger-{number}"))
        story.now += 1.0
    arrival = story.arrival()
    story.told(structs.replace(arrival, leg="stranger-3"))
    assert not story.centre.calls[arrival.call_id].caller.in_room


def test_a_caller_who_left_the_room_by_hanging_up_is_not_asked_back() -> None:
    story = Story()
    call = story.caller()
    story.left_the_telephone(call.caller.leg)
    story.later(60.0)
    assert story.actions == []


def test_a_caller_who_gives_up_has_abandoned_the_call_and_it_is_closed_at_once() -> None:
    story = Story()
    call = story.caller()
    story.later(12.0)
    story.left_the_telephone(call.caller.leg)
    assert (call.state, call.end_reason) == (CallState.CLOSED, EndReason.ABANDONED)
    assert call.ended_at == call.closed_at == story.now
    assert [type(event) for event in story.said if not hasattr(event, "state")] == [
        PartyLeft,
        CallEnded,
        CallClosed,
    ]
    story.agent("li")
    assert story.rings() == []


def test_a_caller_who_hangs_up_before_reaching_the_room_has_a_record_too() -> None:
    story = Story()
    arrival = story.arrival()
    story.later(1.0)
    story.told(
        JournalEntry(
            call_id=arrival.call_id,
            since=arrival.since,
            until=arrival.since + 1.0,
            dialled="12345",
            caller_number="13800138000",
        )
    )
    story.told(LegGone(leg=arrival.leg, end=LegEnd.HUNG_UP))
    call = story.centre.calls[arrival.call_id]
    assert (call.state, call.end_reason) == (CallState.CLOSED, EndReason.UNOBSERVED)
    assert (call.offered_at, call.ended_at) == (arrival.since, arrival.since + 1.0)


def test_the_dialplans_note_of_a_call_that_we_saw_ourselves_changes_nothing() -> None:
    story = Story()
    call = story.caller()
    before = story.remembered()
    story.told(
        JournalEntry(call_id=call.id, since=1.0, until=2.0, dialled="1234501", caller_number="13911112222")
    )
    assert (story.actions, story.said, story.remembered()) == ([], [], before)


def test_a_caller_who_leaves_while_a_phone_rings_frees_the_agent() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    story.later(3.0)
    story.left_the_telephone(call.caller.leg)
    assert call.end_reason is EndReason.ABANDONED
    assert story.state("li") == "ready"
