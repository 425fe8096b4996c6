"""An agent is rung for a caller: answers, lets it ring, refuses, cannot be reached."""

from __future__ import annotations

import pytest

from telephony.call import CallState, LegOutcome
from telephony.centre.actions import HangUpLeg, RingSeat
from telephony.centre.facts import Leg, LegEnd, LegGone, LegState, PhoneReachable, RoomEntered
from telephony.commands import HangUp, SetNotReady, SetReady
from telephony.events import AgentRinging, RingEnded

from .story import Story, caller_leg


def ended(story: Story, end: LegEnd) -> None:
    """The phone that the last step rang does not join."""
    story.told(LegGone(leg=story.ring().leg, end=end))


def test_the_free_agents_phone_rings_at_once_with_the_callers_number() -> None:
    story = Story()
    story.agent("li")
    arrival = story.arrival(number="13911112222")
    story.told(arrival)
    assert story.ring() == RingSeat(
        leg=story.ring().leg,
        call_id=arrival.call_id,
        seat="1001",
        agent_id="li",
        ring_s=20,
        caller_number="13911112222",
    )
    assert (story.state("li"), story.centre.agents["li"].call_id) == ("ringing", arrival.call_id)


def test_who_answers_talks_from_that_moment() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    story.later(4.0)
    story.answers("li")
    assert (call.state, call.answered_at, story.state("li")) == (CallState.TALKING, story.now, "talking")
    party = call.leg_of_agent
    assert party is not None
    assert (party.rang_at, party.joined_at, party.outcome) == (story.now - 4.0, story.now, LegOutcome.JOINED)


def test_entering_the_room_twice_changes_nothing() -> None:
    story = Story()
    call = story.conversation("li")
    before = story.remembered()
    party = call.leg_of_agent
    assert party is not None
    story.told(RoomEntered(call_id=call.id, leg=party.leg))
    assert (story.actions, story.said, story.remembered()) == ([], [], before)


@pytest.mark.parametrize(
    ("end", "outcome", "reason"),
    [
        (LegEnd.NO_ANSWER, LegOutcome.NO_ANSWER, "no-answer"),
        (LegEnd.REFUSED, LegOutcome.REFUSED, "refused"),
        (LegEnd.UNREACHABLE, LegOutcome.UNREACHABLE, "phone-lost"),
        (LegEnd.MEDIA_LOST, LegOutcome.NO_ANSWER, "no-answer"),
        (LegEnd.HUNG_UP, LegOutcome.NO_ANSWER, "no-answer"),
    ],
)
def test_a_caller_keeps_their_place_when_an_agent_does_not_answer(
    end: LegEnd, outcome: LegOutcome, reason: str
) -> None:
    story = Story()
    story.agent("li")
    first = story.caller()
    leg = first.parties[-1].leg
    second = story.caller()
    story.later(3.0)
    story.told(LegGone(leg=leg, end=end))
    assert first.parties[-1].outcome is outcome
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", reason)
    assert (first.state, first.waiting_since) == (CallState.WAITING, first.offered_at)
    assert RingEnded(at=story.now, call_id=first.id, agent_id="li", outcome=outcome) in story.said
    story.agent("wang")
    assert story.answers("wang") is first
    assert second.state is CallState.WAITING


def test_the_switch_tells_a_failed_ring_twice_and_only_the_first_word_counts() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.told(LegGone(leg=leg, end=LegEnd.REFUSED))
    before = story.remembered()
    story.told(LegGone(leg=leg, end=LegEnd.UNREACHABLE))
    assert (story.actions, story.said, story.remembered()) == ([], [], before)


def test_a_ringing_that_the_switch_forgets_to_end_is_ended_by_the_clock() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.later(22.9)
    assert call.state is CallState.RINGING
    story.later(0.2)
    assert story.actions == [HangUpLeg(leg=leg)]
    assert (call.state, story.state("li")) == (CallState.WAITING, "not-ready")


