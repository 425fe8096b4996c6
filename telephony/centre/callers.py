"""A caller arrives, enters the room, leaves."""

from __future__ import annotations

from telephony.agent import AgentState
from telephony.call import Call, CallState, EndReason, LegOutcome, Party, PartyRole
from telephony.centre.actions import StepIn
from telephony.centre.facts import CallerArrived, RoomEntered, RoomLeft
from telephony.centre.floor import Floor
from telephony.events import CallClosed, CallEnded, CallOffered, PartyJoined

DIALPLAN_CLOCK_S = 2.0
# A caller's way into the room takes less, and so does hanging up.
STRAY_S = 5.0
# How long it may take until we are told whose a leg is that is in a room already.
UNKNOWN_S = 5.0
# Who seems to have waited for longer did not: the time is missing or the switch's clock is wrong.
LONGEST_CALL_S = 86_400.0


def caller_arrived(floor: Floor, fact: CallerArrived, now: float) -> None:
    """Make the call and let it wait; a call that is known already is left as it is."""
    if fact.call_id in floor.calls:
        return
    call = new_call(floor, fact, since(fact, now), now)
    floor.add_call(call)
    floor.emit(CallOffered(at=now, call_id=call.id, line=call.line, language=call.language))
    if floor.unknown_in_rooms.pop(fact.leg, None) is not None:
        caller_entered(floor, call, now)
    floor.wake(now + STRAY_S, call.id)
    floor.queue(call, now)


def since(fact: CallerArrived, now: float) -> float:
    """Return when a caller arrived, to count the place from.

    The dialplan counts in whole seconds: where the centre saw the caller come, its own clock is better.
    """
    return fact.since if DIALPLAN_CLOCK_S <= now - fact.since < LONGEST_CALL_S else now


def new_call(floor: Floor, fact: CallerArrived, since: float, now: float) -> Call:
    """Return the call that a caller's arrival at `since` makes."""
    line = floor.policy.line_of(fact.dialled)
    return Call(
        id=fact.call_id,
        caller_number=fact.caller_number,
        caller_name=fact.caller_name,
        dialled=fact.dialled,
        line=line.name,
        language=floor.policy.language,
        queue=line.queue,
        priority=line.priority,
        state=CallState.WAITING,
        offered_at=since,
        state_since=now,
        waiting_since=since,
        parties=[Party(role=PartyRole.CALLER, leg=fact.leg, outcome=LegOutcome.JOINED)],
    )


def unknown_moved(floor: Floor, fact: RoomEntered | RoomLeft, now: float) -> None:
    """Remember who entered a room before their arrival was told.

    The switch has one thread that tells of arrivals and another that tells of rooms: either may be first.
    """
    unknown = floor.unknown_in_rooms
    unknown.pop(fact.leg, None)
    while unknown and unknown[oldest := next(iter(unknown))] < now - UNKNOWN_S:
        del unknown[oldest]
    if isinstance(fact, RoomEntered):
        unknown[fact.leg] = now


def caller_entered(floor: Floor, call: Call, now: float) -> None:
    """The caller is in the room."""
    caller = call.caller
    caller.in_room = True
    if caller.joined_at is None:
        caller.joined_at = now
        floor.emit(PartyJoined(at=now, call_id=call.id, role=caller.role, leg=caller.leg))
    floor.touched(call)


def caller_out_of_room(floor: Floor, call: Call, now: float) -> None:
    """The caller left the room: to hang up, or to be served by the dialplan alone."""
    call.caller.in_room = False
    floor.wake(now + STRAY_S, call.id)
    floor.touched(call)


def caller_strayed(floor: Floor, call: Call, now: float) -> None:
    """Bring a caller back who is not in the room and has not hung up either.

    The dialplan takes callers to its own queue when it hears nothing of us, and may do so at the very moment when it
    does again: it tells nobody.
    """
    if not call.caller.in_room:
        floor.act(StepIn(leg=call.caller.leg))
        floor.wake(now + STRAY_S, call.id)


def caller_left(floor: Floor, call: Call, now: float, left_at: float | None = None) -> None:
    """The caller is gone: everybody else leaves too, and the agent who talked with them wraps up.

    `left_at` is older than `now` where the dialplan's journal tells of it: what follows from it happens only now.
    """
    if call.ended_at is not None:
        return
    ended = now if left_at is None else min(now, max(left_at, _latest(call)))
    floor.leave(call, call.caller, ended)
    call.ended_at = ended
    call.end_reason = call.end_reason or _reason(call)
    call.held = False
    close_spans(call, ended)
    floor.acd.withdraw(call.id, now)
    for party in call.parties[1:]:
        if party.present:
            floor.hang_up_seat(party.leg, party.seat or "", now)
            floor.leave(call, party, ended)
    floor.emit(CallEnded(at=ended, call_id=call.id, reason=call.end_reason))
    _let_agent_wrap_up(floor, call, now)


def _latest(call: Call) -> float:
    """Return the last moment that the call is known to have lived: the journal counts in whole seconds."""
    times = [call.offered_at, call.answered_at]
    for party in call.parties:
        times += (party.rang_at, party.joined_at, party.left_at)
    for span in (*call.holds, *call.recording_pauses):
        times += (span.since, span.until)
    return max(moment for moment in times if moment is not None)


def _let_agent_wrap_up(floor: Floor, call: Call, now: float) -> None:
    agent = floor.agent_with(call)
    if call.state is CallState.RINGING:
        call.agent_id = None
        close(floor, call, now)
        if agent is not None:
            floor.release(agent, now)
    elif call.agent_id in floor.agents:
        call.wrap_up_until = now + floor.policy.queues[call.queue].wrap_up_s
        floor.wake(call.wrap_up_until, call.id)
        floor.move_call(call, CallState.WRAP_UP, now)
        if agent is not None:
            floor.move_agent(agent, AgentState.WRAP_UP, now)
    else:
        close(floor, call, now)


def close(floor: Floor, call: Call, now: float) -> None:
    """Nothing more will be added to the call."""
    call.closed_at, call.wrap_up_until = now, None
    floor.move_call(call, CallState.CLOSED, now)
    floor.emit(CallClosed(at=now, call_id=call.id))


def finish_wrap_up(floor: Floor, call: Call, now: float) -> None:
    """Close a call in wrap-up and release its agent."""
    agent = floor.agent_with(call)
    close(floor, call, now)
    if agent is not None:
        floor.release(agent, now)


def close_spans(call: Call, now: float) -> None:
    """End a hold and a recording pause that last."""
    for span in (*call.holds, *call.recording_pauses):
        if span.until is None:
            span.until = now
    call.recording_paused = False


def _reason(call: Call) -> EndReason:
    return EndReason.ABANDONED if call.answered_at is None else EndReason.CALLER_HUNG_UP
