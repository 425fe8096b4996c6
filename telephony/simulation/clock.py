"""Simulated time: what is to happen, in order. Nothing here waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any


class Clock:
    """`now` is simulated epoch seconds; it moves from one appointment to the next."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._agenda: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._serials = count()

    def at(self, when: float, do: Callable[..., object], *args: object) -> None:
        """Have `do(*args)` called at `when`, at once for a time that is past; first made, first kept."""
        heapq.heappush(self._agenda, (max(when, self.now), next(self._serials), do, args))

    def after(self, delay: float, do: Callable[..., object], *args: object) -> None:
        """Have `do(*args)` called in `delay` seconds."""
        self.at(self.now + delay, do, *args)

    def run(self, until: float) -> None:
        """Keep every appointment up to `until`."""
        while self._agenda and self._agenda[0][0] <= until:
            self.now, _, do, args = heapq.heappop(self._agenda)
            do(*args)
        self.now = until
