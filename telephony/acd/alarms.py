"""Times at which a waiting call's chances change: an overflow becomes due, an exclusion ends."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from math import inf

from telephony.acd.calls import Waiting

_ROOM_FOR_LAPSED = 1024


class Alarms:
    """Alarms of waiting calls; those of calls that wait no more lapse by themselves."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Waiting]] = []
        self._serial = count()
        self._limit = _ROOM_FOR_LAPSED

    def set(self, when: float, waiting: Waiting) -> None:
        """Let `due` name the call at `when`, epoch seconds."""
        heappush(self._heap, (when, next(self._serial), waiting))
        if len(self._heap) > self._limit:
            self._heap = [alarm for alarm in self._heap if not alarm[2].gone]
            heapify(self._heap)
            self._limit = 2 * len(self._heap) + _ROOM_FOR_LAPSED

    def due(self, now: float) -> list[Waiting]:
        """Return each call with an alarm at or before `now`, and drop those alarms."""
        found: list[Waiting] = []
        while self._heap and self._heap[0][0] <= now:
            waiting = heappop(self._heap)[2]
            if not waiting.gone:
                found.append(waiting)
        return found

    def next(self) -> float:
        """Return when the next alarm that still matters is, epoch seconds; infinity if there is none."""
        while self._heap and self._heap[0][2].gone:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else inf
