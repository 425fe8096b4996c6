"""Agents who let a caller ring out are not rung for the same caller at once again, while others could."""

from __future__ import annotations

from collections.abc import Collection

from telephony.acd.alarms import Alarms
from telephony.acd.board import Board
from telephony.acd.calls import Waiting


class Exclusions:
    """Which agents are not offered which waiting callers, and until when.

    An exclusion binds while another agent could take the call who is signed in, qualifies, is not away and
    not excluded, even if busy at the moment. A caller with one agent only is never kept from that one.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._alarms = Alarms()
        self._choosy: dict[str, Waiting] = {}

    def add(self, waiting: Waiting, agent_id: str, until: float) -> None:
        """Exclude an agent from a waiting call until then, epoch seconds."""
        waiting.barred_until[agent_id] = until
        self._choosy[waiting.call.call_id] = waiting
        self._alarms.set(until, waiting)
        # Excluding the last one who could leaves nobody: then all of them may take the call again.
        self._board.stir(waiting.lanes)

    def forget(self, waiting: Waiting) -> None:
        """Note that a call waits no more."""
        self._choosy.pop(waiting.call.call_id, None)

    def advance(self, now: float) -> None:
        """End what has expired."""
        for waiting in self._alarms.due(now):
            left = {name: until for name, until in waiting.barred_until.items() if until > now}
            waiting.barred_until = left
            if not left:
                self.forget(waiting)
            self._board.stir(waiting.lanes)

    def reconsider(self) -> None:
        """Have the callers concerned looked at again: an agent who could have taken them may be gone."""
        for waiting in self._choosy.values():
            self._board.stir(waiting.lanes)

    def barred(self, waiting: Waiting, now: float) -> Collection[str]:
        """Return the agents who must not be offered a waiting call now."""
        barred = {name for name, until in waiting.barred_until.items() if until > now}
        another_could = any(
            agent.at_work and name not in barred
            for lane in waiting.lanes
            for name, agent in lane.agents.items()
        )
        return barred if another_could else ()

    def next_change(self) -> float:
        """Return when the next exclusion ends, epoch seconds; infinity if there is none."""
        return self._alarms.next()
