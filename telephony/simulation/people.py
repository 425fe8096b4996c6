"""Callers: how long they wait, how long they talk, when they hang up."""

from __future__ import annotations

import random

import msgspec

from telephony.simulation.clock import Clock
from telephony.simulation.switch import SimulatedSwitch

LONGEST_LIFE_S = 900.0
"""Nobody stays on the telephone for longer, whatever happens."""


class CallerHabits(msgspec.Struct, frozen=True, kw_only=True):
    """`hasty` is the share of callers who hang up within two seconds, at whatever stage; means in seconds."""

    patience_s: float
    talk_s: float
    hasty: float


class SimulatedCaller:
    """One person who calls once."""

    def __init__(
        self, clock: Clock, switch: SimulatedSwitch, rng: random.Random, habits: CallerHabits, dialled: str
    ) -> None:
        self._clock = clock
        self._switch = switch
        self._rng = rng
        self._talk_s = rng.expovariate(1 / habits.talk_s)
        self._plan = 0
        number = f"139{rng.randrange(10**8):08d}"
        self._leg = switch.dial(self, number, dialled)
        hasty = rng.random() < habits.hasty
        self._hang_up_in(rng.uniform(0.0, 2.0) if hasty else 2.0 + rng.expovariate(1 / habits.patience_s))
        clock.after(LONGEST_LIFE_S, self._hang_up, 0)

    def met(self, leg: str) -> None:
        """Somebody is there: from now on the talk decides when it is over."""
        self._hang_up_in(self._talk_s)

    def ended(self, leg: str) -> None:
        """The call is over."""
        self._plan = -1

    def _hang_up_in(self, seconds: float) -> None:
        self._plan += 1
        self._clock.after(seconds, self._hang_up, self._plan)

    def _hang_up(self, plan: int) -> None:
        if self._plan != -1 and plan in (0, self._plan):
            self._switch.trace.note("caller", "hangs up", self._leg)
            self._switch.hang_up(self._leg)
