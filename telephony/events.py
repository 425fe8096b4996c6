"""The one vocabulary between processes: what happened, typed and versioned.

Desk, wallboard, records and metrics read these from the same stream; none asks Asterisk. Times (`at`) are epoch
seconds. A change that readers of an older version would misread raises VERSION.
"""

from __future__ import annotations

import msgspec

from telephony.agent import AgentState
from telephony.call import CallState, EndReason, LegOutcome, PartyRole

VERSION = 1


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Something that happened at `at`."""

    at: float


class CallOffered(Event, frozen=True, kw_only=True, tag=True):
    """A caller was answered and stands in a room of their own."""

    call_id: str
    line: str
    language: str


class CallQueued(Event, frozen=True, kw_only=True, tag=True):
    """The caller waits; `since` is older than `at` when they return to a place that they had."""

    call_id: str
    queue: str
    since: float


class AgentRinging(Event, frozen=True, kw_only=True, tag=True):
    """An agent's phone is being rung for the call."""

    call_id: str
    agent_id: str


class RingEnded(Event, frozen=True, kw_only=True, tag=True):
    """The agent was rung without joining."""

    call_id: str
    agent_id: str
    outcome: LegOutcome


class PartyJoined(Event, frozen=True, kw_only=True, tag=True):
    """Somebody entered the room."""

    call_id: str
    role: PartyRole
    leg: str
    agent_id: str | None = None


class PartyLeft(Event, frozen=True, kw_only=True, tag=True):
    """Somebody left the room and the call."""

    call_id: str
    role: PartyRole
    leg: str
    agent_id: str | None = None


class CallHeld(Event, frozen=True, kw_only=True, tag=True):
    """The agent stepped out; the caller hears music."""

    call_id: str


class CallResumed(Event, frozen=True, kw_only=True, tag=True):
    """The agent is back in the room."""

    call_id: str


class RecordingPaused(Event, frozen=True, kw_only=True, tag=True):
    """What is said from here is not recorded."""

    call_id: str


class RecordingResumed(Event, frozen=True, kw_only=True, tag=True):
    """What is said from here is recorded again."""

    call_id: str


class CallEnded(Event, frozen=True, kw_only=True, tag=True):
    """The caller has left; an agent who talked with them wraps up."""

    call_id: str
    reason: EndReason


class CallClosed(Event, frozen=True, kw_only=True, tag=True):
    """Nothing more will be added: the record may be written."""

    call_id: str


class CallForgotten(Event, frozen=True, kw_only=True, tag=True):
    """The record is safe in the database, so the live call is gone."""

    call_id: str


class CallStateChanged(Event, frozen=True, kw_only=True, tag=True):
    """The call moved to `state`."""

    call_id: str
    state: CallState


class AgentSignedIn(Event, frozen=True, kw_only=True, tag=True):
    """An agent took a seat."""

    agent_id: str
    seat: str


class AgentSignedOut(Event, frozen=True, kw_only=True, tag=True):
    """An agent left their seat."""

    agent_id: str


class AgentStateChanged(Event, frozen=True, kw_only=True, tag=True):
    """The agent moved from one state to another; `reason` goes with not-ready."""

    agent_id: str
    state: AgentState
    previous: AgentState
    reason: str | None = None


AnyEvent = (
    CallOffered
    | CallQueued
    | AgentRinging
    | RingEnded
    | PartyJoined
    | PartyLeft
    | CallHeld
    | CallResumed
    | RecordingPaused
    | RecordingResumed
    | CallEnded
    | CallClosed
    | CallForgotten
    | CallStateChanged
    | AgentSignedIn
    | AgentSignedOut
    | AgentStateChanged
)
