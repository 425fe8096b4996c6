"""Whose agents may serve a queue's callers at a given time of day."""

from __future__ import annotations

from math import inf

import msgspec

from telephony.acd.policy import AcdPolicy

_DISORDER_S = 60.0
"""Events may be handed in a little out of order without opening hours being worked out anew for each."""


class Route(msgspec.Struct, frozen=True):
    """Where a queue's callers are served while opening hours stay as they are.

    Attributes:
        first: the queue whose agents serve them from the start: their own, or while that is closed the one
            that stands in; None when nobody does.
        later: further queues, each with the seconds of waiting after which it may serve them too.
    """

    first: str | None
    later: tuple[tuple[float, str], ...]


class Routes:
    """The route of every queue, kept up to date with opening hours."""

    def __init__(self, policy: AcdPolicy) -> None:
        self._queues = policy.queues
        self._routes: dict[str, Route] = {}
        self._since = inf
        self._until = -inf

    def __getitem__(self, queue: str) -> Route:
        return self._routes[queue]

    def stale(self, now: float) -> bool:
        """Return whether a queue has opened or closed since the last `refresh`, or the clock was set back."""
        return not self._since - _DISORDER_S <= now < self._until

    def refresh(self, now: float) -> set[str]:
        """Work all routes out for `now`, epoch seconds; return the queues whose route has changed."""
        is_open = {name: queue.hours.is_open(now) for name, queue in self._queues.items()}
        changes = (queue.hours.next_change(now) for queue in self._queues.values())
        self._since = now
        self._until = min((change for change in changes if change is not None), default=inf)
        before, self._routes = self._routes, {name: self._route(name, is_open) for name in self._queues}
        return {name for name, route in self._routes.items() if before.get(name) != route}

    def next_change(self) -> float:
        """Return when the next queue opens or closes, epoch seconds; infinity if none ever does."""
        return self._until

    def _route(self, name: str, is_open: dict[str, bool]) -> Route:
        first: str | None = name
        passed: set[str] = set()
        while first is not None and not is_open[first]:
            passed.add(first)
            first = self._queues[first].closed_overflow
            if first in passed:
                first = None
        later = tuple(
            (float(overflow.after_s), overflow.queue)
            for overflow in sorted(self._queues[name].overflow, key=lambda overflow: overflow.after_s)
            if is_open[overflow.queue]
        )
        return Route(first, later)
