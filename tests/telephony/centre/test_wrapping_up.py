"""After the call: the form, the clock, and the record that lets the call be forgotten."""

from __future__ import annotations

from telephony.call import CallState
from telephony.centre.actions import ForgetJournal
from telephony.commands import FinishWrapUp, RecordKept, SetNotReady, SetReady
from telephony.events import CallClosed, CallForgotten

from .story import Story


def wrap_up(story: Story, agent_id: str = "li", dialled: str = "12345") -> str:
    """Let an agent's talk be over; returns the call's id."""
    story.agent(agent_id)
    call = story.caller(dialled)
    story.answers(agent_id)
    story.later(30.0)
    story.left_the_telephone(call.caller.leg)
    story.hung_up()
    return call.id


def test_the_agent_confirms_the_form_and_is_ready_for_the_next_caller() -> None:
    story = Story()
    call_id = wrap_up(story)
    waiting = story.caller()
    story.later(10.0)
    story.ask(FinishWrapUp(agent_id="li", call_id=call_id))
    assert CallClosed(at=story.now, call_id=call_id) in story.said
    assert (story.rings(), story.ring().call_id) == (["li"], waiting.id)


def test_the_clock_ends_wrap_up_when_the_agent_does_not() -> None:
    story = Story()
    call_id = wrap_up(story)
    story.later(59.9)
    assert story.state("li") == "wrap-up"
    story.later(0.2)
    assert (story.state("li"), story.centre.calls[call_id].state) == ("ready", CallState.CLOSED)


def test_each_queue_has_its_own_time_for_the_form() -> None:
    story = Story()
    call_id = wrap_up(story, dialled="1234501")
    assert story.centre.calls[call_id].wrap_up_until == story.now + 90.0


def test_confirming_twice_is_confirming_once() -> None:
    story = Story()
    call_id = wrap_up(story)
    story.ask(FinishWrapUp(agent_id="li", call_id=call_id))
    story.ask(FinishWrapUp(agent_id="li", call_id=call_id))
    assert story.said == []
    story.ask(RecordKept(call_id=call_id))
    story.ask(FinishWrapUp(agent_id="li", call_id=call_id))
    assert story.said == []


def test_nobody_confirms_the_form_of_another_or_before_the_caller_has_left() -> None:
    story = Story()
    call = story.conversation("wang")
    assert story.refusal(FinishWrapUp(agent_id="wang", call_id=call.id)) == "not-in-wrap-up"
    story.left_the_telephone(call.caller.leg)
    assert story.refusal(FinishWrapUp(agent_id="li", call_id=call.id)) == "not-in-wrap-up"


def test_a_break_that_was_asked_for_during_the_call_begins_after_the_form() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    story.left_the_telephone(call.caller.leg)
    assert story.state("li") == "wrap-up"
    story.ask(FinishWrapUp(agent_id="li", call_id=call.id))
    agent = story.centre.agents["li"]
    assert (agent.state, agent.reason, agent.not_ready_next) == ("not-ready", "meal", None)


def test_a_break_that_was_taken_back_does_not_begin() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    story.ask(SetReady(agent_id="li"))
    story.left_the_telephone(call.caller.leg)
    story.ask(FinishWrapUp(agent_id="li", call_id=call.id))
    assert story.state("li") == "ready"


def test_a_call_is_forgotten_once_its_record_is_kept_and_not_before() -> None:
    story = Story()
    call_id = wrap_up(story)
    assert story.refusal(RecordKept(call_id=call_id)) == "call-lives"
    story.ask(FinishWrapUp(agent_id="li", call_id=call_id))
    assert call_id in story.centre.calls
    story.ask(RecordKept(call_id=call_id))
    assert story.actions == [ForgetJournal(call_id=call_id)]
    assert (story.said, story.centre.calls) == ([CallForgotten(at=story.now, call_id=call_id)], {})


def test_a_record_of_a_call_that_nobody_knows_any_more_clears_the_dialplans_note() -> None:
    story = Story()
    story.ask(RecordKept(call_id="long-gone"))
    assert (story.actions, story.said) == ([ForgetJournal(call_id="long-gone")], [])


def test_a_day_of_calls_leaves_nothing_behind() -> None:
    story = Story()
    story.agent("li")
    for number in range(200):
        call = story.caller()
        story.later(3.0)
        if number % 3:
            story.answers("li")
            story.later(20.0)
        story.left_the_telephone(call.caller.leg)
        story.hung_up()
        story.later(70.0)
        story.ask(RecordKept(call_id=call.id))
    story.later(100.0)
    assert story.centre.calls == {}
    assert story.centre.next_tick(story.now) is None, "an alarm of a call that is over is left"
    floor = story.centre._floor
    assert (floor.legs, floor._alarms, floor._going) == ({}, [], {})
