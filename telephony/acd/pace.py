"""How fast a lane moves, and so how long a caller in it still waits."""

from __future__ import annotations

from collections import deque

_REMEMBERED = 16
_ENOUGH = 3


class Pace:
    """Seconds between callers leaving for an agent, over the last few who did, counted only while somebody waits.

    Measured, so that it holds whatever else the lane's agents have to do.
    """

    __slots__ = ("_gaps", "_since")

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=_REMEMBERED)
        self._since = 0.0

    def begin(self, now: float) -> None:
        """Note that somebody waits where nobody did."""
        self._since = now

    def step(self, now: float) -> None:
        """Note that a caller left for an agent."""
        self._gaps.append(max(0.0, now - self._since))
        self._since = now

    def expected_wait_s(self, position: int) -> float | None:
        """Return the seconds until the caller at `position` (1 is next) leaves; None while too few have left."""
        if len(self._gaps) < _ENOUGH:
            return None
        return position * sum(self._gaps) / len(self._gaps)
