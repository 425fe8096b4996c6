"""Checks of the machine: Python and its packages, disk, clock."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.doctor.finding import Examined, Finding, fail, ok, warn

GIB = 2**30
DISK_FAIL_GIB = 1
DISK_WARN_GIB = 10
"""About 170 hours of recordings: 8 kHz, 16 bit, mono is 58 MB an hour."""
CLOCK_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""


def check_python(examined: Examined) -> Iterator[Finding]:
    """Which Python this is. An older one than 3.11 would not have come this far."""
    yield ok("Python", f"{platform.python_version()} in {sys.prefix}")


def check_packages(examined: Examined) -> Iterator[Finding]:
    """Whether the environment holds what the lock names, asked of the installer without using the network."""
    lock = examined.paths.root / "requirements" / "base.lock"
    if not (lock.is_file() and examined.paths.owns_python):
        return
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--offline"),
            *("--dry-run", "--require-hashes", "--no-config", "-r", str(lock)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if asked.returncode == 0 and "Would make no changes" in asked.stderr:
        yield ok("Python packages", f"as {lock.name} names them")
    else:
        stamp = examined.paths.venv / "python-base.stamp"
        yield fail(
            "Python packages",
            f"not as {lock.name} names them",
            f"Run: rm {stamp}; ./hotline setup",
        )


def check_disk(examined: Examined) -> Iterator[Finding]:
    folder = _existing(examined.var)
    free = shutil.disk_usage(folder).free / GIB
    seen = f"{free:.1f} GiB free for {examined.var}"
    remedy = "Free space or name another folder in hotline.data: a full disk ends recording and records."
    if free < DISK_FAIL_GIB:
        yield fail("disk", seen, remedy)
    elif free < DISK_WARN_GIB:
        yield warn("disk", seen, remedy)
    else:
        yield ok("disk", seen)


def check_clock(examined: Examined) -> Iterator[Finding]:
    """Whether the kernel's clock is kept right by somebody: calls' times are evidence."""
    state = _clock_state()
    if state is None:
        return
    if state == CLOCK_UNSYNCHRONISED:
        yield warn(
            "clock",
            "not synchronised",
            "Install and start chrony (sudo apt-get install -y chrony): records carry this machine's time.",
        )
    else:
        yield ok("clock", "synchronised")


def _clock_state() -> int | None:
    """What adjtimex(2) returns when asked without changing anything; None where it cannot be asked."""
    # Larger than struct timex (208 bytes on 64-bit Linux); all zero is modes = 0, which only reads.
    buffer = ctypes.create_string_buffer(512)
    try:
        state = int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))
    except (AttributeError, OSError):
        return None
    return state if state >= 0 else None


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
