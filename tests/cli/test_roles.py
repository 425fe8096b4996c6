"""How a role is run: told to stop, it ends cleanly; failing by itself, it says so."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ROLE = """
import asyncio, sys
from cli.run import until_told_to_stop

async def role():
    print("running", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned up", flush=True)

asyncio.run(until_told_to_stop(role()))
print("ended", flush=True)
"""

FAILING_ROLE = """
import asyncio
from cli.run import until_told_to_stop

async def role():
    raise OSError("the port is taken")

asyncio.run(until_told_to_stop(role()))
"""


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_role_that_is_told_to_stop_cleans_up_and_ends_with_0(told: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ROLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as role:
        assert role.stdout
        assert role.stdout.readline() == "running\n"
        role.send_signal(told)
        said, complaints = role.communicate(timeout=30)
    assert said == "cleaned up\nended\n"
    assert complaints == ""
    assert role.returncode == 0


def test_a_role_that_fails_by_itself_says_why_and_does_not_end_with_0() -> None:
    failed = subprocess.run(
        [sys.executable, "-c", FAILING_ROLE],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=ROOT,
        check=False,
    )
    assert failed.returncode != 0
    assert "the port is taken" in failed.stderr
