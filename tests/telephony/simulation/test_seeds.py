"""A thousand simulated centres, in each of which everything goes wrong that can, keep every promise.

A seed that fails is named with the end of its trace; `python -m telephony.simulation --seed N --trace` replays it.
"""

from __future__ import annotations

from collections import Counter

import pytest

from telephony.simulation import House, house, run

SEEDS = 1_000
AT_ONCE = 50

# What the seeds must have gone through, so that a promise is not kept merely because nothing happened.
LIVED_THROUGH = (
    "caller hangs up",
    "phone answers",
    "switch refuses",
    "switch restarts",
    "switch serves alone",
    "switch takes abandoned",
    "switch connects alone",
    "link breaks",
    "link stands still",
    "link doubles",
    "link loses",
    "live state is away",
    "controller is killed",
    "controller stalls",
    "controller was late",
    "centre refuses",
    "keeper writes",
    "keeper finds",
)


@pytest.fixture(scope="module")
def shipped() -> House:
    return house()


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_no_caller_is_forgotten_and_each_has_one_record(first: int, shipped: House) -> None:
    counts: Counter[str] = Counter()
    calls = 0
    for seed in range(first, first + AT_ONCE):
        outcome = run(seed, shipped)
        calls += outcome.calls
        counts.update(outcome.counts)
    assert calls > 10 * AT_ONCE
    assert [deed for deed in LIVED_THROUGH if not counts[deed]] == []
