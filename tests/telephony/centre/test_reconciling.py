"""After a lost link or a restart: what the switch shows is the truth, and nobody is forgotten for it."""

from __future__ import annotations

from telephony.call import CallState, EndReason
from telephony.centre.facts import JournalEntry, LinkLost
from telephony.commands import PauseRecording

from .story import Story


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
