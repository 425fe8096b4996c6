"""Watches that callers of equal priority, queue and language are served first in, first out."""

from __future__ import annotations

from bisect import bisect_left, insort

from telephony.acd import WaitingCall

_Key = tuple[str, str, int]


class FifoWatch:
    """Keeps its own lists, apart from the ACD's, of who waits; counts who was passed over without a reason.

    The one reason is that the agent had already let this very caller ring out.
    """

    def __init__(self) -> None:
        self.broken = 0
        self.checked = 0
        self._lines: dict[_Key, list[tuple[float, int, str]]] = {}
        self._entries: dict[str, tuple[float, int, str]] = {}
        self._let_ring: dict[str, set[str]] = {}

    def waits(self, call: WaitingCall) -> None:
        """A caller waits, for the first time or again at the old place."""
        entry = self._entries.setdefault(call.call_id, (call.waiting_since, len(self._entries), call.call_id))
        insort(self._lines.setdefault(_key(call), []), entry)

    def let_ring(self, call: WaitingCall, agent_id: str) -> None:
        """An agent did not answer this caller."""
        self._let_ring.setdefault(call.call_id, set()).add(agent_id)

    def gives_up(self, call: WaitingCall) -> None:
        """A caller hung up while waiting."""
        self._remove(call)

    def served(self, call: WaitingCall, agent_id: str) -> None:
        """A caller was given to an agent."""
        place = self._remove(call)
        self.checked += 1
        for _, _, earlier in self._lines[_key(call)][:place]:
            if agent_id not in self._let_ring.get(earlier, ()):
                self.broken += 1

    def _remove(self, call: WaitingCall) -> int:
        line = self._lines[_key(call)]
        place = bisect_left(line, self._entries[call.call_id])
        del line[place]
        return place


def _key(call: WaitingCall) -> _Key:
    return call.queue, call.language, call.priority
