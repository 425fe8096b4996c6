"""Live state as it is now, and what lately changed: what every browser's messages are made from.

Pure: the feed applies commits, the browsers' lenses read. A cursor is the number of changes applied so far:
a browser's own place costs nothing to keep, however slow it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

import msgspec

from agent_desk.live.views import QueueView, queue_views
from telephony.call import Call
from telephony.events import AnyEvent
from telephony.live import Commit, Live

JOURNAL_LENGTH = 5_000


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One commit, as far as it decides who must hear of it.

    `calls` gives each touched call with the agents who had it before or have it after.
    """

    position: str
    calls: dict[str, frozenset[str]]
    agents: tuple[str, ...]
    events: tuple[AnyEvent, ...]

    def concerns(self, agent_id: str) -> bool:
        """Whether this agent's own state or own call is part of it."""
        return agent_id in self.agents or any(agent_id in owners for owners in self.calls.values())

    def concerned(self) -> set[str]:
        """The agents that `concerns` is true for."""
        return set(self.agents).union(*self.calls.values())


class Journal:
    """All calls and agents at `position`, and up to `length` changes that led there."""

    def __init__(self, live: Live, queues: Sequence[str], length: int = JOURNAL_LENGTH) -> None:
        self.calls: dict[str, Call] = {}
        self.agents = live.agents
        self.position = live.position
        self._queues = tuple(queues)
        self._calls_of: dict[str, set[str]] = {}
        for call in live.calls.values():
            self._put(call)
        self._changes: deque[Change] = deque(maxlen=length)
        self._first = live.position
        self._cursors: dict[str, int] = {live.position: 0}
        self._applied = 0
        self._queue_views: tuple[int, list[QueueView]] | None = None

    @property
    def cursor(self) -> int:
        """How many changes were applied: the cursor of a browser that has seen everything."""
        return self._applied

    def apply(self, position: str, commit: Commit) -> Change:
        """Take in the commit at `position`, and return what it changed."""
        touched = {call.id for call in commit.calls}.union(commit.calls_gone)
        before = {call_id: self._owner(call_id) for call_id in touched}
        for call in commit.calls:
            self._forget(call.id)
            self._put(call)
        for call_id in commit.calls_gone:
            self._forget(call_id)
        self.agents.update((agent.id, agent) for agent in commit.agents)
        for agent_id in commit.agents_gone:
            self.agents.pop(agent_id, None)
        change = Change(
            position=position,
            calls={call_id: owner | self._owner(call_id) for call_id, owner in before.items()},
            agents=tuple({agent.id for agent in commit.agents}.union(commit.agents_gone)),
            events=tuple(commit.events),
        )
        self._remember(change)
        return change

    def resume(self, position: str) -> int | None:
        """Return the cursor of a browser that has seen all up to `position`; None when that is not known."""
        return self._cursors.get(position)

    def since(self, cursor: int) -> list[Change] | None:
        """Return the changes after `cursor`, oldest first; None when some of them are forgotten."""
        behind = self._applied - cursor
        if behind > len(self._changes):
            return None
        return list(islice(reversed(self._changes), behind))[::-1]

    def queue_views(self) -> list[QueueView]:
        """Return the state of every queue; the same list as before while nothing changed."""
        if self._queue_views is None or self._queue_views[0] != self._applied:
            views = queue_views(self._queues, self.calls.values())
            if self._queue_views is not None and views == self._queue_views[1]:
                views = self._queue_views[1]
            self._queue_views = (self._applied, views)
        return self._queue_views[1]

    def calls_of(self, agent_id: str) -> list[Call]:
        """Return the calls that the agent has, closed ones too."""
        return [self.calls[call_id] for call_id in self._calls_of.get(agent_id, ())]

    def _put(self, call: Call) -> None:
        self.calls[call.id] = call
        if call.agent_id is not None:
            self._calls_of.setdefault(call.agent_id, set()).add(call.id)

    def _forget(self, call_id: str) -> None:
        for agent_id in self._owner(call_id):
            mine = self._calls_of[agent_id]
            mine.discard(call_id)
            if not mine:
                del self._calls_of[agent_id]
        self.calls.pop(call_id, None)

    def _owner(self, call_id: str) -> frozenset[str]:
        call = self.calls.get(call_id)
        return frozenset() if call is None or call.agent_id is None else frozenset((call.agent_id,))

    def _remember(self, change: Change) -> None:
        if len(self._changes) == self._changes.maxlen:
            self._cursors.pop(self._first)
            self._first = self._changes[0].position
        self._changes.append(change)
        self._applied += 1
        self.position = change.position
        self._cursors[change.position] = self._applied
