"""Which caller is given to which agent."""

from __future__ import annotations

import pytest

from telephony.acd import (
    AgentAlreadySignedIn,
    AgentReserved,
    CallAlreadyWaiting,
    Match,
    Standing,
    UnknownAgent,
    UnknownCall,
    UnknownQueue,
)
from telephony.config.queues import Strategy

from .world import STRATEGIES, Hotline, profile, queue


def test_a_caller_is_given_to_a_free_agent_at_once() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    assert hotline.acd.match(hotline.now) == [Match("1", "Li", "citizen", "citizen", 0.0)]
    assert hotline.acd.standing("Li") is Standing.RESERVED
    assert hotline.queue_of() == []


def test_an_agent_who_becomes_free_gets_the_caller_who_waited_longest() -> None:
    hotline = Hotline()
    hotline.call("1")
    hotline.later(5).call("2")
    hotline.later(5).works("Li")
    assert hotline.acd.match(hotline.now) == [Match("1", "Li", "citizen", "citizen", 10.0)]
    assert hotline.queue_of() == ["2"]


def test_nobody_is_given_a_caller_whose_language_they_do_not_speak() -> None:
    hotline = Hotline()
    hotline.call("russian", language="ru")
    hotline.works("Li", "zh en")
    assert hotline.rings() == []
    hotline.works("Wang", "zh ru")
    assert hotline.rings() == ["Wang for russian"]


def test_nobody_is_given_a_caller_whose_queue_asks_for_more_skill() -> None:
    hotline = Hotline(enterprise=queue("enterprise", 3))
    hotline.call("1", "enterprise")
    hotline.works("Li", enterprise=2)
    assert hotline.rings() == []
    hotline.acd.update_profile(profile("Li", enterprise=3), hotline.now)
    assert hotline.rings() == ["Li for 1"]


def test_a_rare_language_does_not_hold_up_the_callers_behind() -> None:
    hotline = Hotline()
    hotline.call("arabic", language="ar")
    hotline.later(60).call("mandarin")
    hotline.works("Li")
    assert hotline.rings() == ["Li for mandarin"]


def test_of_several_free_agents_the_longest_idle_is_rung() -> None:
    hotline = Hotline(citizen=queue(strategy="longest-idle"))
    hotline.works("Li", citizen=5)
    hotline.later(1).works("Wang", citizen=1)
    hotline.call("1")
    hotline.call("2")
    assert hotline.rings() == ["Li for 1", "Wang for 2"]


def test_best_skill_first_rings_the_expert_and_of_two_experts_the_longer_idle() -> None:
    hotline = Hotline(citizen=queue(strategy="best-skill-first"))
    hotline.works("beginner", citizen=1)
    hotline.later(1).works("expert", citizen=5)
    hotline.later(1).works("second expert", citizen=5)
    for call_id in "123":
        hotline.call(call_id)
    assert hotline.rings() == ["expert for 1", "second expert for 2", "beginner for 3"]


def test_least_occupied_rings_whoever_spent_the_smallest_share_of_the_session_on_calls() -> None:
    hotline = Hotline(citizen=queue(strategy="least-occupied"))
    hotline.works("early")  # 100 s of calls in a session of 1,000 s
    hotline.call("1")
    assert hotline.rings() == ["early for 1"]
    hotline.answers("early")
    hotline.later(100).is_free("early")
    hotline.later(800).works("late")  # 50 s of calls in a session of 100 s
    hotline.acd.set_busy("late", hotline.now)
    hotline.later(50).is_free("late")
    hotline.later(50).call("2")
    hotline.call("3")
    assert hotline.rings() == ["early for 2", "late for 3"]


