"""The AMI client beside asterisk-ami, panoramisk and pyami-asterisk: events per second, and what each gets right.

Every client runs in a process of its own, connected over loopback to one feeder process that sends the same
events from memory as fast as they are taken. The callback reads the event's name, Uniqueid and
ChannelStateDesc. Rounds are interleaved, figures are medians over them. A rate is events of the stream per
second of one core, by the client process's own CPU time (its system calls included), so that a busy machine
does not tell; the table has the rates by the clock too. `events_per_s` is with every event delivered,
`filtered_events_per_s` with three names wanted.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from importlib.metadata import version

import msgspec

from benches.ami_peers.cases import CASES, judge
from benches.ami_peers.clients import CLIENTS
from benches.ami_peers.script import ROOT
from benches.ami_peers.traffic import LIFE, WANTED
from benches.report import Goal, Report, Value, at_least

EVENTS = 40_000
ROUNDS = 5
RUN_LIMIT_S = 60.0
OURS = "hotline"


class Run(msgspec.Struct):
    """One client's reading of all the events; `seconds` is None when it did not get them all."""

    seconds: float | None
    cpu_s: float
    count: int
    length: int


class Feeder(msgspec.Struct):
    manager: int
    control: int
    bytes: int


Rates = dict[str, "Rate"]


class Rate(msgspec.Struct, frozen=True):
    """Events per second: of one core's time, and by the clock."""

    core: float
    clock: float


async def run() -> Report:
    everything, wanted, event_bytes = await _measure()
    right = {case: await _judge(case) for case in CASES}
    ours = everything[OURS].core
    best = max(rate.core for client, rate in everything.items() if client != OURS)
    all_right = sum(answers[OURS] for answers in right.values())
    return Report(
        bench="ami",
        figures={
            "events_per_s": round(ours),
            "best_peer_events_per_s": round(best),
            "filtered_events_per_s": round(wanted[OURS].core),
            "events_per_s_by_the_clock": round(everything[OURS].clock),
            "cases_right": all_right,
            **_peer_figures(everything, wanted, right),
        },
        goals={
            "as fast as the fastest peer": at_least(round(best), round(ours)),
            "twice as fast with a filter by name": at_least(round(2 * best), round(wanted[OURS].core)),
            "every case right": Goal(len(CASES), all_right, all_right == len(CASES)),
        },
        conditions={
            "events": EVENTS,
            "rounds": ROUNDS,
            "bytes_per_event": round(event_bytes, 1),
            "wanted_share": sum(name in WANTED for name in LIFE) / len(LIFE),
            **{f"{name}_version": version(name) for name in CLIENTS if name != OURS},
        },
        table=_table(everything, wanted, right),
    )


def _peer_figures(everything: Rates, wanted: Rates, right: dict[str, dict[str, bool]]) -> dict[str, Value]:
    figures: dict[str, Value] = {}
    for client in CLIENTS:
        if client != OURS:
            name = client.replace("-", "_")
            figures[f"{name}_events_per_s"] = round(everything[client].core)
            figures[f"{name}_filtered_events_per_s"] = round(wanted[client].core)
            figures[f"{name}_cases_right"] = sum(answers[client] for answers in right.values())
    return figures


def _table(everything: Rates, wanted: Rates, right: dict[str, dict[str, bool]]) -> list[list[Value]]:
    table: list[list[Value]] = [
        ["", *CLIENTS],
        ["events/s of a core, all delivered", *(round(everything[client].core) for client in CLIENTS)],
        ["events/s of a core, three names wanted", *(round(wanted[client].core) for client in CLIENTS)],
        ["events/s by the clock, all delivered", *(round(everything[client].clock) for client in CLIENTS)],
        ["events/s by the clock, three names wanted", *(round(wanted[client].clock) for client in CLIENTS)],
    ]
    for case, answers in right.items():
        table.append([case, *("ok" if answers[client] else "FAILS" for client in CLIENTS)])
    return table


async def _measure() -> tuple[Rates, Rates, float]:
    """Medians for each client, with all events delivered and with three names wanted; and an event's size."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benches.ami_peers.feeder", str(EVENTS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    few = EVENTS * sum(name in WANTED for name in LIFE) // len(LIFE)
    everything: dict[str, list[Rate]] = {client: [] for client in CLIENTS}
    wanted: dict[str, list[Rate]] = {client: [] for client in CLIENTS}
    try:
        line = await asyncio.wait_for(process.stdout.readline(), RUN_LIMIT_S)
        feeder = msgspec.json.decode(line, type=Feeder)
        for _ in range(ROUNDS):
            for client in CLIENTS:
                everything[client].append(await _rate(feeder, client, EVENTS, ()))
                wanted[client].append(await _rate(feeder, client, few, WANTED))
    finally:
        process.kill()
        await process.wait()
    return _medians(everything), _medians(wanted), feeder.bytes / EVENTS


def _medians(rounds: dict[str, list[Rate]]) -> Rates:
    return {
        client: Rate(
            statistics.median(rate.core for rate in rates), statistics.median(rate.clock for rate in rates)
        )
        for client, rates in rounds.items()
    }


async def _rate(feeder: Feeder, client: str, expected: int, names: tuple[str, ...]) -> Rate:
    """How fast the stream was read; 0 when the client did not hand on all that it should."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benches.ami_peers.worker", "measure", client),
        *(str(feeder.manager), str(feeder.control), str(expected), *names),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), RUN_LIMIT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    result = msgspec.json.decode(said, type=Run) if said else None
    if result is None or not result.seconds or result.count != expected:
        return Rate(0.0, 0.0)
    return Rate(EVENTS / result.cpu_s, EVENTS / result.seconds)


async def _judge(case: str) -> dict[str, bool]:
    answers = await asyncio.gather(*(judge(CASES[case], client) for client in CLIENTS))
    return dict(zip(CLIENTS, answers, strict=True))
