"""Caller and agent talk: holding, pausing the recording, losing each other, the end."""

from __future__ import annotations

from telephony.call import CallState, EndReason, Span
from telephony.centre.actions import HangUpLeg, MuteRecording, StepIn, StepOut
from telephony.centre.facts import LegEnd, LegGone, PhoneReachable, RoomEntered, RoomLeft
from telephony.commands import HangUp, Hold, PauseRecording, Rejoin, Resume, ResumeRecording
from telephony.events import CallHeld, CallResumed, PartyJoined, PartyLeft

from .story import Story


def test_an_agent_who_hangs_up_ends_the_call() -> None:
    story = Story()
    call = story.conversation("li")
    leg = call.leg_of_agent
    assert leg is not None
    story.left_the_telephone(leg.leg)
    assert story.actions == [HangUpLeg(leg=call.caller.leg)]
    story.left_the_telephone(call.caller.leg)
    assert (call.state, call.end_reason) == (CallState.WRAP_UP, EndReason.AGENT_HUNG_UP)
    assert story.state("li") == "wrap-up"


def test_a_hang_up_that_the_switch_does_not_carry_out_is_asked_for_again() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(HangUp(agent_id="li"))
    assert story.actions == [HangUpLeg(leg=call.caller.leg)]
    story.later(5.1)
    assert story.actions == [HangUpLeg(leg=call.caller.leg)]
    story.left_the_telephone(call.caller.leg)
    story.later(30.0)
    assert HangUpLeg(leg=call.caller.leg) not in story.actions


def test_an_agent_who_ended_the_call_and_whose_phone_is_then_lost_has_ended_it_all_the_same() -> None:
    story = Story()
    call = story.conversation("li")
    story.agent("wang")
    story.ask(HangUp(agent_id="li"))
    story.told(LegGone(leg=call.parties[-1].leg, end=LegEnd.MEDIA_LOST))
    assert (story.rings(), call.state) == ([], CallState.TALKING)
    story.left_the_telephone(call.caller.leg)
    assert (call.state, call.end_reason, story.state("li")) == ("wrap-up", EndReason.AGENT_HUNG_UP, "wrap-up")


def test_an_agent_whose_phone_is_lost_does_not_end_the_call_and_another_takes_it_over() -> None:
    story = Story()
    call = story.conversation("li")
    leg = call.leg_of_agent
    assert leg is not None
    story.agent("wang")
    story.told(LegGone(leg=leg.leg, end=LegEnd.MEDIA_LOST))
    assert story.rings() == ["wang"]
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "phone-lost")
    assert story.answers("wang") is call
    assert (call.state, call.agent_id, call.waiting_since) == (CallState.TALKING, "wang", call.offered_at)


def test_a_caller_whose_agent_is_lost_comes_before_those_who_came_later() -> None:
    story = Story()
    call = story.conversation("li")
    later = story.caller()
    story.told(PhoneReachable(seat="1001", reachable=False))
    story.later(8.0)
    assert call.state is CallState.WAITING
    story.agent("wang")
    assert story.answers("wang") is call
    assert later.state is CallState.WAITING


def test_a_lost_agent_who_was_just_rung_again_leaves_no_leg_behind() -> None:
    story = Story()
    call = story.conversation("li")
    story.told(PhoneReachable(seat="1001", reachable=False))
    story.ask(Rejoin(agent_id="li"))
    legs = {party.leg for party in call.parties[1:]}
    story.later(8.0)
    assert {action.leg for action in story.actions_of(HangUpLeg)} == legs
    assert not any(party.present for party in call.parties[1:])
    assert [event.leg for event in story.said if isinstance(event, PartyLeft)] == [call.parties[1].leg]


def test_a_phone_that_comes_back_within_the_grace_keeps_the_call() -> None:
    story = Story()
    call = story.conversation("li")
    story.told(PhoneReachable(seat="1001", reachable=False))
    story.later(7.5)
    story.told(PhoneReachable(seat="1001", reachable=True))
    story.later(60.0)
    assert (call.state, story.state("li")) == (CallState.TALKING, "talking")