def test_a_pause_does_not_count_as_occupied() -> None:
    hotline = Hotline(citizen=queue(strategy="least-occupied"))
    hotline.works("at lunch")
    hotline.works("on calls")
    hotline.acd.set_away("at lunch", hotline.now)
    hotline.acd.set_busy("on calls", hotline.now)
    hotline.later(60).is_free("on calls")
    hotline.is_free("at lunch")
    hotline.call("1")
    assert hotline.rings() == ["at lunch for 1"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_idle_time_survives_a_restart_of_the_controller(strategy: Strategy) -> None:
    hotline = Hotline(citizen=queue(strategy=strategy))
    for agent_id, idle_since in (("Li", 100.0), ("Wang", 300.0), ("Zhao", 200.0)):
        hotline.acd.sign_in(profile(agent_id), hotline.now - 500)
        hotline.acd.set_free(agent_id, hotline.now - idle_since)
    for call_id in "123":
        hotline.call(call_id)
    assert hotline.rings() == ["Wang for 1", "Zhao for 2", "Li for 3"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_agents_who_are_alike_are_rung_in_the_order_in_which_they_became_free(strategy: Strategy) -> None:
    hotline = Hotline(citizen=queue(strategy=strategy))
    for agent_id in ("Li", "Wang", "Zhao"):
        hotline.works(agent_id)
    for call_id in "123":
        hotline.call(call_id)
    assert hotline.rings() == ["Li for 1", "Wang for 2", "Zhao for 3"]


def test_an_agent_is_given_one_call_at_a_time() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    hotline.call("2")
    assert hotline.rings() == ["Li for 1"]
    assert hotline.rings() == []
    with pytest.raises(AgentReserved, match="Li is being rung for call 1"):
        hotline.is_free("Li")
    hotline.answers("Li")
    assert hotline.rings() == []
    hotline.later(180).is_free("Li")
    assert hotline.rings() == ["Li for 2"]


def test_an_agent_who_dials_out_is_not_given_a_call() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.answers("Li")
    hotline.call("1")
    assert hotline.rings() == []


def test_a_caller_who_hangs_up_in_the_queue_is_forgotten() -> None:
    hotline = Hotline()
    hotline.call("1")
    hotline.call("2")
    assert hotline.acd.withdraw("1", hotline.now)
    assert not hotline.acd.withdraw("1", hotline.now)
    hotline.works("Li")
    assert hotline.rings() == ["Li for 2"]


def test_a_caller_who_hangs_up_while_the_agent_is_rung_frees_the_agent() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    assert hotline.acd.withdraw("1", hotline.now)
    hotline.is_free("Li")
    hotline.call("2")
    assert hotline.rings() == ["Li for 2"]


def test_an_agent_who_signs_out_while_rung_leaves_the_caller_to_be_enqueued_again() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    hotline.acd.sign_out("Li", hotline.now)
    hotline.acd.enqueue(hotline.calls["1"], hotline.now)
    hotline.works("Wang")
    assert hotline.rings() == ["Wang for 1"]


def test_becoming_free_twice_does_not_cost_an_agent_the_place() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.later(1).works("Wang")
    hotline.later(1).is_free("Li")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]


def test_supervisors_see_lengths_waits_and_order() -> None:
    hotline = Hotline(citizen=queue(), enterprise=queue("enterprise"))
    hotline.call("1")
    hotline.later(10).call("2", "enterprise")
    hotline.later(10).call("3")
    assert hotline.acd.lengths() == {"citizen": 2, "enterprise": 1}
    assert hotline.queue_of() == ["1", "2", "3"]
    assert hotline.queue_of("citizen") == ["1", "3"]
    assert hotline.acd.longest_wait(hotline.now) == 20
    assert hotline.acd.longest_wait(hotline.now, "enterprise") == 10
    assert [hotline.acd.position(call_id) for call_id in "123"] == [1, 1, 2]


def test_an_empty_hotline_has_no_wait() -> None:
    hotline = Hotline()
    assert hotline.acd.longest_wait(hotline.now) == 0
    assert hotline.acd.next_event(hotline.now) is None
    assert hotline.rings() == []


def test_a_supervisor_moves_a_caller_to_another_queue_with_the_time_already_waited() -> None:
    hotline = Hotline(citizen=queue(), enterprise=queue("enterprise"))
    hotline.call("1")
    hotline.later(30).call("2", "enterprise")
    hotline.acd.change_queue("1", "enterprise", hotline.now)
    assert hotline.queue_of("enterprise") == ["1", "2"]
    hotline.works("Li", enterprise=1)
    assert hotline.rings() == ["Li for 1"]


def test_what_makes_no_sense_is_refused() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    with pytest.raises(AgentAlreadySignedIn):
        hotline.works("Li")
    with pytest.raises(UnknownAgent):
        hotline.is_free("Wang")
    with pytest.raises(CallAlreadyWaiting):
        hotline.call("1")
    with pytest.raises(UnknownQueue):
        hotline.call("2", "taxi")
    with pytest.raises(UnknownQueue):
        hotline.acd.change_queue("1", "taxi", hotline.now)
    with pytest.raises(UnknownCall):
        hotline.acd.position("2")
    assert hotline.rings() == ["Li for 1"]
