"""What happened in a simulated centre, for whoever has to understand a failing seed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator

import msgspec

from telephony.simulation.clock import Clock

LONGEST_NOTE = 400
CALL_ID_TAIL = "-0000-4000-8000-000000000000"


class Trace:
    """Notes with their time. They become text only when they are read; `counts` says how often each deed was noted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.now
        self._notes: list[tuple[float, str, str, object]] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    def note(self, who: str, deed: str, what: object = "") -> None:
        """Note that `who` did `deed`; `what` must not change afterwards."""
        self.counts[who, deed] += 1
        self._notes.append((self._clock.now, who, deed, what))

    def lines(self, last: int = 0) -> Iterator[str]:
        """Yield the `last` notes as text, all for 0: seconds since the start, who, what."""
        for when, who, deed, what in self._notes[-last:]:
            yield f"{when - self._start:9.3f}  {who:<11} {deed} {_text(what)}".rstrip()


def time_of_day(now: float) -> str:
    """Return when a simulation began, in UTC."""
    return datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="seconds")


def _text(what: object) -> str:
    if isinstance(what, msgspec.Struct):
        fields = msgspec.structs.asdict(what)
        what = f"{type(what).__name__} " + " ".join(
            f"{name}={value}" for name, value in fields.items() if value
        )
    return str(what).replace(CALL_ID_TAIL, "")[:LONGEST_NOTE]
