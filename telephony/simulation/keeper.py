"""Keeps one record for each closed call, and says so until the call is forgotten: what records/ does."""

from __future__ import annotations

import random
from collections.abc import Callable

from telephony.call import Call, CallState
from telephony.commands import RecordKept
from telephony.simulation.clock import Clock
from telephony.simulation.controller import SimulatedController
from telephony.simulation.live_state import LiveState
from telephony.simulation.trace import Trace

AGAIN_S = 2.0


class Keeper:
    """`records` holds each call as it was when its record was written; a second attempt finds it and is content."""

    def __init__(
        self,
        clock: Clock,
        live: LiveState,
        controller: SimulatedController,
        rng: random.Random,
        trace: Trace,
        written: Callable[[Call], None],
    ) -> None:
        self._clock = clock
        self._live = live
        self._controller = controller
        self._rng = rng
        self._trace = trace
        self._written = written
        self._working_on: set[str] = set()
        self.records: dict[str, Call] = {}

    def sees(self, call_id: str) -> None:
        """A call changed in live state."""
        call = self._live.calls.get(call_id)
        if call is not None and call.state is CallState.CLOSED and call_id not in self._working_on:
            self._working_on.add(call_id)
            self._clock.after(self._rng.uniform(0.2, 3.0), self._keep, call_id)

    def _keep(self, call_id: str) -> None:
        call = self._live.calls.get(call_id)
        if call is None or call.state is not CallState.CLOSED:
            self._working_on.discard(call_id)
            return
        if call_id in self.records:
            self._trace.note("keeper", "finds", call_id)
        else:
            self._trace.note("keeper", "writes", call_id)
            self.records[call_id] = call
            self._written(call)
        self._controller.ask(RecordKept(call_id=call_id), lambda error: None)
        self._clock.after(AGAIN_S, self._keep, call_id)
