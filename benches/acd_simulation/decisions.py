"""How fast the ACD decides: 1,700 agents, with 2,000 callers waiting or with agents to spare."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from statistics import median
from time import perf_counter, perf_counter_ns, thread_time_ns

import msgspec

from benches.acd_simulation.fairness import FifoWatch
from benches.acd_simulation.mix import AGENTS, Callers, agents, configuration
from telephony.acd import Acd, Match, WaitingCall, acd_policy

ROUNDS = 4
"""Of each kind: single decisions timed by the wall clock, and by the core's time that they took."""
CYCLES = 15_000
"""A round has one agent becoming free and one call arriving in each cycle."""
SECONDS_A_CYCLE = 300 / AGENTS
"""What passes between two agents becoming free, at 300 s of handling."""
NOT_ANSWERED = 0.03
NINE_O_CLOCK = 1_763_946_000.0
"""Monday, 24 November 2025, 09:00 in Beijing, epoch seconds."""


_Outcome = tuple[WaitingCall | None, str, list[Match]]
"""Who came to wait, if anybody; who became free or had let that caller ring; what the ACD decided."""


class Speed(msgspec.Struct, frozen=True):
    """A decision is one event taken to its match, or to the certainty that there is none.

    Attributes:
        per_s: decisions per second of one core's time; median of the rounds.
        p50_us, p99_us, worst_us: microseconds of one core's time that single decisions took; medians of the rounds.
        p99_wall_us: the same by the wall clock, waiting for the core included.
        waiting: callers waiting at the end.
        storm_ms: one `match` in which all agents become free at once.
        fifo_broken: callers passed over by a later one of equal priority.
    """

    per_s: float
    p50_us: float
    p99_us: float
    worst_us: float
    p99_wall_us: float
    decisions: int
    waiting: int
    storm_ms: float
    fifo_broken: int


def measure(calls_at_start: int, seed: int) -> Speed:
    """Let `calls_at_start` callers meet 1,700 agents, then time one event after the other."""
    floor = _Floor(calls_at_start, random.Random(seed))
    by_wall = [floor.round(perf_counter_ns) for _ in range(ROUNDS)]
    by_core = [floor.round(thread_time_ns) for _ in range(ROUNDS)]
    gc.unfreeze()
    return Speed(
        per_s=median(decisions.per_s for decisions in by_core),
        p50_us=median(decisions.percentile_us(0.5) for decisions in by_core),
        p99_us=median(decisions.percentile_us(0.99) for decisions in by_core),
        worst_us=median(decisions.percentile_us(1) for decisions in by_core),
        p99_wall_us=median(decisions.percentile_us(0.99) for decisions in by_wall),
        decisions=sum(len(decisions.taken_ns) for decisions in by_wall + by_core),
        waiting=len(floor.acd.waiting()),
        storm_ms=floor.storm_ms,
        fifo_broken=floor.watch.broken,
    )


class _Round:
    def __init__(self, taken_ns: list[int]) -> None:
        self.taken_ns = sorted(taken_ns)
        self.per_s = len(taken_ns) / sum(taken_ns) * 1e9

    def percentile_us(self, share: float) -> float:
        return self.taken_ns[min(len(self.taken_ns) - 1, int(share * len(self.taken_ns)))] / 1000


class _Floor:
    def __init__(self, calls_at_start: int, rng: random.Random) -> None:
        config = configuration()
        self.acd = Acd(acd_policy(config))
        self.watch = FifoWatch()
        self.now = NINE_O_CLOCK
        self._rng = rng
        self._callers = Callers(config, rng)
        self._calls: dict[str, WaitingCall] = {}
        self._busy: list[str] = []
        for profile in agents(rng):
            self.acd.sign_in(profile, self.now - 3600)
            self.acd.set_free(profile.agent_id, self.now)
        ages = sorted((rng.uniform(0, 300) for _ in range(calls_at_start)), reverse=True)
        for age in ages:
            self._wait(self._callers.one(self.now - age))
        began = perf_counter()
        matches = self.acd.match(self.now)
        self.storm_ms = (perf_counter() - began) * 1000
        self._answer(matches)

    def round(self, clock: Callable[[], int]) -> _Round:
        moments = [self.now + (cycle + 1) * SECONDS_A_CYCLE for cycle in range(CYCLES)]
        arriving = [self._callers.one(moment) for moment in moments]
        unanswered = [self._rng.random() < NOT_ANSWERED for _ in moments]
        outcomes: list[_Outcome] = []
        taken: list[int] = []
        # What the bench itself keeps is not to slow the collector down.
        gc.collect()
        gc.freeze()
        acd, busy, rng = self.acd, self._busy, self._rng
        for moment, call, lets_ring in zip(moments, arriving, unanswered, strict=True):
            if busy:
                place = rng.randrange(len(busy))
                agent_id, busy[place] = busy[place], busy[-1]
                busy.pop()
                start = clock()
                acd.set_free(agent_id, moment)
                matches = acd.match(moment)
                taken.append(clock() - start)
                outcomes.append((None, agent_id, matches))
                self._ring(matches, moment, lets_ring, clock, taken, outcomes)
            if lets_ring:
                # One caller more is waiting already: as many come as leave.
                continue
            start = clock()
            acd.enqueue(call, moment)
            matches = acd.match(moment)
            taken.append(clock() - start)
            self._calls[call.call_id] = call
            outcomes.append((call, "", matches))
            self._ring(matches, moment, False, clock, taken, outcomes)
        self.now = moments[-1]
        self._check(outcomes)
        return _Round(taken)

    def _ring(
        self,
        matches: list[Match],
        moment: float,
        lets_ring: bool,
        clock: Callable[[], int],
        taken: list[int],
        outcomes: list[_Outcome],
    ) -> None:
        for match in matches:
            if lets_ring:
                start = clock()
                self.acd.enqueue(self._calls[match.call_id], moment)
                self.acd.exclude(match.call_id, match.agent_id, moment)
                again = self.acd.match(moment)
                taken.append(clock() - start)
                outcomes.append((self._calls[match.call_id], match.agent_id, again))
                self._ring(again, moment, False, clock, taken, outcomes)
            else:
                self.acd.set_busy(match.agent_id, moment)
            self._busy.append(match.agent_id)

    def _check(self, outcomes: list[_Outcome]) -> None:
        for call, agent_id, matches in outcomes:
            if call is not None:
                self.watch.waits(call)
                if agent_id:
                    self.watch.let_ring(call, agent_id)
            for match in matches:
                self.watch.served(self._calls[match.call_id], match.agent_id)

    def _wait(self, call: WaitingCall) -> None:
        self._calls[call.call_id] = call
        self.watch.waits(call)
        self.acd.enqueue(call, self.now)

    def _answer(self, matches: list[Match]) -> None:
        for match in matches:
            self.watch.served(self._calls[match.call_id], match.agent_id)
            self.acd.set_busy(match.agent_id, self.now)
            self._busy.append(match.agent_id)