def test_a_phone_that_answers_after_we_gave_it_up_is_hung_up() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.ask(HangUp(agent_id="li"))
    story.told(RoomEntered(call_id=call.id, leg=leg))
    assert story.actions == [HangUpLeg(leg=leg)]
    assert call.state is CallState.WAITING


def test_the_agent_who_let_it_ring_is_rung_again_for_that_caller_only_if_nobody_else_could() -> None:
    story = Story()
    story.agent("li")
    story.agent("wang", ready=False)
    call = story.caller()
    story.told(LegGone(leg=call.parties[-1].leg, end=LegEnd.NO_ANSWER))
    story.ask(SetReady(agent_id="li"))
    assert story.rings() == ["li"], "nobody else is there"
    story.told(LegGone(leg=story.ring().leg, end=LegEnd.NO_ANSWER))
    story.ask(SetReady(agent_id="wang"))
    assert story.rings() == ["wang"]


def test_who_asked_for_a_break_while_it_rang_and_let_it_ring_is_on_that_break() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    assert story.state("li") == "ringing"
    story.told(LegGone(leg=call.parties[-1].leg, end=LegEnd.NO_ANSWER))
    agent = story.centre.agents["li"]
    assert (agent.state, agent.reason, agent.not_ready_next) == ("not-ready", "meal", None)


def test_a_caller_need_not_wait_for_a_phone_that_was_lost_while_it_rang() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    leg = call.parties[-1].leg
    story.agent("wang")
    story.later(2.0)
    story.told(PhoneReachable(seat="1001", reachable=False))
    assert story.actions_of(HangUpLeg) == [HangUpLeg(leg=leg)]
    assert (story.rings(), call.parties[1].outcome) == (["wang"], LegOutcome.WITHDRAWN)
    assert story.state("li") == "ready"
    story.later(8.1)
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "phone-lost")


def test_a_page_that_was_loaded_anew_while_it_rang_rings_again_once_it_is_there() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    story.told(PhoneReachable(seat="1001", reachable=False))
    story.hung_up()
    story.later(2.0)
    story.told(PhoneReachable(seat="1001", reachable=True))
    assert (story.rings(), story.ring().call_id) == (["li"], call.id)


def test_a_phone_that_is_called_off_is_not_rung_for_the_next_caller_before_it_has_stopped() -> None:
    story = Story()
    story.agent("li")
    first, second = story.caller(), story.caller()
    leg = first.parties[-1].leg
    story.later(2.0)
    story.left_the_telephone(first.caller.leg)
    assert (story.rings(), story.state("li"), second.state) == ([], "ready", CallState.WAITING)
    story.told(LegGone(leg=leg, end=LegEnd.HUNG_UP))
    assert story.rings() == ["li"]


def test_a_phone_of_which_the_switch_says_no_more_is_rung_all_the_same() -> None:
    story = Story()
    story.agent("li")
    first = story.caller()
    story.caller()
    story.left_the_telephone(first.caller.leg)
    story.later(2.9)
    assert story.rings() == []
    story.later(0.2)
    assert story.rings() == ["li"]


def test_a_phone_that_the_dialplan_rings_is_left_to_it_until_it_has_stopped() -> None:
    story = Story()
    story.agent("li")
    arrival = story.arrival()
    ringing = Leg(leg="alone-1", state=LegState.RINGING, seat="1001")
    story.look(more=[caller_leg(arrival, LegState.ALONE_WAITING), ringing])
    assert story.rings() == []
    story.told(LegGone(leg="alone-1", end=LegEnd.HUNG_UP))
    assert story.rings() == ["li"]


def test_one_ring_is_told_once() -> None:
    story = Story()
    story.agent("li")
    call = story.arrival()
    story.told(call)
    assert [event for event in story.said if isinstance(event, AgentRinging)] == [
        AgentRinging(at=story.now, call_id=call.call_id, agent_id="li")
    ]
