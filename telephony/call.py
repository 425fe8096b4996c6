"""A call: who called, who joined, what was recorded. One value, changed only by telephony/centre."""

from __future__ import annotations

import enum

import msgspec


class CallState(enum.StrEnum):
    """Where a call stands. `closed` means complete: only its record has still to be written."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    CLOSED = "closed"


class PartyRole(enum.StrEnum):
    """What somebody is in the room."""

    CALLER = "caller"
    AGENT = "agent"


class LegOutcome(enum.StrEnum):
    """How an attempt to bring somebody in ended."""

    JOINED = "joined"
    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"


class EndReason(enum.StrEnum):
    """Why the call ended, seen from the caller."""

    CALLER_HUNG_UP = "caller-hung-up"
    AGENT_HUNG_UP = "agent-hung-up"
    ABANDONED = "abandoned"
    UNOBSERVED = "unobserved"
    """It ended while no controller watched: the journal of the dialplan tells when."""


class Party(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One person's time in the call; times are epoch seconds.

    `leg` is the channel's unique id at the switch: for people whom we ring it is chosen by us before ringing.
    """

    role: PartyRole
    leg: str
    rang_at: float | None = None
    joined_at: float | None = None
    left_at: float | None = None
    outcome: LegOutcome | None = None
    agent_id: str | None = None
    seat: str | None = None
    in_room: bool = False

    @property
    def present(self) -> bool:
        """Whether the leg is up or being rung."""
        return self.left_at is None and self.outcome in (None, LegOutcome.JOINED)


class Span(msgspec.Struct, kw_only=True, omit_defaults=True):
    """From one moment to another, epoch seconds; `until` is None while it lasts."""

    since: float
    until: float | None = None


class Call(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything known about one call while it lives, as kept in Redis and shown on the desk.

    `caller_number` holds digits and `+` only; `caller_name` is whatever the trunk sent and must be escaped by
    whoever shows it. `waiting_since` is the caller's place in the queue: it survives everything but being answered.
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
    parties: list[Party]
    answered_at: float | None = None
    ended_at: float | None = None
    closed_at: float | None = None
    end_reason: EndReason | None = None
    agent_id: str | None = None
    """The agent who rings, talks or wraps up."""
    held: bool = False
    holds: list[Span] = []
    recording_paused: bool = False
    recording_pauses: list[Span] = []
    wrap_up_until: float | None = None

    @property
    def caller(self) -> Party:
        """The citizen's own leg: the first party of every call."""
        return self.parties[0]

    @property
    def leg_of_agent(self) -> Party | None:
        """The leg that rings or talks for the agent at present."""
        for party in reversed(self.parties):
            if party.role is PartyRole.AGENT and party.present:
                return party
        return None
