"""After a lost link or a restart: what the switch shows is the truth, and nobody is forgotten for it."""

from __future__ import annotations

from msgspec import structs

from telephony.call import CallState, EndReason, LegOutcome, Span
from telephony.centre.actions import HangUpLeg, MuteRecording, RingSeat, StepIn
from telephony.centre.facts import JournalEntry, Leg, LegState, LinkLost
from telephony.commands import HangUp, Hold, PauseRecording, Rejoin

from .story import Story, arrival_of, caller_leg


def noted(call_id: str, since: float, until: float | None) -> JournalEntry:
    return JournalEntry(
        call_id=call_id, since=since, until=until, dialled="12345", caller_number="13800138000"
    )


def test_a_caller_who_left_unseen_left_when_the_dialplan_noted_it() -> None:
    story = Story()
    call = story.caller()
    story.later(10.0)
    left = float(int(story.now))
    story.told(LinkLost())
    story.later(30.0)
    story.look(gone=[call.caller.leg], journal=[noted(call.id, call.offered_at, left)])
    assert (call.ended_at, call.caller.left_at, call.closed_at) == (left, left, story.now)


def test_the_dialplans_whole_seconds_never_turn_a_calls_times_round() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(PauseRecording(agent_id="li"))
    story.told(LinkLost())
    left = float(int(story.now))
    assert left < story.now
    paused_at = story.now
    story.later(3.0)
    story.look(gone=[party.leg for party in call.parties], journal=[noted(call.id, call.offered_at, left)])
    assert call.recording_pauses[0].until == paused_at
    assert call.ended_at == paused_at


def test_a_call_of_which_only_the_dialplans_note_is_left_is_closed_with_the_times_of_the_note() -> None:
    story = Story()
    came = float(int(story.now))
    story.now += 1.2
    story.look(journal=[noted("0000002a-0000-4000-8000-000000000000", came, came + 1.0)])
    (call,) = story.centre.calls.values()
    assert (call.offered_at, call.ended_at, call.closed_at) == (came, came + 1.0, story.now)
    assert (call.state, call.end_reason, call.answered_at) == (CallState.CLOSED, EndReason.UNOBSERVED, None)
    assert (call.dialled, call.caller_number, call.line) == ("12345", "13800138000", "citizen")


def test_wrap_up_lasts_its_full_time_from_when_the_agent_could_know_of_it() -> None:
    story = Story()
    call = story.conversation("li")
    left = story.now
    story.told(LinkLost())
    story.later(45.0)
    story.look(gone=[party.leg for party in call.parties], journal=[noted(call.id, call.offered_at, left)])
    assert call.ended_at == left
    assert call.wrap_up_until == story.now + 60.0
    story.later(59.0)
    assert (call.state, story.state("li")) == (CallState.WRAP_UP, "wrap-up")
    story.later(1.0)
    assert (call.state, story.state("li")) == (CallState.CLOSED, "ready")


def test_callers_who_came_unseen_are_served_in_the_order_in_which_they_came() -> None:
    story = Story()
    story.agent("li")
    story.told(LinkLost())
    first, second = (story.arrival() for _ in range(2))
    second = structs.replace(second, since=first.since - 20.0)
    story.later(60.0)
    story.look(more=[caller_leg(first, LegState.IN_ROOM), caller_leg(second, LegState.ALONE_WAITING)])
    assert StepIn(leg=second.leg) in story.actions
    assert [ring.call_id for ring in story.actions_of(RingSeat)] == [second.call_id]
    assert story.centre.calls[first.call_id].state is CallState.WAITING


def test_nobody_is_rung_while_the_link_is_lost() -> None:
    story = Story()
    story.agent("li")
    story.told(LinkLost())
    arrival = story.arrival()
    story.told(arrival)
    assert story.actions == []
    story.look()
    assert story.rings() == ["li"]


def test_an_agent_who_answered_unseen_talks() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.told(LinkLost())
    story.later(10.0)
    story.look(where={leg: LegState.IN_ROOM})
    assert (call.state, story.state("li"), call.answered_at) == (CallState.TALKING, "talking", story.now)


def test_an_agent_who_answered_unseen_talks_though_the_phone_is_not_registered_any_more() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.told(LinkLost())
    story.reachable.remove("1001")
    story.look(where={leg: LegState.IN_ROOM})
    assert (call.state, story.state("li")) == (CallState.TALKING, "talking")
    story.later(8.1)
    assert (call.state, story.state("li")) == (CallState.WAITING, "not-ready")


