"""Run a benchmark: a table for people, and as the last line one JSON object for programs.

Exit code 1 when a goal was not met.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import os
import pkgutil
import signal
import sys
from types import ModuleType

import msgspec

import benches
from benches.report import Report, machine_conditions
from cli.paths import Paths

NOT_BENCHES = {"report"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="name the benchmarks and what each measures")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the benchmark to run")
    parser.add_argument("options", nargs=argparse.REMAINDER, metavar="...", help="options of that benchmark")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    names = bench_names()
    if arguments.list or arguments.name is None:
        for name in names:
            print(f"{name:<10}  {_first_line(_module(name))}")
        return 0
    if arguments.name not in names:
        print(
            f"hotline bench: no benchmark {arguments.name!r}; there are: {', '.join(names)}", file=sys.stderr
        )
        return 2
    module = _module(arguments.name)
    _let_every_end_be_like_ctrl_c()
    # Before the bench loads the machine that they describe.
    conditions = machine_conditions(paths.home)
    report = run_bench(module, arguments.options)
    report = msgspec.structs.replace(report, conditions=conditions | dict(report.conditions))
    print(report.render())
    return 0 if all(goal.met for goal in report.goals.values()) else 1


def bench_names() -> list[str]:
    """The modules of the package `benches` that are benchmarks, by name."""
    found = (module.name for module in pkgutil.iter_modules(benches.__path__) if not module.ispkg)
    return sorted(name for name in found if name not in NOT_BENCHES and not name.startswith("_"))


def run_bench(module: ModuleType, options: list[str]) -> Report:
    """Call a bench's `run`, plain or coroutine function.

    A bench with options declares them in `add_arguments(parser)` and takes the parsed namespace.
    """
    parser = argparse.ArgumentParser(prog=f"hotline bench {module.__name__.rpartition('.')[2]}")
    if hasattr(module, "add_arguments"):
        module.add_arguments(parser)
    parsed = parser.parse_args(options)
    takes_options = bool(inspect.signature(module.run).parameters)
    outcome = module.run(parsed) if takes_options else module.run()
    report = asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome
    if not isinstance(report, Report):
        raise TypeError(
            f"{module.__name__}.run returned {type(report).__name__}, not a benches.report.Report"
        )
    return report


def _let_every_end_be_like_ctrl_c() -> None:
    """A bench that is told to end in any way ends what it has started, and removes what it has written."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: os.kill(os.getpid(), signal.SIGINT))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"benches.{name}")


def _first_line(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().partition("\n")[0]
