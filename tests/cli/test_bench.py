from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benches.report import Report, at_least, at_most, machine_conditions
from cli.bench import bench_names, run_bench

REPORT = Report(
    bench="answer",
    figures={"ours_median_ms": 21.5, "app_queue_median_ms": 12.0, "calls": 12345},
    goals={"median": at_most(30.0, 9.5), "p99": at_most(150.0, 151.0)},
    conditions={"rounds": 40},
    table=[["client", "median_ms", "calls"], ["ours", 21.5, 12345], ["队列", 12.0, 7]],
)


def test_the_last_line_is_one_json_object_with_figures_goals_and_conditions() -> None:
    last = json.loads(REPORT.render().splitlines()[-1])
    assert last == {
        "bench": "answer",
        "figures": {"ours_median_ms": 21.5, "app_queue_median_ms": 12.0, "calls": 12345},
        "goals": {
            "median": {"goal": 30.0, "got": 9.5, "met": True},
            "p99": {"goal": 150.0, "got": 151.0, "met": False},
        },
        "conditions": {"rounds": 40},
    }


def test_the_table_is_aligned_on_a_terminal_also_where_names_are_chinese() -> None:
    assert REPORT.render().splitlines()[:4] == [
        "client  median_ms   calls",
        "------  ---------  ------",
        "ours         21.5  12,345",
        "队列           12       7",
    ]


def test_a_goal_that_was_missed_is_said_in_words() -> None:
    assert "p99: NOT MET (goal 150, got 151)" in REPORT.render()
    assert at_least(2.0, 2.0).met
    assert not at_least(2.0, 1.9).met


def test_the_conditions_name_the_machine(tmp_path: Path) -> None:
    conditions = machine_conditions(tmp_path)
    assert {"cpu", "cores", "memory_gib", "load_at_start", "python", "date"} <= conditions.keys()
    assert int(conditions["cores"]) >= 1


def bench(source: str) -> ModuleType:
    module = ModuleType("benches.some")
    module.__dict__["Report"] = Report
    exec(source, module.__dict__)  # noqa: S102 - the source stands in this file
    return module


ASYNC_BENCH = """
async def run():
    return Report(bench="some", figures={"n": 1})
"""

BENCH_WITH_OPTIONS = """
def add_arguments(parser):
    parser.add_argument("--rounds", type=int, default=3)

def run(options):
    return Report(bench="some", figures={"rounds": options.rounds})
"""


def test_a_bench_may_be_a_coroutine() -> None:
    assert run_bench(bench(ASYNC_BENCH), []).figures == {"n": 1}


def test_a_bench_gets_the_options_that_it_declared() -> None:
    assert run_bench(bench(BENCH_WITH_OPTIONS), ["--rounds", "5"]).figures == {"rounds": 5}
    assert run_bench(bench(BENCH_WITH_OPTIONS), []).figures == {"rounds": 3}


def test_an_option_that_a_bench_does_not_know_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        run_bench(bench(ASYNC_BENCH), ["--rounds", "5"])
    assert ended.value.code == 2


STOPPED_BENCH = """
import asyncio, sys
from types import ModuleType
from benches.report import Report
from cli import bench
from cli.paths import find_paths

async def run():
    print("started", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up", flush=True)

module = ModuleType("benches.some")
module.run = run
bench.bench_names, bench._module = lambda: ["some"], lambda name: module
bench.run(__import__("argparse").Namespace(list=False, name="some", options=[]), find_paths())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_bench_that_is_told_to_end_cleans_up_behind_itself(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED_BENCH], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(number)
        assert process.communicate(timeout=20)[0] == "cleaned up\n"


def test_the_shared_helper_is_not_offered_as_a_bench() -> None:
    assert "report" not in bench_names()
