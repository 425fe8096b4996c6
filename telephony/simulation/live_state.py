"""Live state as it is in Redis: what the controller managed to write, read by desks and the records' keeper."""

from __future__ import annotations

import random
from collections.abc import Callable

from telephony.agent import Agent
from telephony.call import Call
from telephony.live import Commit, decode, encode
from telephony.simulation.clock import Clock


class LiveState:
    """Commits arrive in order and late; those of a controller that is killed meanwhile never do.

    `on_call` and `on_agent` are called with the ids that a commit changed.
    """

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.calls: dict[str, Call] = {}
        self.agents: dict[str, Agent] = {}
        self.on_call: Callable[[str], None] = lambda call_id: None
        self.on_agent: Callable[[str], None] = lambda agent_id: None
        self._clock = clock
        self._rng = rng
        self._away_until = 0.0
        self._written_until = 0.0

    def write(self, commit: bytes, still_runs: Callable[[], bool]) -> None:
        """Apply an encoded commit soon, if the controller that sent it `still_runs` then."""
        self._written_until = max(
            self._written_until, self._away_until, self._clock.now + self._rng.uniform(0.0005, 0.02)
        )
        self._clock.at(self._written_until, self._apply, commit, still_runs)

    def go_away(self, seconds: float) -> None:
        """Take no commit for a while; they are written once it is over."""
        self._away_until = self._clock.now + seconds

    def load(self) -> tuple[list[Call], list[Agent]]:
        """Return copies of all calls and agents, as a controller finds them when it starts."""
        copy = decode(encode(Commit(calls=list(self.calls.values()), agents=list(self.agents.values()))))
        return copy.calls, copy.agents

    def _apply(self, encoded: bytes, still_runs: Callable[[], bool]) -> None:
        if not still_runs():
            return
        commit = decode(encoded)
        for call in commit.calls:
            self.calls[call.id] = call
        for agent in commit.agents:
            self.agents[agent.id] = agent
        for call_id in commit.calls_gone:
            self.calls.pop(call_id, None)
        for agent_id in commit.agents_gone:
            self.agents.pop(agent_id, None)
        for call_id in (*(call.id for call in commit.calls), *commit.calls_gone):
            self.on_call(call_id)
        for agent_id in (*(agent.id for agent in commit.agents), *commit.agents_gone):
            self.on_agent(agent_id)