def test_a_held_caller_hears_music_and_the_record_tells_from_when_to_when() -> None:
    story = Story()
    call = story.conversation("li")
    leg, began = call.parties[-1].leg, story.now
    story.ask(Hold(agent_id="li"))
    assert story.actions == [StepOut(leg=leg)]
    assert story.said == [CallHeld(at=began, call_id=call.id)]
    story.told(RoomLeft(call_id=call.id, leg=leg))
    assert (call.held, call.leg_of_agent is not None) == (True, True)
    story.later(12.0)
    story.ask(Resume(agent_id="li"))
    assert story.actions == [StepIn(leg=leg)]
    assert story.said == [CallResumed(at=story.now, call_id=call.id)]
    story.told(RoomEntered(call_id=call.id, leg=leg))
    assert (call.held, call.holds) == (False, [Span(since=began, until=began + 12.0)])
    story.ask(Hold(agent_id="li"))
    story.later(3.0)
    story.left_the_telephone(call.caller.leg)
    assert call.holds[1] == Span(since=began + 12.0, until=began + 15.0)


def test_holding_twice_and_resuming_twice_is_holding_and_resuming() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Resume(agent_id="li"))
    assert story.actions == []
    story.ask(Hold(agent_id="li"))
    story.ask(Hold(agent_id="li"))
    assert (story.actions, len(call.holds)) == ([], 1)


def test_private_details_are_not_recorded_and_the_record_tells_from_when_to_when() -> None:
    story = Story()
    call = story.conversation("li")
    caller, began = call.caller.leg, story.now
    story.ask(PauseRecording(agent_id="li"))
    assert story.actions == [MuteRecording(leg=caller, muted=True)]
    story.ask(PauseRecording(agent_id="li"))
    assert story.actions == []
    story.later(8.0)
    story.ask(ResumeRecording(agent_id="li"))
    assert story.actions == [MuteRecording(leg=caller, muted=False)]
    assert call.recording_pauses == [Span(since=began, until=began + 8.0)]


def test_the_next_agent_of_a_caller_is_recorded_though_the_lost_one_had_paused() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(PauseRecording(agent_id="li"))
    story.told(LegGone(leg=call.parties[-1].leg, end=LegEnd.MEDIA_LOST))
    assert MuteRecording(leg=call.caller.leg, muted=False) in story.actions
    assert (call.recording_paused, call.recording_pauses[0].until) == (False, story.now)


def test_a_page_loaded_anew_is_rung_and_takes_the_old_legs_place() -> None:
    story = Story()
    call = story.conversation("li")
    old = call.parties[-1].leg
    story.ask(Rejoin(agent_id="li"))
    new = story.ring()
    assert (new.seat, new.call_id) == ("1001", call.id)
    story.ask(Rejoin(agent_id="li"))
    assert story.rings() == [], "one ring is enough"
    story.told(RoomEntered(call_id=call.id, leg=new.leg))
    assert story.actions == [HangUpLeg(leg=old)]
    assert [type(event) for event in story.said] == [PartyJoined, PartyLeft]
    story.hung_up()
    assert (call.state, story.state("li"), call.answered_at) == (
        "talking",
        "talking",
        call.parties[1].joined_at,
    )


def test_a_caller_held_during_the_reload_is_held_until_the_agent_is_back() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Hold(agent_id="li"))
    story.ask(Rejoin(agent_id="li"))
    ring = story.ring()
    assert call.held
    story.later(2.0)
    story.told(RoomEntered(call_id=call.id, leg=ring.leg))
    assert (call.held, call.holds[0].until) == (False, story.now)


def test_a_reload_whose_ring_nobody_answers_leaves_the_old_leg_talking() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Hold(agent_id="li"))
    story.ask(Rejoin(agent_id="li"))
    story.told(LegGone(leg=story.ring().leg, end=LegEnd.NO_ANSWER))
    assert (call.state, story.state("li"), call.held) == (CallState.TALKING, "talking", True)


def test_an_agent_who_comes_back_neither_with_the_old_leg_nor_with_the_new_is_lost() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Rejoin(agent_id="li"))
    ring = story.ring()
    story.told(LegGone(leg=call.parties[1].leg, end=LegEnd.MEDIA_LOST))
    assert call.state is CallState.TALKING
    story.told(LegGone(leg=ring.leg, end=LegEnd.NO_ANSWER))
    assert (call.state, story.state("li")) == (CallState.WAITING, "not-ready")
