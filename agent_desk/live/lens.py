"""One person's view of the journal: which calls and agents a message to their browser holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from agent_desk.access import SUPERVISORS
from agent_desk.live.journal import Change, Journal
from agent_desk.live.views import Changes, QueueView, Snapshot, view_of_agent, view_of_call
from records.people import Role
from telephony.agent import Agent
from telephony.call import Call, CallState
from telephony.events import AnyEvent


class Lens(Protocol):
    """What one person may see."""

    def calls(self, journal: Journal) -> Iterable[Call]:
        """All calls that they see, whatever their state."""

    def agents(self, journal: Journal) -> Iterable[Agent]:
        """All agents that they see."""

    def sees(self, call: Call | None) -> bool:
        """Whether the call is theirs to see; False for None."""

    def touched(self, change: Change) -> tuple[Iterable[str], Iterable[str], Iterable[AnyEvent]]:
        """The ids of calls and agents that they see or saw before the change, and the events about these."""


class SupervisorLens(msgspec.Struct, frozen=True):
    """Everything."""

    def calls(self, journal: Journal) -> Iterable[Call]:
        return journal.calls.values()

    def agents(self, journal: Journal) -> Iterable[Agent]:
        return journal.agents.values()

    def sees(self, call: Call | None) -> bool:
        return call is not None and call.state is not CallState.CLOSED

    def touched(self, change: Change) -> tuple[Iterable[str], Iterable[str], Iterable[AnyEvent]]:
        return change.calls, change.agents, change.events


class AgentLens(msgspec.Struct, frozen=True):
    """Their own state and their own call."""

    agent_id: str

    def calls(self, journal: Journal) -> Iterable[Call]:
        return journal.calls_of(self.agent_id)

    def agents(self, journal: Journal) -> Iterable[Agent]:
        agent = journal.agents.get(self.agent_id)
        return () if agent is None else (agent,)

    def sees(self, call: Call | None) -> bool:
        return call is not None and call.agent_id == self.agent_id and call.state is not CallState.CLOSED

    def touched(self, change: Change) -> tuple[Iterable[str], Iterable[str], Iterable[AnyEvent]]:
        calls = [call_id for call_id, owners in change.calls.items() if self.agent_id in owners]
        agents = [self.agent_id] if self.agent_id in change.agents else []
        return calls, agents, [event for event in change.events if self._concerns(event, calls)]

    def _concerns(self, event: AnyEvent, calls: Sequence[str]) -> bool:
        agent_id = getattr(event, "agent_id", None)
        if agent_id is not None:
            return bool(agent_id == self.agent_id)
        return getattr(event, "call_id", None) in calls


def lens_for(role: Role, user_id: str) -> Lens:
    """Return the lens of a person of that role."""
    return SupervisorLens() if role in SUPERVISORS else AgentLens(user_id)


def snapshot(journal: Journal, lens: Lens, now: float) -> Snapshot:
    """Return everything that the lens shows; `now` in epoch seconds."""
    return Snapshot(
        position=journal.position,
        server_time=now,
        calls=[view_of_call(call) for call in lens.calls(journal) if lens.sees(call)],
        agents=[view_of_agent(agent) for agent in lens.agents(journal)],
        queues=journal.queue_views(),
    )


def changes(
    journal: Journal, lens: Lens, news: Iterable[Change], queues: list[QueueView], now: float
) -> Changes:
    """Return what became of everything that `news` touched, as far as the lens shows it."""
    call_ids: dict[str, None] = {}
    agent_ids: dict[str, None] = {}
    events: list[AnyEvent] = []
    for change in news:
        touched_calls, touched_agents, about = lens.touched(change)
        call_ids.update(dict.fromkeys(touched_calls))
        agent_ids.update(dict.fromkeys(touched_agents))
        events.extend(about)
    calls = [(call_id, journal.calls.get(call_id)) for call_id in call_ids]
    agents = [(agent_id, journal.agents.get(agent_id)) for agent_id in agent_ids]
    return Changes(
        position=journal.position,
        server_time=now,
        calls=[view_of_call(call) for _, call in calls if call is not None and lens.sees(call)],
        calls_gone=[call_id for call_id, call in calls if not lens.sees(call)],
        agents=[view_of_agent(agent) for _, agent in agents if agent is not None],
        agents_gone=[agent_id for agent_id, agent in agents if agent is None],
        queues=queues,
        events=events,
    )
