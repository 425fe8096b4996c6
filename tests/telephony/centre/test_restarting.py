"""A controller dies and another takes up what it left: live state as it was last written, and the switch as it is."""

from __future__ import annotations

from telephony.call import CallState
from telephony.centre.actions import HangUpLeg, MuteRecording, RingSeat
from telephony.centre.facts import Leg, LegEnd, LegGone, LegState, RoomEntered
from telephony.commands import FinishWrapUp, HangUp, PauseRecording, RecordKept, SetNotReady

from .story import Story, caller_leg, shipped


def test_every_call_and_agent_is_known_again() -> None:
    story = Story()
    talking = story.conversation("li")
    wrapping_up = story.conversation("wang")
    story.left_the_telephone(wrapping_up.caller.leg)
    story.agent("zhao")
    ringing = story.caller()
    waiting = story.caller()
    before = story.remembered()
    story.restart()
    assert story.remembered() == before
    story.look()
    assert story.actions_of(RingSeat) == [] and story.actions_of(HangUpLeg) == []
    calls = story.centre.calls
    assert [calls[call.id].state for call in (talking, wrapping_up, ringing, waiting)] == [
        "talking", "wrap-up", "ringing", "waiting",
    ]  # fmt: skip
    assert [story.state(agent) for agent in ("li", "wang", "zhao")] == ["talking", "wrap-up", "ringing"]
    assert calls[waiting.id].waiting_since == waiting.waiting_since


def test_clocks_run_on_across_the_restart() -> None:
    story = Story()
    call = story.conversation("li")
    story.left_the_telephone(call.caller.leg)
    story.later(20.0)
    story.restart()
    story.look()
    story.later(39.0)
    assert story.state("li") == "wrap-up"
    story.later(2.0)
    assert story.state("li") == "ready"


def test_a_ringing_that_began_before_the_restart_ends_when_it_would_have() -> None:
    story = Story()
    story.agent("li")
    call = story.caller()
    story.later(15.0)
    story.restart()
    story.look()
    story.later(8.5)
    assert story.centre.calls[call.id].state is CallState.WAITING
    assert story.state("li") == "not-ready"


def test_an_agent_who_was_rung_when_nobody_could_write_it_down_is_rung_on() -> None:
    story = Story()
    story.agent("li")
    written = story.remembered()
    call = story.caller()
    leg = call.parties[-1].leg
    story.restart(written)
    story.look(more=unwritten(story, call.id, call.caller.leg, leg, LegState.RINGING))
    assert story.actions_of(RingSeat) == [] and story.actions_of(HangUpLeg) == []
    assert (story.state("li"), story.centre.agents["li"].call_id) == ("ringing", call.id)
    assert story.answers("li").state is CallState.TALKING


def unwritten(story: Story, call_id: str, caller: str, leg: str, state: LegState) -> list[Leg]:
    """A caller in the room, and the seat of li on the way there, of which live state knows nothing."""
    since = float(int(story.now))
    return [
        Leg(leg=caller, state=LegState.IN_ROOM, call_id=call_id, dialled="12345", since=since),
        Leg(leg=leg, state=state, call_id=call_id, seat="1001", agent_id="li"),
    ]


def test_an_agent_who_even_answered_by_then_talks_on() -> None:
    story = Story()
    story.agent("li")
    earlier = story.caller()
    story.answers("li")
    story.left_the_telephone(earlier.caller.leg)
    story.hung_up()
    written = story.remembered()
    story.ask(FinishWrapUp(agent_id="li", call_id=earlier.id))
    call = story.caller()
    leg = call.parties[-1].leg
    story.answers("li")
    story.restart(written)
    assert story.state("li") == "wrap-up", "live state is older than the switch"
    story.look(more=unwritten(story, call.id, call.caller.leg, leg, LegState.IN_ROOM))
    assert story.actions_of(HangUpLeg) == []
    assert (story.state("li"), story.centre.agents["li"].call_id) == ("talking", call.id)


def test_a_leg_that_rings_an_agent_who_cannot_take_it_is_hung_up_and_the_caller_waits() -> None:
    story = Story()
    story.agent("li")
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    written = story.remembered()
    call = story.caller()
    story.restart(written)
    story.look(more=unwritten(story, call.id, call.caller.leg, "unwritten", LegState.RINGING))
    assert HangUpLeg(leg="unwritten") in story.actions
    assert story.centre.calls[call.id].state is CallState.WAITING


def test_no_leg_is_ever_given_the_name_of_an_earlier_one() -> None:
    story = Story()
    story.agent("li")
    written = story.remembered()
    arrival = story.arrival()
    story.told(arrival)
    first = story.ring().leg
    story.later(0.5)
    story.restart(written)
    story.look(more=[caller_leg(arrival, LegState.IN_ROOM)])
    assert story.rings() == ["li"]
    story.told(LegGone(leg=first, end=LegEnd.HUNG_UP))
    assert story.state("li") == "ringing", "a late word of the first leg says nothing of the second"


def test_an_agent_whose_phone_was_lost_with_the_controller_is_missed_after_the_grace() -> None:
    story = Story()
    call = story.conversation("li")
    story.agent("wang", ready=False)
    story.restart()
    story.reachable.remove("1001")
    story.reachable.remove("1002")
    story.look()
    story.later(7.5)
    assert story.state("li") == "talking"
    story.later(1.0)
    assert (story.state("li"), story.centre.calls[call.id].state) == ("not-ready", "waiting")


def test_an_agent_who_is_ready_at_a_phone_that_was_lost_meanwhile_becomes_not_ready() -> None:
    story = Story()
    story.agent("li")
    story.restart()
    story.reachable.remove("1001")
    story.look()
    story.later(8.5)
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "phone-lost")


def test_a_recording_pause_that_nobody_could_write_down_does_not_mute_the_rest_of_the_call() -> None:
    story = Story()
    call = story.conversation("li")
    written = story.remembered()
    story.ask(PauseRecording(agent_id="li"))
    story.restart(written)
    story.look()
    assert MuteRecording(leg=call.caller.leg, muted=False) in story.actions


def test_a_hang_up_that_was_only_written_down_is_carried_out() -> None:
    story = Story()
    call = story.conversation("li")
    story.ask(HangUp(agent_id="li"))
    story.restart()
    story.look()
    assert HangUpLeg(leg=call.caller.leg) in story.actions


def test_a_record_that_was_kept_before_the_crash_is_asked_for_again_and_forgotten_then() -> None:
    story = Story()
    call = story.caller()
    story.left_the_telephone(call.caller.leg)
    written = story.remembered()
    story.ask(RecordKept(call_id=call.id))
    story.restart(written)
    story.look()
    assert story.centre.calls[call.id].state is CallState.CLOSED
    story.ask(RecordKept(call_id=call.id))
    assert story.centre.calls == {}


def test_a_queue_that_the_operator_removed_meanwhile_does_not_lose_its_callers() -> None:
    story = Story()
    waiting = story.caller("12319")
    story.agent("li")
    talking = story.answers("li")
    assert talking is waiting
    story.caller("12319")
    written = story.remembered()
    for call in written.calls:
        call.queue = "gone"
    story.restart(written)
    story.look()
    assert {call.queue for call in story.centre.calls.values()} == {"urban"}
    assert {"urban"} <= set(shipped()[0].queues)
    story.left_the_telephone(talking.caller.leg)
    assert story.state("li") == "wrap-up"
    story.told(RoomEntered(call_id=talking.id, leg=talking.caller.leg))
