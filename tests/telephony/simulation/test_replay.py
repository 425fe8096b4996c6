"""A failing seed is found again: it is named, it replays to the last event, and its trace can be read."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.call import Call
from telephony.centre import callers, reconciling, talking
from telephony.centre.floor import Floor
from telephony.simulation import House, Violation, World, house, run, scenario_of

ROOT = Path(__file__).parents[3]
EVENTFUL = 16


@pytest.fixture(scope="module")
def shipped() -> House:
    return house()


def trace_of_another_process(seed: int, hash_seed: str) -> str:
    """Return what a new interpreter, whose sets are in another order, prints for a seed."""
    done = subprocess.run(
        [sys.executable, "-m", "telephony.simulation", "--seed", str(seed), "--trace"],
        cwd=ROOT,
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.rpartition("1 seeds")[0]


def test_a_seed_is_the_same_day_every_time(shipped: House) -> None:
    worlds = [World(scenario_of(EVENTFUL, shipped)) for _ in range(2)]
    outcomes = [world.run() for world in worlds]
    assert outcomes[0] == outcomes[1]
    first, second = ("\n".join(world.trace.lines()) for world in worlds)
    assert first == second
    assert first + "\n" == trace_of_another_process(EVENTFUL, "1") == trace_of_another_process(EVENTFUL, "2")


def test_two_seeds_are_two_days(shipped: House) -> None:
    assert run(1, shipped) != run(2, shipped)


def first_violation(shipped: House) -> tuple[int, Violation]:
    """Return the first seed that fails, and how."""
    for seed in range(300):
        try:
            run(seed, shipped)
        except Violation as broken:
            return seed, broken
    pytest.fail("every promise seems to be kept")


def test_a_broken_promise_names_the_seed_and_shows_what_led_to_it(
    shipped: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "back_to_queue", lambda *_, **__: None)
    seed, broken = first_violation(shipped)
    named, *trace = broken.__notes__
    assert named == f"seed {seed}: replay it with python -m telephony.simulation --seed {seed} --trace"
    assert any("link        tells LegGone" in line for line in trace)


def _at_the_end_of_the_queue(floor: Floor, call: Call, now: float, *, not_again: str | None = None) -> None:
    call.waiting_since = now
    queue(floor, call, now, not_again=not_again)


def _half_the_wrap_up(floor: Floor, call: Call, now: float) -> None:
    let_agent_wrap_up(floor, call, now)
    if call.wrap_up_until is not None:
        call.wrap_up_until = now + (call.wrap_up_until - now) / 2
        floor.wake(call.wrap_up_until, call.id)


def _nothing(*_: object, **__: object) -> None:
    """What a fault of forgetting looks like."""


queue = Floor.queue
let_agent_wrap_up = callers._let_agent_wrap_up

FAULTS = {
    "a caller whom nobody answered goes to the end": (Floor, "queue", _at_the_end_of_the_queue, "lost its place"),
    "wrap-up is cut short": (callers, "_let_agent_wrap_up", _half_the_wrap_up, "its wrap-up lasts until"),
    "a caller whom the dialplan took stays there": (callers, "caller_strayed", _nothing, "left over|forgotten"),
    "an unseen conversation is not taken over": (reconciling, "_take_over", _nothing, "nobody talks|the ACD has"),
    "a lost pause stays lost": (talking, "record_again", _nothing, "span|paused|lasts"),
    "a note of the dialplan is not read": (reconciling, "_unobserved", _nothing, "without a record"),
    "a phone is rung while it is being called off": (
        Floor, "_is_going", lambda *_: False, "for nothing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("where", "what", "instead", "promise"), FAULTS.values(), ids=FAULTS)
def test_a_centre_with_a_fault_is_caught(
    where: object,
    what: str,
    instead: Callable[..., object],
    promise: str,
    shipped: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(where, what, instead)
    _, broken = first_violation(shipped)
    assert re.search(promise, str(broken)), broken
