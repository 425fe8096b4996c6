"""What a browser is told of live state, and what it is not told.

Supervisors see every call and agent. An agent sees their own agent, their own call in full, and how many wait
in each queue: never another caller's number. The switch's own names for channels stay inside.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from telephony.agent import Agent, AgentState
from telephony.call import Call, CallState, EndReason, LegOutcome, Party, PartyRole, Span
from telephony.events import AnyEvent


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time in a call; times are epoch seconds."""

    role: PartyRole
    agent_id: str | None
    seat: str | None
    rang_at: float | None
    joined_at: float | None
    left_at: float | None
    outcome: LegOutcome | None


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A call as shown; times are epoch seconds.

    `caller_name` is whatever the trunk sent: show it as text only.
    """

    id: str
    caller_number: str
    caller_name: str
    dialled: str
    line: str
    language: str
    queue: str
    priority: int
    state: CallState
    offered_at: float
    state_since: float
    waiting_since: float
    answered_at: float | None
    ended_at: float | None
    end_reason: EndReason | None
    agent_id: str | None
    held: bool
    holds: list[Span]
    recording_paused: bool
    recording_pauses: list[Span]
    wrap_up_until: float | None
    parties: list[PartyView]


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as shown; times are epoch seconds."""

    id: str
    name: str
    seat: str
    team: str
    skills: dict[str, int]
    languages: list[str]
    state: AgentState
    state_since: float
    signed_in_at: float
    reason: str | None
    call_id: str | None
    phone_reachable: bool
    phone_lost_at: float | None
    not_ready_next: str | None


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """How many callers of a queue stand where; `waiting_since` is the oldest place, epoch seconds."""

    id: str
    waiting: int
    ringing: int
    talking: int
    waiting_since: float | None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """Everything that this browser may see, at `position`; `server_time` is epoch seconds."""

    position: str
    server_time: float
    calls: list[CallView]
    agents: list[AgentView]
    queues: list[QueueView]


class Changes(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="changes"):
    """What became of it since the message before, or since the position that was resumed from.

    `calls` and `agents` hold what changed, as it is now; `calls_gone` and `agents_gone` may not be seen now.
    `queues` holds every queue, or nothing when none changed.
    """

    position: str
    server_time: float
    calls: list[CallView]
    calls_gone: list[str]
    agents: list[AgentView]
    agents_gone: list[str]
    queues: list[QueueView]
    events: list[AnyEvent]


def view_of_call(call: Call) -> CallView:
    """Return the call as a person who may see it is shown it."""
    return CallView(
        id=call.id,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        dialled=call.dialled,
        line=call.line,
        language=call.language,
        queue=call.queue,
        priority=call.priority,
        state=call.state,
        offered_at=call.offered_at,
        state_since=call.state_since,
        waiting_since=call.waiting_since,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        end_reason=call.end_reason,
        agent_id=call.agent_id,
        held=call.held,
        holds=call.holds,
        recording_paused=call.recording_paused,
        recording_pauses=call.recording_pauses,
        wrap_up_until=call.wrap_up_until,
        parties=[_view_of_party(party) for party in call.parties],
    )


def view_of_agent(agent: Agent) -> AgentView:
    """Return the agent as a person who may see them is shown them."""
    return AgentView(
        id=agent.id,
        name=agent.name,
        seat=agent.seat,
        team=agent.team,
        skills=agent.skills,
        languages=agent.languages,
        state=agent.state,
        state_since=agent.state_since,
        signed_in_at=agent.signed_in_at,
        reason=agent.reason,
        call_id=agent.call_id,
        phone_reachable=agent.phone_reachable,
        phone_lost_at=agent.phone_lost_at,
        not_ready_next=agent.not_ready_next,
    )


def queue_views(queues: Iterable[str], calls: Iterable[Call]) -> list[QueueView]:
    """Return the state of each of `queues`, in their order."""
    tally = {queue: _Tally() for queue in queues}
    for call in calls:
        if (entry := tally.get(call.queue)) is not None:
            entry.add(call)
    return [entry.view(queue) for queue, entry in tally.items()]


class _Tally:
    """Counts the calls of one queue."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(CallState, 0)
        self.oldest: float | None = None

    def add(self, call: Call) -> None:
        self.states[call.state] += 1
        if call.state is CallState.WAITING:
            since = call.waiting_since
            self.oldest = since if self.oldest is None else min(self.oldest, since)

    def view(self, queue: str) -> QueueView:
        return QueueView(
            id=queue,
            waiting=self.states[CallState.WAITING],
            ringing=self.states[CallState.RINGING],
            talking=self.states[CallState.TALKING],
            waiting_since=self.oldest,
        )


def _view_of_party(party: Party) -> PartyView:
    return PartyView(
        role=party.role,
        agent_id=party.agent_id,
        seat=party.seat,
        rang_at=party.rang_at,
        joined_at=party.joined_at,
        left_at=party.left_at,
        outcome=party.outcome,
    )


Message = Snapshot | Changes
