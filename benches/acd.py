"""How fast and how fairly callers are matched to agents: 1,700 agents, Beijing's mix, a day, Erlang C."""

from __future__ import annotations

import argparse

from benches.acd_simulation import day, decisions, queueing
from benches.acd_simulation.mix import AGENTS
from benches.report import Goal, Report, Value, at_least, at_most

SEED = 12345
WAITING = 2_000
AGENTS_TO_SPARE = 425
ACD_CALLS = 150_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=SEED, help="of everything random (default: %(default)s)")


def run(options: argparse.Namespace) -> Report:
    """Measure decisions under load and at ease, simulate a day, compare with Erlang C."""
    loaded = decisions.measure(AGENTS + WAITING, options.seed)
    at_ease = decisions.measure(AGENTS - AGENTS_TO_SPARE, options.seed)
    whole_day = day.simulate(options.seed)
    rows = [queueing.compare(load, options.seed, ACD_CALLS) for load in queueing.ROWS]
    error = max(row.error for row in rows)
    different = sum(row.different for row in rows)
    fifo_broken = loaded.fifo_broken + at_ease.fifo_broken + whole_day.fifo_broken
    return Report(
        bench="acd",
        figures={
            "decisions_per_s": round(loaded.per_s),
            "decision_p99_us": round(loaded.p99_us, 1),
            "decision_p99_wall_us": round(loaded.p99_wall_us, 1),
            "decisions_per_s_at_ease": round(at_ease.per_s),
            "decision_p99_us_at_ease": round(at_ease.p99_us, 1),
            "day_s": round(whole_day.took_s, 2),
            "day_answered_in_15_s": round(whole_day.answered_in_time, 4),
            "erlang_c_error": round(error, 4),
            "fifo_broken": fifo_broken,
            "waits_unlike_plain_fifo": different,
        },
        goals={
            "decisions_per_s": at_least(50_000, round(loaded.per_s)),
            "day_s": Goal("under 20 s", round(whole_day.took_s, 2), whole_day.took_s < 20),
            "erlang_c_error": at_most(0.02, round(error, 4)),
            "fifo_broken": at_most(0, fifo_broken),
            "waits_unlike_plain_fifo": at_most(0, different),
        },
        conditions={
            "agents": AGENTS,
            "waiting": loaded.waiting,
            "rounds": decisions.ROUNDS,
            "decisions": loaded.decisions + at_ease.decisions,
            "decisions_per_s_is": "of one core's time; median of the rounds",
            "decision_p99_is": "of one core's time; median of the rounds",
            "seed": options.seed,
            "day_calls": whole_day.calls,
            "erlang_calls": sum(row.plain_calls + row.acd_calls for row in rows),
        },
        table=_table([loaded, at_ease], whole_day, rows),
    )


def _table(
    speeds: list[decisions.Speed], found: day.Day, rows: list[queueing.Agreement]
) -> list[list[Value]]:
    table: list[list[Value]] = [["part", "measure", "got", "beside"]]
    for speed in speeds:
        part = f"{speed.waiting:,} waiting"
        table += [
            [part, "decisions per s", speed.per_s, ""],
            [part, "p50, us", speed.p50_us, ""],
            [part, "p99, us", speed.p99_us, f"{speed.p99_wall_us:.1f} by the wall clock"],
            [part, "slowest, us", speed.worst_us, ""],
            [part, "1,700 agents free at once, ms", speed.storm_ms, ""],
        ]
    part = "a day"
    table += [
        [part, "simulated in, s", found.took_s, f"{found.calls:,} calls"],
        [part, "answered within 15 s", found.answered_in_time, "GB/T 33358: 0.95"],
        [part, "mean wait, s", found.mean_wait_s, f"longest {found.longest_wait_s:.0f}"],
        [part, "given up", found.abandoned, f"at most {found.most_waiting:,} waiting"],
        [part, "rings not answered", found.unanswered_rings, ""],
        [part, "overtaken at equal priority", found.fifo_broken, f"of {found.fifo_checked:,} served"],
    ]
    for row in rows:
        part = f"{row.load.erlangs:g} erlangs, {row.load.agents} agents"
        within = f"answered within {row.load.target_s:g} s"
        table += [
            [part, "mean wait, s", row.wait_s, _theory(row.theory_wait_s, row.wait_confidence)],
            [part, within, row.in_time, _theory(row.theory_in_time, row.in_time_confidence)],
            [part, "waits unlike plain FIFO", row.different, f"of {row.acd_calls:,} calls"],
        ]
    return table


def _theory(value: float, confidence: float) -> str:
    return f"Erlang C {value:.4f}; 95 % confidence {confidence:.2%}"
