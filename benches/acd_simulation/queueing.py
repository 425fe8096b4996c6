"""The ACD as the textbook's queue: does it wait as Erlang C says?

Simulated waits of neighbouring calls hang together, so that millions of calls are needed for a mean within 2 %. Two
simulations share the work. The ACD and a plain one (first in, first out, any agent, a dozen lines) get the same
arrivals and the same handling times, and their waits are compared call by call. The plain one alone then goes on
for as many calls as the confidence asks for. The estimate is the plain one's long mean plus the mean difference
between the two, which is zero if the ACD neither wastes an agent nor misorders a caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, heapreplace
from math import sqrt
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from telephony.acd import Acd, AcdPolicy, AgentProfile, QueuePolicy, WaitingCall
from telephony.acd.erlang import answered_within, mean_wait_s
from telephony.acd.hours import WeeklyHours

BLOCK = 100_000
WARM_UP_BLOCKS = 1
Times = tuple[list[float], list[float]]
"""Seconds between arrivals, and seconds of handling."""


class Load(msgspec.Struct, frozen=True):
    """A row of a staffing table: calls in 30 minutes, seconds of handling, the target, agents.

    `blocks` is how many pairs of blocks bring the mean wait's 95 % confidence to about 1 %.
    """

    calls: int
    handling_s: float
    target_s: float
    agents: int
    blocks: int

    @property
    def gap_s(self) -> float:
        """Mean seconds between two calls."""
        return 1800 / self.calls

    @property
    def erlangs(self) -> float:
        """Handling time that arrives per second."""
        return self.handling_s / self.gap_s


ROWS = (Load(100, 180, 20, 14, 70), Load(100, 180, 20, 11, 90), Load(360, 240, 15, 55, 280))


class Agreement(msgspec.Struct, frozen=True):
    """One row: theory, estimate and the half width of the estimate's 95 % confidence, mean wait and share in time.

    Attributes:
        different: calls whose wait in the ACD and in the plain simulation was not the same number.
        acd_calls, plain_calls: calls simulated in each.
    """

    load: Load
    wait_s: float
    theory_wait_s: float
    wait_confidence: float
    in_time: float
    theory_in_time: float
    in_time_confidence: float
    different: int
    acd_calls: int
    plain_calls: int

    @property
    def error(self) -> float:
        """The larger relative deviation from theory."""
        return max(abs(self.wait_s / self.theory_wait_s - 1), abs(self.in_time / self.theory_in_time - 1))


def compare(load: Load, seed: int, acd_calls: int) -> Agreement:
    """Simulate one row: `acd_calls` in both, then two times `load.blocks` of 100,000 in the plain one alone."""
    shared = next(_times(load, seed, acd_calls))
    ours = _waits_in_acd(load, shared)
    plain = list(_Plain(load.agents).waits(shared))
    wait_blocks, in_time_blocks = _long_run(load, seed)
    ours_wait, ours_in_time = _summary(ours, load)
    plain_wait, plain_in_time = _summary(plain, load)
    return Agreement(
        load=load,
        wait_s=fmean(wait_blocks) + ours_wait - plain_wait,
        theory_wait_s=mean_wait_s(load.erlangs, load.agents, load.handling_s),
        wait_confidence=_half_width(wait_blocks),
        in_time=fmean(in_time_blocks) + ours_in_time - plain_in_time,
        theory_in_time=answered_within(load.target_s, load.erlangs, load.agents, load.handling_s),
        in_time_confidence=_half_width(in_time_blocks),
        different=sum(one != other for one, other in zip(ours, plain, strict=True)),
        acd_calls=acd_calls,
        plain_calls=2 * load.blocks * BLOCK,
    )


def _times(load: Load, seed: int, block: int, *, swapped: bool = False) -> Iterator[Times]:
    """Yield blocks of times; `swapped` uses the numbers drawn for gaps for handling times, and the reverse.

    A run and its swapped twin err in opposite directions (E. S. Page, 1965), so their mean needs fewer calls.
    """
    draws = np.random.default_rng([seed, load.agents])
    while True:
        first, second = draws.standard_exponential(block), draws.standard_exponential(block)
        gaps, handling = (second, first) if swapped else (first, second)
        yield (gaps * load.gap_s).tolist(), (handling * load.handling_s).tolist()


class _Plain:
    """First in, first out, to any of `agents`: each call takes the agent who is free first."""

    def __init__(self, agents: int) -> None:
        self._free_at = [0.0] * agents
        self._now = 0.0

    def waits(self, times: Times) -> Iterator[float]:
        free_at, now = self._free_at, self._now
        for gap, handling in zip(*times, strict=True):
            now += gap
            start = max(now, free_at[0])
            heapreplace(free_at, start + handling)
            yield start - now
        self._now = now


def _long_run(load: Load, seed: int) -> tuple[list[float], list[float]]:
    """Return the mean wait and the share in time of each pair of blocks, after the warm-up."""
    twins = [
        (_Plain(load.agents), _times(load, seed + 1, BLOCK, swapped=swapped)) for swapped in (False, True)
    ]
    waits, shares = [], []
    for block in range(load.blocks + WARM_UP_BLOCKS):
        pair = [_summary(list(plain.waits(next(times))), load) for plain, times in twins]
        if block >= WARM_UP_BLOCKS:
            waits.append(fmean(wait for wait, _ in pair))
            shares.append(fmean(share for _, share in pair))
    return waits, shares


def _waits_in_acd(load: Load, times: Times) -> list[float]:
    """Return each call's wait where the ACD brings the same calls to as many agents."""
    always = WeeklyHours(ZoneInfo("Asia/Shanghai"))
    acd = Acd(AcdPolicy(queues={"q": QueuePolicy(skill="q", hours=always)}, ageing_s=30, ring_again_s=60))
    for number in range(load.agents):
        agent_id = str(number)
        acd.sign_in(AgentProfile(agent_id=agent_id, skills={"q": 1}, languages=frozenset(["zh"])), 0.0)
        acd.set_free(agent_id, 0.0)
    gaps, handling = times
    waits = [0.0] * len(gaps)
    arrivals: list[float] = []
    busy: list[tuple[float, str]] = []

    def serve(now: float) -> None:
        for match in acd.match(now):
            call = int(match.call_id)
            waits[call] = now - arrivals[call]
            acd.set_busy(match.agent_id, now)
            heappush(busy, (now + handling[call], match.agent_id))

    def release(until: float) -> None:
        while busy and busy[0][0] <= until:
            now, agent_id = heappop(busy)
            acd.set_free(agent_id, now)
            serve(now)

    now = 0.0
    for number, gap in enumerate(gaps):
        now += gap
        release(now)
        arrivals.append(now)
        acd.enqueue(WaitingCall(call_id=str(number), queue="q", language="zh", waiting_since=now), now)
        serve(now)
    release(float("inf"))
    return waits


def _summary(waits: list[float], load: Load) -> tuple[float, float]:
    array = np.array(waits)
    return float(array.mean()), float((array <= load.target_s).mean())


def _half_width(blocks: list[float]) -> float:
    return 1.96 * stdev(blocks) / sqrt(len(blocks)) / fmean(blocks)
