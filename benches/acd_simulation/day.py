"""A day of 70,000 calls: a day curve, agents on shifts, callers who give up, agents who let it ring."""

from __future__ import annotations

import random
from heapq import heappop, heappush
from itertools import count
from time import perf_counter

import msgspec

from benches.acd_simulation.fairness import FifoWatch
from benches.acd_simulation.mix import AGENTS, Callers, agents, configuration
from telephony.acd import Acd, Standing, WaitingCall, acd_policy

CALLS = 70_000
MIDNIGHT = 1_763_913_600.0
"""Monday, 24 November 2025, 00:00 in Beijing, epoch seconds."""
HOUR = 3600.0
DAY_CURVE = (
    0.8, 0.5, 0.4, 0.3, 0.4, 0.6, 1.5, 3.0, 6.0, 9.0, 9.0, 7.5,
    5.5, 6.0, 7.5, 7.5, 7.0, 6.0, 5.0, 4.5, 4.0, 3.5, 2.5, 2.0,
)  # fmt: skip
"""Percent of the day's calls in each hour."""
SHIFTS = {0: 120, 6: 230, 8: 350, 10: 150, 12: 230, 14: 350, 16: 100, 18: 170}
"""Agents who begin at each hour and stay for six: 1,700 in all, 730 at most at once."""
SHIFT_HOURS = 6
TALK_S = (5.2, 0.55)
"""Mean and deviation of the logarithm of the talking time: 211 s on average."""
WRAP_UP_S = (20.0, 90.0)
ANSWER_S = (1.0, 6.0)
NOT_ANSWERED = 0.03
RING_S = 20.0
BACK_AFTER_S = 60.0
"""When an agent who let it ring is ready again."""
PATIENCE_S = 150.0
SERVICE_LEVEL_S = 15.0


class Day(msgspec.Struct, frozen=True):
    """How the day went.

    Attributes:
        took_s: wall-clock seconds that the simulation took.
        answered_in_time: share of all calls answered within 15 s.
        unanswered_rings: how often an agent let it ring.
        fifo_checked: callers served, each compared with all who waited longer at equal priority; fifo_broken of them
            had overtaken somebody.
    """

    took_s: float
    calls: int
    answered: int
    abandoned: int
    answered_in_time: float
    mean_wait_s: float
    longest_wait_s: float
    unanswered_rings: int
    most_waiting: int
    fifo_checked: int
    fifo_broken: int


def simulate(seed: int) -> Day:
    """Simulate the day; the same `seed` gives the same day."""
    began = perf_counter()
    centre = _Centre(random.Random(seed))
    centre.run()
    return Day(
        took_s=perf_counter() - began,
        calls=CALLS,
        answered=len(centre.waits),
        abandoned=centre.abandoned,
        answered_in_time=sum(wait <= SERVICE_LEVEL_S for wait in centre.waits) / CALLS,
        mean_wait_s=sum(centre.waits) / len(centre.waits),
        longest_wait_s=max(centre.waits),
        unanswered_rings=centre.unanswered_rings,
        most_waiting=centre.most_waiting,
        fifo_checked=centre.watch.checked,
        fifo_broken=centre.watch.broken,
    )


