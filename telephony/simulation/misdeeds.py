"""What phones and the people before them did to deserve being set not-ready, as the switch saw it."""

from __future__ import annotations

REMEMBERED_S = 60.0


class Misdeeds:
    """Times at which a seat's phone could not be reached, refused, rang in vain, or lost its media."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def note(self, seat: str, now: float) -> None:
        """The phone at a seat did something of the kind."""
        self._last[seat] = now

    def lately(self, seat: str, now: float) -> bool:
        """Whether it did within the last minute."""
        return now - self._last.get(seat, 0.0) <= REMEMBERED_S
