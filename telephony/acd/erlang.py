"""How many agents are enough: the formulas of Erlang, for planning and to check the ACD against.

Calls arrive at random (Poisson) and take random time (exponential); any agent takes any call. Load is in erlangs:
calls per second times seconds of handling.
"""

from __future__ import annotations

from math import exp, inf

import msgspec

_NEGLIGIBLE = 1e-17


def blocking_probability(load: float, agents: int) -> float:
    """Return the share of calls that find all agents busy where nobody waits (Erlang B, A. K. Erlang 1917).

    Raises:
        ValueError: the load or the number of agents is negative.
    """
    if load < 0 or agents < 0:
        raise ValueError(f"expected load and agents from 0, got {load} and {agents}")
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def wait_probability(load: float, agents: int) -> float:
    """Return the share of calls that wait at all, nobody giving up (Erlang C); 1 where agents are too few."""
    blocked = blocking_probability(load, agents)
    if load >= agents:
        return 1.0
    return agents * blocked / (agents - load * (1 - blocked))


def mean_wait_s(load: float, agents: int, handling_s: float) -> float:
    """Return the mean wait of all calls in seconds (Erlang C); infinity where agents are too few."""
    if load >= agents:
        return inf
    return wait_probability(load, agents) * handling_s / (agents - load)


def answered_within(target_s: float, load: float, agents: int, handling_s: float) -> float:
    """Return the share of calls answered within `target_s` seconds (Erlang C)."""
    if load >= agents:
        return 0.0
    return 1 - wait_probability(load, agents) * exp(-(agents - load) * target_s / handling_s)


class WithAbandonment(msgspec.Struct, frozen=True):
    """What callers of limited patience meet: shares of all calls, and the mean wait of all calls in seconds."""

    wait_probability: float
    abandoned: float
    mean_wait_s: float


def with_abandonment(load: float, agents: int, handling_s: float, patience_s: float) -> WithAbandonment:
    """Return what happens where callers give up after a random (exponential) time, `patience_s` on average.

    This is Erlang A (C. Palm 1946). It has an answer for any number of agents: too long a queue drains itself.

    Raises:
        ValueError: load or agents are negative, or a time is not positive.
    """
    if handling_s <= 0 or patience_s <= 0:
        raise ValueError(
            f"expected times above 0, got {handling_s} s of handling, {patience_s} s of patience"
        )
    blocked = blocking_probability(load, agents)
    if blocked == 0 or load == 0:
        return WithAbandonment(0.0, 0.0, 0.0)
    # Probabilities of 0, 1, 2, ... callers waiting, relative to that of none waiting with all agents busy.
    impatience = handling_s / patience_s
    weight, total, queued, waiting = 1.0, 1.0, 0.0, 0
    while weight > _NEGLIGIBLE * total or load > agents + waiting * impatience:
        waiting += 1
        weight *= load / (agents + waiting * impatience)
        total += weight
        queued += waiting * weight
    everything = 1 / blocked - 1 + total
    mean_wait = queued / everything * handling_s / load
    return WithAbandonment(total / everything, mean_wait / patience_s, mean_wait)
