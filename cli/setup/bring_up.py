"""Bringing a machine to where a command can run: only the steps not yet done, one set-up at a time."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cli.paths import Paths
from cli.setup.progress import step_line
from cli.setup.step import Step


def bring_up_to(paths: Paths, steps: Sequence[Step]) -> None:
    """Do those of `steps` that are not done, in their order. Silent when all are.

    Raises SetupStopped from the first step that cannot go on; started again, it resumes there.
    """
    if all(step.is_done(paths) for step in steps):
        return
    with one_set_up_at_a_time(paths):
        for number, step in enumerate(steps, start=1):
            # Asked again under the lock: the set-up that we waited for may have done it.
            if step.is_done(paths):
                continue
            line = step_line(number, len(steps), step.title)
            with line.shown() as say:
                say(step.do(paths, say))


@contextmanager
def one_set_up_at_a_time(paths: Paths) -> Iterator[None]:
    """Holds the lock that the shell script takes too; the kernel gives it back when the holder dies."""
    paths.home.mkdir(parents=True, exist_ok=True)
    with (paths.home / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("hotline: another set-up is at work; waiting for it", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
