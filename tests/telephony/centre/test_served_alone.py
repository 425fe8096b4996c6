"""While no controller was alive the dialplan brought callers and seats together: they go on in rooms of ours."""

from __future__ import annotations

from telephony.call import CallState, EndReason, LegOutcome, Span
from telephony.centre.actions import AdoptSeat, HangUpLeg, MuteRecording, StepIn
from telephony.centre.facts import CallerArrived, Leg, LegState, LinkLost, RoomEntered
from telephony.commands import FinishWrapUp, HangUp, Hold, PauseRecording, SetNotReady

from .story import Story, arrival_of, caller_leg


def pair(caller: CallerArrived, seat: str, seat_leg: str = "alone-1") -> list[Leg]:
    """How a snapshot shows a caller with whom the dialplan's queue connected a seat."""
    return [
        caller_leg(caller, LegState.ALONE_TALKING, partner=seat_leg),
        Leg(leg=seat_leg, state=LegState.ALONE_TALKING, seat=seat, partner=caller.leg),
    ]


def test_a_pair_whom_the_dialplan_connected_is_a_conversation() -> None:
    story = Story()
    story.agent("li")
    arrival = story.arrival()
    story.told(LinkLost())
    story.later(30.0)
    story.look(more=pair(arrival, "1001"))
    call = story.centre.calls[arrival.call_id]
    assert story.actions[0] == AdoptSeat(
        call_id=call.id, caller_leg=arrival.leg, seat_leg="alone-1", agent_id="li"
    )
    assert (call.state, call.agent_id, call.answered_at) == (CallState.TALKING, "li", story.now)
    assert (story.state("li"), call.waiting_since) == ("talking", arrival.since)
    story.told(RoomEntered(call_id=call.id, leg=arrival.leg))
    story.told(RoomEntered(call_id=call.id, leg="alone-1"))
    story.left_the_telephone(arrival.leg)
    assert (call.state, story.state("li")) == (CallState.WRAP_UP, "wrap-up")


def test_a_pair_that_could_not_be_brought_over_before_the_link_broke_again_is_brought_over_then() -> None:
    story = Story()
    story.agent("li")
    arrival = story.arrival()
    legs = pair(arrival, "1001")
    story.look(more=legs)
    story.told(LinkLost())
    story.look(more=legs)
    assert [type(action) for action in story.actions if isinstance(action, AdoptSeat)] == [AdoptSeat]
    call = story.centre.calls[arrival.call_id]
    assert [party.leg for party in call.parties] == [arrival.leg, "alone-1"]


def test_a_seat_where_nobody_is_signed_in_serves_the_caller_all_the_same() -> None:
    story = Story()
    arrival = story.arrival()
    story.look(more=pair(arrival, "1007"))
    call = story.centre.calls[arrival.call_id]
    assert (call.state, call.agent_id, call.parties[1].seat) == (CallState.TALKING, None, "1007")
    story.left_the_telephone(arrival.leg)
    assert call.state is CallState.CLOSED, "there is no desk to wrap up at"


def test_the_agent_of_an_adopted_pair_may_have_had_a_call_in_wrap_up() -> None:
    story = Story()
    before = story.conversation("li")
    story.left_the_telephone(before.caller.leg)
    arrival = story.arrival()
    story.told(LinkLost())
    story.look(more=pair(arrival, "1001"))
    assert story.centre.agents["li"].call_id == arrival.call_id
    story.ask(FinishWrapUp(agent_id="li", call_id=before.id))
    assert before.state is CallState.CLOSED
    assert (story.state("li"), story.centre.agents["li"].call_id) == ("talking", arrival.call_id)


def test_the_caller_for_whom_that_agent_was_being_rung_waits_again() -> None:
    story = Story()
    story.agent("li")
    rung_for = story.caller()
    leg = rung_for.parties[-1].leg
    arrival = story.arrival()
    story.told(LinkLost())
    story.look(more=pair(arrival, "1001"))
    assert HangUpLeg(leg=leg) in story.actions
    assert (rung_for.state, rung_for.agent_id) == (CallState.WAITING, None)
    assert rung_for.parties[-1].outcome is LegOutcome.WITHDRAWN
    assert story.centre.agents["li"].call_id == arrival.call_id


def test_a_caller_whose_agent_was_lost_may_have_found_another_alone() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(PauseRecording(agent_id="li"))
    paused = story.now
    story.agent("wang")
    lost = call.parties[-1].leg
    story.told(LinkLost())
    story.later(30.0)
    story.look(gone=[lost], more=pair(arrival_of(call), "1002"))
    assert MuteRecording(leg=call.caller.leg, muted=False) in story.actions
    assert call.recording_pauses == [Span(since=paused, until=story.now)]
    assert (call.agent_id, story.state("wang"), story.state("li")) == ("wang", "talking", "ready")


def test_a_caller_whose_agent_had_ended_the_call_may_by_then_talk_with_another() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(HangUp(agent_id="li"))
    story.agent("wang")
    lost = call.parties[-1].leg
    story.told(LinkLost())
    story.later(30.0)
    story.look(gone=[lost], more=pair(arrival_of(call), "1002"))
    story.later(60.0)
    assert HangUpLeg(leg=call.caller.leg) not in story.actions
    story.left_the_telephone(call.caller.leg)
    assert call.end_reason is EndReason.CALLER_HUNG_UP


def test_an_agent_who_held_the_caller_too_long_has_lost_them_to_the_other() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Hold(agent_id="li"))
    story.agent("wang")
    held = call.parties[-1].leg
    story.told(LinkLost())
    story.later(30.0)
    story.look(more=pair(arrival_of(call), "1002"))
    assert HangUpLeg(leg=held) in story.actions
    assert (call.held, call.agent_id) == (False, "wang")
    assert [party.leg for party in call.parties[1:] if party.present] == ["alone-1"]
    assert story.state("li") == "ready"


def test_a_caller_who_still_waits_alone_is_brought_back_into_the_room_of_the_agent_who_held_them() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Hold(agent_id="li"))
    story.told(LinkLost())
    story.look(where={call.caller.leg: LegState.ALONE_WAITING})
    assert StepIn(leg=call.caller.leg) in story.actions
    assert (call.state, call.held, story.state("li")) == (CallState.TALKING, True, "talking")


def test_who_was_at_lunch_and_took_the_dialplans_call_goes_back_to_lunch_after_it() -> None:
    story = Story()
    story.agent("li")
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    arrival = story.arrival()
    story.look(more=pair(arrival, "1001"))
    assert story.state("li") == "talking"
    story.left_the_telephone(arrival.leg)
    story.later(60.0)
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "meal")
