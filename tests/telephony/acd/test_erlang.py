"""The staffing formulas give the figures of the published tables."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.acd.erlang import (
    answered_within,
    blocking_probability,
    mean_wait_s,
    wait_probability,
    with_abandonment,
)


def test_fourteen_agents_for_a_hundred_calls_in_half_an_hour_of_three_minutes_each() -> None:
    assert round(wait_probability(10, 14), 6) == 0.174132
    assert round(answered_within(20, 10, 14, 180), 6) == 0.888350
    assert round(mean_wait_s(10, 14, 180), 4) == 7.8359


def test_eleven_agents_for_the_same_calls() -> None:
    assert round(wait_probability(10, 11), 6) == 0.682118
    assert round(answered_within(20, 10, 11, 180), 6) == 0.389614


def test_fifty_five_agents_for_360_calls_in_half_an_hour_of_four_minutes_each() -> None:
    assert round(wait_probability(48, 55), 6) == 0.238701
    assert round(answered_within(15, 48, 55, 240), 6) == 0.845883
    assert round(mean_wait_s(48, 55, 240), 3) == 8.184


def test_callers_of_two_minutes_patience_and_fifty_agents() -> None:
    found = with_abandonment(2880 * 60 / 3600, 50, 60, 120)
    assert round(found.wait_probability, 5) == 0.46777
    assert round(found.abandoned, 6) == 0.030912
    assert round(found.mean_wait_s, 3) == 3.709


def test_too_few_agents_never_catch_up_unless_callers_give_up() -> None:
    assert wait_probability(10, 10) == 1
    assert mean_wait_s(10, 9, 180) == inf
    assert answered_within(20, 10, 9, 180) == 0
    overloaded = with_abandonment(200, 100, 180, 60)
    assert overloaded.abandoned == pytest.approx(0.5, abs=0.001)


def test_without_calls_nobody_waits_and_without_agents_everybody_does() -> None:
    assert wait_probability(0, 5) == 0
    assert with_abandonment(0, 5, 180, 60).abandoned == 0
    nobody_works = with_abandonment(5, 0, 180, 60)
    assert nobody_works.wait_probability == pytest.approx(1)
    assert nobody_works.abandoned == pytest.approx(1)
    assert nobody_works.mean_wait_s == pytest.approx(60)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0"):
        blocking_probability(-1, 5)
    with pytest.raises(ValueError, match="above 0"):
        with_abandonment(5, 5, 180, 0)


@given(load=st.floats(0.01, 300), agents=st.integers(1, 400))
def test_endless_patience_is_erlang_c_and_every_share_is_a_share(load: float, agents: int) -> None:
    finite = with_abandonment(load, agents, 180, 90)
    assert 0 <= finite.abandoned <= finite.wait_probability + 1e-12 <= 1 + 2e-12
    if load < 0.9 * agents:
        endless = with_abandonment(load, agents, 180, 180e9)
        assert endless.wait_probability == pytest.approx(wait_probability(load, agents), rel=1e-6, abs=1e-12)
        assert endless.mean_wait_s == pytest.approx(mean_wait_s(load, agents, 180), rel=1e-6, abs=1e-12)


@given(load=st.floats(0.01, 300), agents=st.integers(0, 400))
def test_one_more_agent_never_makes_anybody_wait_more(load: float, agents: int) -> None:
    assert wait_probability(load, agents + 1) <= wait_probability(load, agents)
    assert mean_wait_s(load, agents + 1, 180) <= mean_wait_s(load, agents, 180)
