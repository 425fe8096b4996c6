"""Opening hours as an operator writes them: ``{ days = "mon-fri", open = "08:30", close = "18:00" }``."""

from __future__ import annotations

from typing import Annotated

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = f"({'|'.join(DAYS)})"

_Clock = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z",
        extra={"expected": 'a time of day from "00:00" to "24:00"'},
    ),
]
_Days = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"\A{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)*\Z",
        extra={"expected": 'days such as "mon-fri" or "sat,sun"'},
    ),
]


class OpeningHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One span of opening, the same on each of its days.

    Attributes:
        days: days of the week and ranges of them, e.g. ``mon-fri`` or ``mon,wed-fri``.
        open: local time at which the span begins.
        close: local time at which it ends; earlier than ``open`` means on the following day.
    """

    days: _Days
    open: _Clock
    close: _Clock


def weekdays(days: str) -> frozenset[int]:
    """Return the days that ``OpeningHours.days`` names, Monday 0 to Sunday 6; a range may run past Sunday."""
    found: set[int] = set()
    for part in days.split(","):
        first, *last = part.split("-")
        start = DAYS.index(first)
        length = (DAYS.index(last[0]) - start) % 7 if last else 0
        found.update((start + step) % 7 for step in range(length + 1))
    return frozenset(found)


def minute_of_day(clock: str) -> int:
    """Return minutes since midnight of ``OpeningHours.open`` or ``close``: 0 to 1,440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
