"""Progress of set-up, one line a step: on a terminal the line runs along, in a log each state is a line."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from cli.setup.step import Say

REDRAW_S = 0.5


class StepLine:
    """`[3/6] Asterisk 22.10 ... unpacking, 18 s`"""

    def __init__(self, number: int, of: int, title: str, out: TextIO) -> None:
        self._head = f"[{number}/{of}] {title}"
        self._out = out
        self._runs_along = out.isatty()
        self._doing = ""
        self._started = time.monotonic()
        self._drawing = threading.Lock()

    def say(self, doing: str) -> None:
        """Show what is being done now, or how it ended."""
        self._doing = doing
        self._draw()

    @contextmanager
    def shown(self) -> Iterator[Say]:
        """Keeps the seconds running on a terminal until the step has ended, however it ends."""
        ended = threading.Event()

        def tick() -> None:
            while not ended.wait(REDRAW_S):
                self._draw()

        ticker = threading.Thread(target=tick, daemon=True)
        if self._runs_along:
            ticker.start()
        try:
            yield self.say
        except BaseException:
            self.say("stopped")
            raise
        finally:
            ended.set()
            if self._runs_along:
                ticker.join()
                self._out.write("\n")

    def _draw(self) -> None:
        seconds = time.monotonic() - self._started
        clock = f", {seconds:.0f} s" if seconds >= 1 else ""
        with self._drawing:
            start, end = ("\r\x1b[K", "") if self._runs_along else ("", "\n")
            self._out.write(f"{start}{self._head} ... {self._doing}{clock}{end}")
            self._out.flush()


def step_line(number: int, of: int, title: str, out: TextIO | None = None) -> StepLine:
    """A line on stderr: standard output belongs to the command that set-up is done for."""
    return StepLine(number, of, title, out or sys.stderr)