def test_a_caller_who_is_just_hanging_up_when_we_look_is_gone() -> None:
    story = Story()
    call = story.caller()
    before = caller_leg(arrival_of(call), LegState.ELSEWHERE)
    story.left_the_telephone(call.caller.leg)
    written = story.remembered()
    story.look(more=[before])
    assert (story.actions, story.remembered()) == ([], written)


def test_an_agent_whom_nobody_saw_leave_the_ringing_stays_ready() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.told(LinkLost())
    story.later(25.0)
    story.look(gone=[leg])
    assert story.rings() == ["li"], "the only one who could is rung anew"
    assert call.parties[1].outcome is LegOutcome.WITHDRAWN


def test_an_agent_who_hung_up_unseen_is_free_and_the_caller_waits_again() -> None:
    story = Story()
    call = story.conversation("li")
    story.agent("wang")
    leg = call.parties[-1].leg
    story.told(LinkLost())
    story.later(5.0)
    story.look(gone=[leg])
    assert story.rings() == ["wang"], "somebody else, if there is somebody else"
    assert story.state("li") == "ready"


def test_an_agent_whose_phone_was_lost_unseen_is_not_ready_and_the_caller_waits_again() -> None:
    story = Story()
    call = story.conversation("li")
    leg = call.parties[-1].leg
    story.told(LinkLost())
    story.reachable.remove("1001")
    story.look(gone=[leg])
    assert (call.state, story.state("li"), story.centre.agents["li"].reason) == (
        "waiting",
        "not-ready",
        "phone-lost",
    )


def test_a_hang_up_that_was_lost_with_the_link_is_made_good() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(HangUp(agent_id="li"))
    story.told(LinkLost())
    story.look()
    assert HangUpLeg(leg=call.caller.leg) in story.actions
    assert call.state is CallState.TALKING
    story.left_the_telephone(call.caller.leg)
    assert (call.state, call.end_reason) == (CallState.WRAP_UP, EndReason.AGENT_HUNG_UP)


def test_whether_a_caller_is_held_is_what_the_switch_shows() -> None:
    story = Story()
    call = story.conversation("li")
    leg = call.parties[-1].leg
    began = story.now
    story.ask(Hold(agent_id="li"))
    story.told(LinkLost())
    story.later(4.0)
    story.look(where={leg: LegState.IN_ROOM})
    assert (call.held, call.holds) == (False, [Span(since=began, until=story.now)])
    story.later(4.0)
    story.look(where={leg: LegState.ON_HOLD})
    assert (call.held, call.holds[1:]) == (True, [Span(since=story.now)])


def test_the_recording_is_paused_as_the_desk_shows_it_after_a_lost_link() -> None:
    story = Story()
    call = story.conversation("li")
    story.look()
    assert MuteRecording(leg=call.caller.leg, muted=False) in story.actions
    story.ask(PauseRecording(agent_id="li"))
    story.look()
    assert MuteRecording(leg=call.caller.leg, muted=True) in story.actions


def test_two_legs_of_one_agent_both_lost_unseen_leave_no_caller_behind() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(Rejoin(agent_id="li"))
    legs = [party.leg for party in call.parties[1:]]
    assert len(legs) == 2
    story.told(LinkLost())
    story.reachable.remove("1001")
    story.look(gone=legs)
    assert call.state is CallState.WAITING
    story.agent("wang")
    assert story.rings() == ["wang"]


def test_a_leg_of_nobodys_call_is_hung_up() -> None:
    story = Story()
    story.look(more=[Leg(leg="stray", state=LegState.IN_ROOM, call_id="gone", seat="1003", agent_id="li")])
    assert story.actions == [HangUpLeg(leg="stray")]


def test_a_switch_that_started_anew_has_ended_every_call() -> None:
    story = Story()
    talking, waiting = story.conversation("li"), story.caller()
    story.told(LinkLost())
    story.reachable.clear()
    story.look(gone=[party.leg for call in (talking, waiting) for party in call.parties])
    assert (talking.state, waiting.state) == (CallState.WRAP_UP, CallState.CLOSED)
    story.later(8.0)
    assert story.state("li") == "wrap-up", "the form can still be finished"
