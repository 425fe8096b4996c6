"""What a record says of a call's times and people."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from records.assembly import assemble
from records.drafts import Draft
from records.schema import Durations, MissingRecording, Record
from telephony.call import Call, EndReason, LegOutcome, Party, PartyRole, Span
from tests.records.calls import OFFERED_AT, abandoned_call, closed_call


def record_of(call: Call) -> Record:
    return assemble(
        call, Draft(), MissingRecording.NOT_FOUND, record_id="0" * 32, zone=ZoneInfo("Asia/Shanghai")
    )


def agent(name: str, since: float, until: float | None) -> Party:
    return Party(
        role=PartyRole.AGENT,
        leg=f"leg-{name}-{since}",
        rang_at=OFFERED_AT + since - 2,
        joined_at=OFFERED_AT + since,
        left_at=None if until is None else OFFERED_AT + until,
        outcome=LegOutcome.JOINED,
        agent_id=name,
        seat="8002",
    )


def test_an_ordinary_call_waits_talks_and_is_wrapped_up() -> None:
    assert record_of(closed_call()).durations == Durations(wait_s=10, talk_s=60, hold_s=0, wrap_up_s=30)


def test_time_on_hold_is_not_time_talked() -> None:
    holds = [
        Span(since=OFFERED_AT + 20, until=OFFERED_AT + 25),
        # The caller hung up on hold.
        Span(since=OFFERED_AT + 60),
    ]
    assert record_of(closed_call(holds=holds)).durations == Durations(
        wait_s=10, talk_s=45, hold_s=15, wrap_up_s=30
    )


def test_an_agent_who_reloaded_the_page_talked_once() -> None:
    call = closed_call()
    call.parties = [call.caller, agent("agent-1", 10, 42), agent("agent-1", 40, 70)]
    assert record_of(call).durations.talk_s == 60


def test_the_record_belongs_to_the_agent_who_talked_last() -> None:
    call = closed_call()
    never_joined = agent("agent-3", 80, None)
    never_joined.joined_at, never_joined.outcome = None, LegOutcome.NO_ANSWER
    call.parties = [call.caller, agent("agent-1", 10, 30), agent("agent-2", 31, 70), never_joined]
    record = record_of(call)
    assert (record.agent_id, record.seat) == ("agent-2", "8002")
    assert record.durations == Durations(wait_s=10, talk_s=59, hold_s=0, wrap_up_s=30)
    assert [party.outcome for party in record.parties[1:]] == ["joined", "joined", "no-answer"]


def test_a_caller_who_gave_up_waited_until_then() -> None:
    record = record_of(abandoned_call())
    assert record.durations == Durations(wait_s=30, talk_s=0, hold_s=0, wrap_up_s=0)
    assert (record.agent_id, record.answered_at, record.end_reason) == (None, None, EndReason.ABANDONED)


def test_clocks_that_disagree_by_milliseconds_give_no_negative_times() -> None:
    call = closed_call(ended_at=OFFERED_AT + 70.005, closed_at=OFFERED_AT + 70)
    assert record_of(call).durations.wrap_up_s == 0
