"""Calls as the controller leaves them, for tests."""

from __future__ import annotations

import uuid

import msgspec

from telephony.call import Call, CallState, EndReason, LegOutcome, Party, PartyRole

OFFERED_AT = 1_767_225_600.0
"""2026-01-01 08:00:00 in Beijing."""


def talking_call(**changes: object) -> Call:
    """A call of ten seconds' wait that an agent has answered and that goes on."""
    call = Call(
        id=str(uuid.uuid4()),
        caller_number="13800138000",
        caller_name="张三",
        dialled="12345",
        line="citizen",
        language="zh",
        queue="citizen",
        priority=0,
        state=CallState.TALKING,
        offered_at=OFFERED_AT,
        state_since=OFFERED_AT + 10,
        waiting_since=OFFERED_AT,
        answered_at=OFFERED_AT + 10,
        agent_id="agent-1",
        parties=[
            Party(role=PartyRole.CALLER, leg="c", joined_at=OFFERED_AT + 0.5, outcome=LegOutcome.JOINED),
            Party(
                role=PartyRole.AGENT,
                leg="a",
                rang_at=OFFERED_AT + 7,
                joined_at=OFFERED_AT + 10,
                outcome=LegOutcome.JOINED,
                agent_id="agent-1",
                seat="8001",
            ),
        ],
    )
    return msgspec.structs.replace(call, **changes)


def closed_call(**changes: object) -> Call:
    """The same call after a minute's talk and half a minute's wrap-up."""
    call = talking_call()
    ended = OFFERED_AT + 70
    for party in call.parties:
        party.left_at = ended
    call.state, call.state_since = CallState.CLOSED, ended + 30
    call.ended_at, call.closed_at = ended, ended + 30
    call.end_reason = EndReason.CALLER_HUNG_UP
    return msgspec.structs.replace(call, **changes)


def abandoned_call(**changes: object) -> Call:
    """A caller who hung up after half a minute in the queue."""
    left = OFFERED_AT + 30
    caller = Party(
        role=PartyRole.CALLER, leg="c", joined_at=OFFERED_AT + 0.5, left_at=left, outcome=LegOutcome.JOINED
    )
    call = closed_call(
        parties=[caller],
        agent_id=None,
        answered_at=None,
        ended_at=left,
        closed_at=left,
        end_reason=EndReason.ABANDONED,
    )
    return msgspec.structs.replace(call, **changes)
