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
        """Show what is being done now."""
        self._doing = doing
        self.draw()

    def draw(self, *, final: bool = False) -> None:
        seconds = time.monotonic() - self._started
        text = f"{self._head} ... {self._doing}, {seconds:.0f} s" if seconds >= 1 else f"{self._head} ... {self._doing}"
        with self._drawing:
            if self._runs_along:
                self._out.write(f"\r\x1b[K{text}" + ("\n" if final else ""))
            else:
                self._out.write(text + "\n")
            self._out.flush()

    @contextmanager
    def shown(self) -> Iterator[Say]:
        """Keeps the seconds running on a terminal until the step has ended, however it ends."""
        ended = threading.Event()

        def tick() -> None:
            while not ended.wait(REDRAW_S):
                self.draw()

        ticker = threading.Thread(target=tick, daemon=True) if self._runs_along else None
        if ticker:
            ticker.start()
        try:
            yield self.say
        except BaseException:
            self._doing = "stopped"
            raise
        finally:
            ended.set()
            if ticker:
                ticker.join()
            self.draw(final=True)


def step_line(number: int, of: int, title: str, out: TextIO | None = None) -> StepLine:
    """A line on stderr: standard output belongs to the command that set-up is done for."""
    return StepLine(number, of, title, out or sys.stderr)
