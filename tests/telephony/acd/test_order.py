"""In which order callers are served: first in, first out; priority; ageing; places kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from .world import Hotline, queue


def test_the_green_channel_comes_first_but_does_not_starve_citizens() -> None:
    hotline = Hotline(citizen=queue(), enterprise=queue("citizen"))
    hotline.call("citizen")
    hotline.later(119).call("firm", "enterprise", priority=4)  # worth 4 times 30 s of waiting
    hotline.later(2).call("late firm", "enterprise", priority=4)
    hotline.works("Li")
    assert hotline.rings() == ["Li for firm"]
    hotline.answers("Li")
    hotline.is_free("Li")
    assert hotline.rings() == ["Li for citizen"]
    hotline.answers("Li")
    hotline.is_free("Li")
    assert hotline.rings() == ["Li for late firm"]


def test_a_caller_is_served_however_many_urgent_ones_keep_coming() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.answers("Li")
    hotline.call("patient")
    for number in range(100):
        hotline.later(10).call(f"urgent {number}", priority=9)
        hotline.is_free("Li")
        if hotline.rings() == ["Li for patient"]:
            break
        hotline.answers("Li")
    assert hotline.now - hotline.calls["patient"].waiting_since == 9 * 30


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 9)), min_size=2, max_size=30))
def test_within_equal_priority_it_is_strictly_first_in_first_out(
    arrivals: list[tuple[float, int]],
) -> None:
    hotline = Hotline()
    priority_of = {}
    for number, (seconds, priority) in enumerate(sorted(arrivals, key=lambda arrival: arrival[0])):
        hotline.now = 1.7e9 + seconds
        hotline.call(f"{number:02}", priority=priority)
        priority_of[f"{number:02}"] = priority
    served = []
    hotline.works("Li")
    for _ in arrivals:
        [ring] = hotline.rings()
        served.append(ring.removeprefix("Li for "))
        hotline.answers("Li")
        hotline.is_free("Li")
    for level in set(priority_of.values()):
        same = [call_id for call_id in served if priority_of[call_id] == level]
        assert same == sorted(same)


def test_a_caller_keeps_the_place_when_an_agent_does_not_answer() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    hotline.call("2")
    assert hotline.rings() == ["Li for 1"]
    hotline.later(20).lets_it_ring("Li", "1")
    assert hotline.queue_of() == ["1", "2"]
    assert hotline.acd.position("1") == 1
    hotline.works("Wang")
    assert hotline.rings() == ["Wang for 1"]


def test_callers_of_the_very_same_moment_keep_their_order_after_ringing_in_vain() -> None:
    hotline = Hotline()
    hotline.works("Li")
    for call_id in ("b", "a", "c"):
        hotline.call(call_id)
    assert hotline.rings() == ["Li for b"]
    hotline.lets_it_ring("Li", "b")
    assert hotline.queue_of() == ["b", "a", "c"]


def test_an_agent_who_let_it_ring_is_not_rung_at_once_again_while_another_could() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    hotline.works("Wang")
    hotline.answers("Wang")  # busy, but will be free one day
    hotline.later(20).lets_it_ring("Li", "1")
    hotline.is_free("Li")
    assert hotline.rings() == []
    assert hotline.acd.next_event(hotline.now) == hotline.now + 60
    assert hotline.later(59).rings() == []
    assert hotline.later(1).rings() == ["Li for 1"]


def test_the_agent_who_let_one_ring_is_given_the_next_caller_meanwhile() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    hotline.call("2")
    assert hotline.rings() == ["Li for 1"]
    hotline.works("Wang")
    hotline.answers("Wang")
    hotline.lets_it_ring("Li", "1")
    hotline.is_free("Li")
    assert hotline.rings() == ["Li for 2"]
    assert hotline.queue_of() == ["1"]


def test_the_only_agent_of_a_language_is_rung_again_as_soon_as_ready() -> None:
    hotline = Hotline()
    hotline.works("Li", "zh ar")
    hotline.works("Wang")
    hotline.call("1", language="ar")
    assert hotline.rings() == ["Li for 1"]
    hotline.later(20).lets_it_ring("Li", "1")
    assert hotline.rings() == []
    hotline.is_free("Li")
    assert hotline.rings() == ["Li for 1"]


def test_when_the_last_other_agent_leaves_the_one_who_let_it_ring_is_rung_again() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    hotline.works("Wang")
    hotline.answers("Wang")
    hotline.lets_it_ring("Li", "1")
    hotline.is_free("Li")
    assert hotline.rings() == []
    hotline.acd.set_away("Wang", hotline.now)
    assert hotline.rings() == ["Li for 1"]


def test_agents_excluded_when_a_call_comes_back_are_remembered() -> None:
    hotline = Hotline()
    hotline.works("Li")
    hotline.works("Wang")
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    hotline.acd.withdraw("1", hotline.now)
    call = hotline.calls["1"]
    again = type(call)(
        call_id="1",
        queue="citizen",
        language="zh",
        waiting_since=call.waiting_since,
        excluded_agents=("Li", "Wang"),
    )
    hotline.works("Zhao")
    hotline.answers("Zhao")
    hotline.acd.enqueue(again, hotline.now)
    hotline.is_free("Li")
    assert hotline.rings() == []
    hotline.acd.sign_out("Zhao", hotline.now)
    assert hotline.rings() == ["Wang for 1"]


def test_a_supervisor_moves_a_caller_up() -> None:
    hotline = Hotline()
    hotline.call("1")
    hotline.later(45).call("2")
    hotline.acd.move_up("2", 1, hotline.now)
    assert hotline.queue_of() == ["1", "2"]
    hotline.acd.move_up("2", 1, hotline.now)
    assert hotline.queue_of() == ["2", "1"]
    assert hotline.acd.position("1") == 2
