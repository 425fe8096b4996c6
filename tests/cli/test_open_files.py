"""A centre that is started from a login shell may open as many files as a full floor of calls needs."""

from __future__ import annotations

import resource
import subprocess
import sys

from cli.open_files import WANTED

RAISE = "import resource; from cli.open_files import allow_open_files; allow_open_files()"
TELL = "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"


def limits_after_raising(soft: int, hard: int) -> tuple[int, int]:
    """Return the limits of a process that began with these and raised its own."""
    begin = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))"
    asked = subprocess.run(
        [sys.executable, "-c", f"{begin}; {RAISE}; {TELL}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    now_soft, now_hard = map(int, asked.stdout.split())
    return now_soft, now_hard


def test_the_limit_of_a_login_shell_is_raised_as_far_as_the_machine_allows() -> None:
    assert limits_after_raising(256, 900) == (900, 900)


def test_a_limit_that_is_high_enough_is_left_alone() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    assert limits_after_raising(most, hard) == (most, hard)