class _Centre:
    """Callers and agents with their habits, around the ACD; an event is a moment, a verb and whom it concerns."""

    def __init__(self, rng: random.Random) -> None:
        config = configuration()
        self.acd = Acd(acd_policy(config))
        self.watch = FifoWatch()
        self.waits: list[float] = []
        self.abandoned = 0
        self.unanswered_rings = 0
        self.most_waiting = 0
        self._rng = rng
        self._callers = Callers(config, rng)
        self._calls: dict[str, WaitingCall] = {}
        self._waiting: set[str] = set()
        self._leaving: set[str] = set()
        self._profiles = {profile.agent_id: profile for profile in agents(rng)}
        self._events: list[tuple[float, int, str, str, str]] = []
        self._order = count()
        self._plan_shifts()
        for hour, percent in enumerate(DAY_CURVE):
            for _ in range(round(CALLS * percent / 100)):
                self._at(MIDNIGHT + (hour + rng.random()) * HOUR, "arrive")

    def run(self) -> None:
        verbs = {
            "arrive": self._arrive,
            "give up": self._give_up,
            "answer": self._answer,
            "let ring": self._let_ring,
            "free": self._free,
            "begin": self._begin,
            "end": self._end,
        }
        now = MIDNIGHT
        while self._events:
            wake = self.acd.next_event(now)
            if wake is not None and wake < self._events[0][0]:
                now = wake
            else:
                now, _, verb, who, agent_id = heappop(self._events)
                verbs[verb](who, agent_id, now)
            self._match(now)
        if self._waiting:
            raise RuntimeError(f"{len(self._waiting)} callers were forgotten")

    def _plan_shifts(self) -> None:
        order = list(self._profiles)
        self._rng.shuffle(order)
        for hour, number in SHIFTS.items():
            for agent_id in order[:number]:
                start = MIDNIGHT + hour * HOUR + self._rng.uniform(0, 300)
                self._at(start, "begin", agent_id)
                self._at(start + SHIFT_HOURS * HOUR, "end", agent_id)
            del order[:number]
        # Whoever calls shortly before midnight is served by the next day's night shift.
        for agent_id in self._rng.sample(list(self._profiles), SHIFTS[0]):
            self._at(MIDNIGHT + 24 * HOUR + 600, "begin", agent_id)

    def _at(self, when: float, verb: str, who: str = "", agent_id: str = "") -> None:
        heappush(self._events, (when, next(self._order), verb, who, agent_id))

    def _match(self, now: float) -> None:
        for match in self.acd.match(now):
            call = self._calls[match.call_id]
            self.watch.served(call, match.agent_id)
            self._waiting.discard(match.call_id)
            if self._rng.random() < NOT_ANSWERED:
                self._at(now + RING_S, "let ring", match.call_id, match.agent_id)
            else:
                self._at(now + self._rng.uniform(*ANSWER_S), "answer", match.call_id, match.agent_id)
        self.most_waiting = max(self.most_waiting, len(self._waiting))

    def _arrive(self, _: str, __: str, now: float) -> None:
        call = self._callers.one(now)
        self._calls[call.call_id] = call
        self._wait(call, now)
        self._at(now + self._rng.expovariate(1 / PATIENCE_S), "give up", call.call_id)

    def _wait(self, call: WaitingCall, now: float) -> None:
        self._waiting.add(call.call_id)
        self.watch.waits(call)
        self.acd.enqueue(call, now)

    def _give_up(self, call_id: str, _: str, now: float) -> None:
        if call_id in self._waiting:
            self._waiting.discard(call_id)
            self.watch.gives_up(self._calls[call_id])
            self.acd.withdraw(call_id, now)
            self.abandoned += 1

    def _answer(self, call_id: str, agent_id: str, now: float) -> None:
        self.acd.set_busy(agent_id, now)
        self.waits.append(now - self._calls[call_id].waiting_since)
        handling = self._rng.lognormvariate(*TALK_S) + self._rng.uniform(*WRAP_UP_S)
        self._at(now + handling, "free", agent_id)

    def _let_ring(self, call_id: str, agent_id: str, now: float) -> None:
        self.unanswered_rings += 1
        self.watch.let_ring(self._calls[call_id], agent_id)
        self._wait(self._calls[call_id], now)
        self.acd.exclude(call_id, agent_id, now)
        self._at(now + BACK_AFTER_S, "free", agent_id)

    def _free(self, agent_id: str, _: str, now: float) -> None:
        if agent_id in self._leaving:
            self._leaving.discard(agent_id)
            self.acd.sign_out(agent_id, now)
        else:
            self.acd.set_free(agent_id, now)

    def _begin(self, agent_id: str, _: str, now: float) -> None:
        self.acd.sign_in(self._profiles[agent_id], now)
        self.acd.set_free(agent_id, now)

    def _end(self, agent_id: str, _: str, now: float) -> None:
        if self.acd.standing(agent_id) is Standing.FREE:
            self.acd.sign_out(agent_id, now)
        else:
            self._leaving.add(agent_id)


if sum(SHIFTS.values()) != AGENTS:
    raise ValueError("SHIFTS do not add up to AGENTS")
