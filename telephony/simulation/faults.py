"""Makes things go wrong, as often as a scenario says, until it is told to stop."""

from __future__ import annotations

import random
from collections.abc import Callable

from telephony.simulation.clock import Clock
from telephony.simulation.controller import SimulatedController
from telephony.simulation.live_state import LiveState
from telephony.simulation.network import Network
from telephony.simulation.scenario import Troubles
from telephony.simulation.switch import SimulatedSwitch
from telephony.simulation.trace import Trace

KEEPALIVE_S = 10.0
"""A link that broke silently is missed within two pings."""


class Faults:
    """Every kind by itself, at random times."""

    def __init__(
        self,
        clock: Clock,
        network: Network,
        switch: SimulatedSwitch,
        controller: SimulatedController,
        live: LiveState,
        rng: random.Random,
        trace: Trace,
    ) -> None:
        self._clock = clock
        self._network = network
        self._switch = switch
        self._controller = controller
        self._live = live
        self._rng = rng
        self._trace = trace
        self._over = False

    def begin(self, troubles: Troubles) -> None:
        """Let it go wrong from now on."""
        self._switch.refusal = troubles.refused
        for mean_s, deed in (
            (troubles.cut_every_s, self._cut),
            (troubles.slow_every_s, self._slow),
            (troubles.kill_every_s, self._kill),
            (troubles.stall_every_s, self._stall),
            (troubles.restart_every_s, self._restart),
            (troubles.store_away_every_s, self._take_store_away),
        ):
            if mean_s:
                self._clock.after(self._rng.expovariate(1 / mean_s), self._do, mean_s, deed)

    def stop(self) -> None:
        """Let nothing more go wrong; what is broken is mended as it was going to be."""
        self._over = True
        self._switch.refusal = self._network.doubling = 0.0

    def _do(self, mean_s: float, deed: Callable[[], None]) -> None:
        if not self._over:
            deed()
            self._clock.after(self._rng.expovariate(1 / mean_s), self._do, mean_s, deed)

    def _cut(self) -> None:
        noticed_s = self._rng.choice((0.0, 0.0, self._rng.uniform(0.0, KEEPALIVE_S)))
        self._network.cut(self._rng.choice((0.1, 2.0, 30.0)) * self._rng.random(), noticed_s)

    def _slow(self) -> None:
        self._network.slow(self._rng.choice((0.3, 3.0, 9.0)) * self._rng.random())

    def _kill(self) -> None:
        self._controller.kill()
        self._clock.after(self._rng.choice((0.3, 5.0, 40.0)) * self._rng.random() + 0.2, self._start)

    def _start(self) -> None:
        if self._controller.centre is None:
            self._controller.start()

    def _stall(self) -> None:
        self._controller.stall(self._rng.choice((0.5, 5.0, 15.0)) * self._rng.random())

    def _restart(self) -> None:
        self._network.cut(self._rng.uniform(2.0, 8.0), 0.0)
        self._switch.restart()

    def _take_store_away(self) -> None:
        seconds = self._rng.choice((1.0, 20.0)) * self._rng.random()
        self._trace.note("live state", "is away", f"for {seconds:.1f} s")
        self._live.go_away(seconds)
