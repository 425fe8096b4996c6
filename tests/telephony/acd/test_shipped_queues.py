"""The queues that the project ships do what their comments promise."""

from __future__ import annotations

from pathlib import Path

from telephony.acd import Acd, WaitingCall, acd_policy
from telephony.config import load

from .world import clock, profile

CONFIG = load(Path(__file__).parents[3] / "configs")


def shipped() -> Acd:
    return Acd(acd_policy(CONFIG))


def dial(acd: Acd, number: str, now: float, language: str = "zh") -> str:
    """A caller dials `number` and waits in the queue of its line; returns the call's id."""
    name = CONFIG.line_of(number)
    assert name is not None
    line = CONFIG.queues.lines[name]
    call_id = f"{number} at {now}"
    acd.enqueue(
        WaitingCall(
            call_id=call_id, queue=line.queue, language=language, priority=line.priority, waiting_since=now
        ),
        now,
    )
    return call_id


def test_an_enterprise_is_as_far_ahead_as_two_minutes_of_waiting() -> None:
    acd = shipped()
    early = dial(acd, "12345", clock(9))
    late = dial(acd, "12345", clock(9) + 10)
    firm = dial(acd, "1234501", clock(9) + 125)
    assert [call.call_id for call in acd.waiting()] == [early, firm, late]


def test_a_consumer_at_night_is_served_by_the_citizens_agents() -> None:
    acd = shipped()
    acd.sign_in(profile("Li", citizen=1), clock(20))
    acd.set_free("Li", clock(20))
    call_id = dial(acd, "12315", clock(20))
    [match] = acd.match(clock(20))
    assert (match.call_id, match.queue, match.through) == (call_id, "consumer", "citizen")


def test_a_citizen_is_helped_by_the_all_rounders_after_a_minute() -> None:
    acd = shipped()
    acd.sign_in(profile("Wang", general=1), clock(9))
    acd.set_free("Wang", clock(9))
    dial(acd, "12345", clock(9))
    assert acd.match(clock(9) + 59) == []
    assert [match.through for match in acd.match(clock(9) + 60)] == ["general"]


def test_a_korean_citizen_waits_for_somebody_who_speaks_korean() -> None:
    acd = shipped()
    for agent_id, languages in (("Li", "zh en"), ("Piao", "zh ko")):
        acd.sign_in(profile(agent_id, languages, citizen=1), clock(9))
        acd.set_free(agent_id, clock(9))
    dial(acd, "12345", clock(9), "ko")
    assert [match.agent_id for match in acd.match(clock(9))] == ["Piao"]
