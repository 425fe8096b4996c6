"""What a bench hands back: figures, goals, conditions, and how that is printed."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import east_asian_width

import msgspec

from telephony.asterisk import AsteriskNotFound, find_installation

Value = bool | int | float | str


class Goal(msgspec.Struct, frozen=True):
    """What was to be reached and what was; `goal` is a number, or words such as "under 150 ms"."""

    goal: Value
    got: Value
    met: bool


def at_least(goal: float, got: float) -> Goal:
    return Goal(goal, got, got >= goal)


def at_most(goal: float, got: float) -> Goal:
    return Goal(goal, got, got <= goal)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One bench's outcome.

    `figures` are named with their unit at the end (`median_ms`, `events_per_s`). `table` is for a person: its
    first row is the heading. `conditions` holds what this bench alone knows (rounds, seeds, versions of the
    peers); the runner adds the machine's.
    """

    bench: str
    figures: Mapping[str, Value]
    goals: Mapping[str, Goal] = {}
    conditions: Mapping[str, Value] = {}
    table: Sequence[Sequence[Value]] = ()

    def render(self) -> str:
        """The table, the goals in words, and as the last line the one JSON object that programs read."""
        parts = []
        if self.table:
            parts.append(_columns(self.table))
        for name, goal in self.goals.items():
            verdict = "met" if goal.met else "NOT MET"
            parts.append(f"{name}: {verdict} (goal {_cell(goal.goal)}, got {_cell(goal.got)})")
        parts.append(self.as_json())
        return "\n".join(parts)

    def as_json(self) -> str:
        """One line: bench, figures, goals, conditions."""
        fields = {
            "bench": self.bench,
            "figures": self.figures,
            "goals": self.goals,
            "conditions": self.conditions,
        }
        return msgspec.json.encode(fields).decode()


def machine_conditions(home: Path) -> dict[str, Value]:
    """The machine a figure was measured on, at this moment; call it before the bench loads the machine.

    `home` is the folder that set-up made (for the private Asterisk's version). Memory in GiB, load as the
    one-minute average.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found: dict[str, Value] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }
    asterisk = _asterisk_version(home)
    return found | ({"asterisk": asterisk} if asterisk else {})


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _asterisk_version(home: Path) -> str | None:
    try:
        program = find_installation(home / "asterisk").program
    except AsteriskNotFound:
        return None
    asked = subprocess.run([*program, "-V"], capture_output=True, text=True, timeout=10, check=False)
    return asked.stdout.removeprefix("Asterisk").split("~")[0].strip() or None


def _cell(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value


def _width(text: str) -> int:
    # A Chinese character takes two columns of a terminal.
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _columns(table: Sequence[Sequence[Value]]) -> str:
    """Aligned by display width: a column of numbers to the right, any other to the left.

    The first row is the heading; all rows are of one length.
    """
    columns = []
    for values in zip(*table, strict=True):
        cells = [_cell(value) for value in values]
        width = max(map(_width, cells))
        gaps = [" " * (width - _width(cell)) for cell in cells]
        to_the_right = not any(isinstance(value, str) for value in values[1:])
        aligned = [gap + cell if to_the_right else cell + gap for gap, cell in zip(gaps, cells, strict=True)]
        columns.append([aligned[0], "-" * width, *aligned[1:]])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))
