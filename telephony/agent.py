"""An agent at a seat, and the states between which the centre moves them."""

from __future__ import annotations

import enum

import msgspec


class AgentState(enum.StrEnum):
    """What an agent is doing. Only a `ready` agent with a reachable phone is given calls."""

    NOT_READY = "not-ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap-up"


class NotReadyReason(enum.StrEnum):
    """Reasons that the centre itself gives; people choose theirs from the configuration."""

    SIGNED_IN = "signed-in"
    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    PHONE_LOST = "phone-lost"


class Agent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An agent who is signed in. `skills` maps a skill to its level 1 to 5; `seat` is the phone's number.

    `not_ready_next` is the reason with which the agent becomes not-ready once the present call is wrapped up.
    """

    id: str
    name: str
    seat: str
    team: str
    skills: dict[str, int]
    languages: list[str]
    state: AgentState
    state_since: float
    signed_in_at: float
    reason: str | None = None
    call_id: str | None = None
    phone_reachable: bool = False
    phone_lost_at: float | None = None
    not_ready_next: str | None = None
