"""Faults that app_queue is known for, with the issue number of the Asterisk project where there is one."""

from __future__ import annotations

import random
from collections import Counter
from time import process_time

from telephony.acd import Acd, AcdPolicy, AgentProfile, WaitingCall

from .world import Hotline, queue


def test_two_agents_never_answer_one_call() -> None:  # 176
    hotline = Hotline(citizen=queue(overflow={"general": 0}), general=queue("general"))
    hotline.works("Li", citizen=1, general=1)
    hotline.works("Wang", citizen=1, general=1)
    hotline.call("1")
    assert len(hotline.rings() + hotline.rings()) == 1


def test_an_agent_in_two_queues_is_not_rung_twice() -> None:
    hotline = Hotline(citizen=queue("citizen"), enterprise=queue("enterprise"))
    hotline.call("1", "citizen")
    hotline.call("2", "enterprise")
    hotline.works("Li", citizen=1, enterprise=1)
    assert hotline.rings() == ["Li for 1"]
    assert hotline.rings() == []


def test_wrap_up_in_one_queue_holds_for_all_and_ends_only_when_the_centre_says_so() -> None:  # 1006
    hotline = Hotline(citizen=queue("citizen"), enterprise=queue("enterprise"))
    hotline.works("Li", citizen=1, enterprise=1)
    hotline.call("1", "citizen")
    assert hotline.rings() == ["Li for 1"]
    hotline.answers("Li")  # and from here on: talking, then wrapping up
    hotline.call("2", "enterprise")
    for _ in range(100):
        assert hotline.later(60).rings() == []
    hotline.is_free("Li")
    assert hotline.rings() == ["Li for 2"]


def test_an_urgent_queue_does_not_starve_callers_whose_agents_are_the_lesser_choice() -> None:  # 1561
    hotline = Hotline(
        citizen=queue("citizen", strategy="best-skill-first"),
        enterprise=queue("enterprise", strategy="best-skill-first"),
    )
    hotline.works("Li", citizen=1, enterprise=5)
    hotline.answers("Li")
    hotline.call("citizen")
    served = []
    for number in range(20):
        hotline.later(20).call(f"firm {number}", "enterprise", priority=4)
        hotline.is_free("Li")
        served += hotline.rings()
        hotline.answers("Li")
    assert "Li for citizen" in served[:7]  # priority 4 weighs 120 s: six firms at most get ahead


def test_counts_stay_right_under_load() -> None:  # 1736
    rng = random.Random(1736)
    hotline = Hotline(citizen=queue(overflow={"general": 30}), general=queue("general"))
    for number in range(20):
        hotline.works(f"agent {number}", citizen=number % 2, general=1 - number % 2)
    arrived, gone = Counter[str](), Counter[str]()
    on_calls: list[str] = []
    for number in range(5000):
        name = rng.choice(["citizen", "general"])
        hotline.later(rng.random()).call(str(number), name)
        arrived[name] += 1
        if rng.random() < 0.3 and (waiting := hotline.acd.waiting()):
            call = rng.choice(waiting)
            hotline.acd.withdraw(call.call_id, hotline.now)
            gone[call.queue] += 1
        for match in hotline.acd.match(hotline.now):
            gone[match.queue] += 1
            hotline.answers(match.agent_id)
            on_calls.append(match.agent_id)
        if len(on_calls) > 10:
            hotline.is_free(on_calls.pop(0))
        assert hotline.acd.lengths() == {name: arrived[name] - gone[name] for name in ("citizen", "general")}
    assert sum(hotline.acd.lengths().values()) == len(hotline.acd.waiting())


def test_the_cost_of_a_change_does_not_grow_with_queues_times_agents() -> None:  # 1972
    def seconds_for_changes(queues: int, agents: int) -> float:
        policy = AcdPolicy(
            queues={f"q{n}": queue(f"s{n}") for n in range(queues)}, ageing_s=30, ring_again_s=60
        )
        acd = Acd(policy)
        for number in range(agents):
            skills = {"s0": 1, f"s{number % queues}": 1}
            acd.sign_in(
                AgentProfile(agent_id=f"a{number}", skills=skills, languages=frozenset(["zh"])), 1.7e9
            )
        for number in range(queues):
            acd.enqueue(
                WaitingCall(call_id=f"c{number}", queue=f"q{number}", language="zh", waiting_since=1.7e9),
                1.7e9,
            )
        acd.set_free("a0", 1.7e9)
        acd.match(1.7e9)
        began = process_time()
        for number in range(2000):
            acd.set_free("a1", 1.7e9 + number)
            acd.match(1.7e9 + number)
            acd.set_away("a1", 1.7e9 + number)
        return process_time() - began

    small = min(seconds_for_changes(2, 20) for _ in range(3))
    large = min(seconds_for_changes(60, 2000) for _ in range(3))
    assert large < 10 * small  # 3,000 times as many pairs


def test_positions_survive_a_restart() -> None:
    hotline = Hotline()
    calls = [
        WaitingCall(
            call_id=f"{n}", queue="citizen", language="zh", priority=n % 3, waiting_since=hotline.now + n
        )
        for n in range(20)
    ]
    for call in calls:
        hotline.acd.enqueue(call, hotline.now + 20)
    before = {call.call_id: hotline.acd.position(call.call_id) for call in calls}
    restarted = Hotline()
    random.Random(7).shuffle(calls)
    for call in calls:
        restarted.acd.enqueue(call, hotline.now + 60)
    assert {call_id: restarted.acd.position(call_id) for call_id in before} == before


def test_the_expected_wait_follows_the_position_and_shrinks_while_waiting() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.answers("Li")
    for number in range(10):
        hotline.call(str(number))
    assert hotline.acd.expected_wait("9") is None  # nobody has left yet: nothing is known, nothing is claimed
    told = []
    for _ in range(8):
        hotline.later(40).is_free("Li")
        assert len(hotline.rings()) == 1
        hotline.answers("Li")
        told.append(hotline.acd.expected_wait("9"))
    assert told == [None, None, 280, 240, 200, 160, 120, 80]
    assert hotline.acd.expected_wait("8") == 40
    assert hotline.later(300).acd.expected_wait("8") == 40  # overrun, yet it does not grow


def test_a_quiet_hour_does_not_make_the_next_callers_expect_an_hour() -> None:
    hotline = Hotline()
    for number in range(4):
        hotline.later(3600).call(str(number))
        hotline.later(30)
        if number == 0:
            hotline.works("Li")
        hotline.is_free("Li")
        assert len(hotline.rings()) == 1
        hotline.answers("Li")
    hotline.call("next")
    assert hotline.acd.expected_wait("next") == 30
