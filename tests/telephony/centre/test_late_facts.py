"""What the switch says too late, or of legs that nobody knows, changes nothing that is over."""

from __future__ import annotations

import pytest

from telephony.centre.actions import HangUpLeg
from telephony.centre.facts import CallerArrived, Fact, LegEnd, LegGone, RoomEntered, RoomLeft
from telephony.commands import RecordKept

from .story import Story

UNKNOWN: list[Fact] = [
    RoomEntered(call_id="x", leg="unknown"),
    RoomLeft(call_id="x", leg="unknown"),
    LegGone(leg="unknown", end=LegEnd.HUNG_UP),
    LegGone(leg="", end=LegEnd.UNREACHABLE),
]


@pytest.mark.parametrize("fact", UNKNOWN, ids=lambda fact: type(fact).__name__)
def test_a_leg_that_nobody_knows_is_nobodys_business(fact: Fact) -> None:
    story = Story()
    story.conversation("li")
    story.caller()
    before = story.remembered()
    story.told(fact)
    assert (story.actions, story.said, story.remembered()) == ([], [], before)


@pytest.mark.parametrize("closed", [False, True])
def test_nothing_is_added_to_a_call_that_is_over(closed: bool) -> None:
    story = Story()
    call = story.conversation("li")
    caller, agent = call.caller.leg, call.parties[1].leg
    story.left_the_telephone(caller)
    if closed:
        story.later(60.0)
    before = story.remembered()
    arrival = CallerArrived(
        call_id=call.id, leg=caller, caller_number="1", caller_name="", dialled="12345", since=story.now
    )
    facts: list[Fact] = [
        arrival,
        RoomEntered(call_id=call.id, leg=caller),
        RoomLeft(call_id=call.id, leg=caller),
        LegGone(leg=caller, end=LegEnd.HUNG_UP),
        RoomLeft(call_id=call.id, leg=agent),
        LegGone(leg=agent, end=LegEnd.MEDIA_LOST),
    ]
    for fact in facts:
        story.told(fact)
        assert (story.actions, story.said, story.remembered()) == ([], [], before), fact


def test_an_agent_who_enters_the_room_of_a_call_that_is_over_is_hung_up() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.left_the_telephone(call.caller.leg)
    before = story.remembered()
    story.told(RoomEntered(call_id=call.id, leg=leg))
    assert (story.actions, story.remembered()) == ([HangUpLeg(leg=leg)], before)


def test_a_call_that_is_forgotten_stays_so() -> None:
    story = Story()
    call = story.caller()
    story.left_the_telephone(call.caller.leg)
    story.ask(RecordKept(call_id=call.id))
    story.told(LegGone(leg=call.caller.leg, end=LegEnd.HUNG_UP))
    story.told(RoomLeft(call_id=call.id, leg=call.caller.leg))
    assert (story.actions, story.said, story.centre.calls) == ([], [], {})
