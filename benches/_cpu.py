"""How much of the machine's processors each part of a running centre takes, and what is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

from cli.launcher import Launcher

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
GENERATOR = "generator"
OTHERS = "others"
IDLE = "idle"
# Columns of the first line of /proc/stat, proc(5).
IDLE_COLUMNS = (3, 4)
STEAL_COLUMN = 7


class CpuMeter:
    """Cores used since the reading before, by part: 1.0 is one core all of the time.

    The load generator is this process with its children that are SIPp. `others` is whatever else runs on the
    machine, the kernel's own work for the network included where no process is charged for it; what the hypervisor
    took away is `stolen`.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._parts = {name: [part.pid] for name, part in launcher.parts.items()}
        self._parts["asterisk"] = [launcher.asterisk.process.pid]
        self._parts[GENERATOR] = [os.getpid(), *_children("sipp")]
        self._before = self._now()

    def read(self) -> dict[str, float]:
        """Return the cores that each part has used since the last reading, and those that were idle."""
        before, self._before = self._before, self._now()
        seconds = self._before["clock"] - before["clock"]
        cores = {name: (used - before[name]) / seconds for name, used in self._before.items()}
        del cores["clock"]
        every = len(os.sched_getaffinity(0))
        return cores | {OTHERS: max(0.0, every - sum(cores.values()))}

    def _now(self) -> dict[str, float]:
        columns = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        found = {name: sum(map(_cpu_s, pids)) for name, pids in self._parts.items()}
        found[IDLE] = sum(columns[at] for at in IDLE_COLUMNS) / TICKS_PER_S
        found["stolen"] = columns[STEAL_COLUMN] / TICKS_PER_S
        found["clock"] = time.monotonic()
        return found


def in_words(cores: dict[str, float]) -> str:
    """Return the parts that take a hundredth of a core or more, the greatest first."""
    ordered = sorted(cores.items(), key=lambda item: item[1], reverse=True)
    return ", ".join(f"{name} {used:.2f}" for name, used in ordered if used >= 0.01)


def _cpu_s(pid: int) -> float:
    """User and system time of a process with all its threads; 0 for one that is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S if fields else 0.0


def _children(command: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        fields = _stat(pid)
        if fields and int(fields[1]) == os.getpid() and _command(pid) == command:
            found.append(pid)
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on (proc(5), field 3)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
