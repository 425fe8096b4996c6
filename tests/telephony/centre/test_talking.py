"""Caller and agent talk: holding, pausing the recording, losing each other, the end."""

from __future__ import annotations

from telephony.call import CallState, EndReason
from telephony.centre.actions import HangUpLeg
from telephony.centre.facts import LegEnd, LegGone, PhoneReachable
from telephony.commands import Rejoin
from telephony.events import PartyLeft

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
