"""With one queue and equal agents, callers wait exactly as in the textbook's first-in-first-out queue."""

from __future__ import annotations

import pytest

from benches.acd_simulation.fairness import FifoWatch
from benches.acd_simulation.queueing import ROWS, Load, compare
from telephony.acd import WaitingCall


@pytest.mark.parametrize("load", ROWS, ids=lambda load: f"{load.agents} agents")
def test_every_wait_is_that_of_a_plain_queue_to_the_last_digit(load: Load) -> None:
    short = Load(load.calls, load.handling_s, load.target_s, load.agents, blocks=2)
    assert compare(short, seed=2, acd_calls=5_000).different == 0


def test_the_watch_sees_somebody_being_overtaken() -> None:
    watch = FifoWatch()
    calls = [
        WaitingCall(call_id=name, queue="citizen", language="zh", waiting_since=since)
        for name, since in (("first", 1.0), ("second", 2.0), ("third", 3.0))
    ]
    for call in calls:
        watch.waits(call)
    watch.served(calls[1], "Li")
    assert (watch.checked, watch.broken) == (1, 1)
    watch.let_ring(calls[0], "Wang")
    watch.served(calls[2], "Wang")
    assert (watch.checked, watch.broken) == (2, 1)
