"""When a queue is open: a week of spans in local time, asked with epoch seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from telephony.config import OpeningHours
from telephony.config.hours import minute_of_day, weekdays

_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY


class WeeklyHours(msgspec.Struct, frozen=True):
    """Spans of opening.

    Attributes:
        zone: the time zone that the spans are in.
        spans: start and end in minutes since Monday 00:00, ordered, apart from each other; an end may lie in
            the following week. No span at all means always open.
    """

    zone: ZoneInfo
    spans: tuple[tuple[int, int], ...] = ()

    def is_open(self, now: float) -> bool:
        """Return whether the queue is open at `now`, epoch seconds."""
        if not self.spans:
            return True
        local = datetime.fromtimestamp(now, self.zone)
        minute = local.weekday() * _MINUTES_A_DAY + local.hour * 60 + local.minute
        return any((minute - start) % _MINUTES_A_WEEK < end - start for start, end in self.spans)

    def next_change(self, now: float) -> float | None:
        """Return when the queue next opens or closes, epoch seconds after `now`; None if it never does."""
        is_open = self.is_open(now)
        today = datetime.fromtimestamp(now, self.zone).date()
        for ahead in range(9):
            day = today + timedelta(days=ahead)
            midnight = datetime.combine(day, time(), self.zone)
            for minute in self._boundaries(day.weekday()):
                # Wall-clock arithmetic: timedelta on an aware datetime stays in local time.
                moment = (midnight + timedelta(minutes=minute)).timestamp()
                if moment > now and self.is_open(moment) is not is_open:
                    return moment
        return None

    def _boundaries(self, weekday: int) -> list[int]:
        first = weekday * _MINUTES_A_DAY
        minutes = {minute % _MINUTES_A_WEEK - first for span in self.spans for minute in span}
        return sorted(minute for minute in minutes if 0 <= minute < _MINUTES_A_DAY)


def weekly_hours(hours: Iterable[OpeningHours], zone: ZoneInfo) -> WeeklyHours:
    """Return the configured `hours` as a week of spans, overlapping and touching ones joined."""
    spans: list[tuple[int, int]] = []
    for span in hours:
        start, end = minute_of_day(span.open), minute_of_day(span.close)
        if end <= start:
            end += _MINUTES_A_DAY
        days = (day * _MINUTES_A_DAY for day in weekdays(span.days))
        spans += [(day + start, day + end) for day in days]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    if len(joined) == 1 and joined[0][1] - joined[0][0] >= _MINUTES_A_WEEK:
        return WeeklyHours(zone)
    return WeeklyHours(zone, tuple(joined))
