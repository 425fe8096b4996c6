"""An agent and a caller talk: the agent steps out and in, hangs up, or is lost."""

from __future__ import annotations

from telephony.agent import NotReadyReason
from telephony.call import Call, CallState, EndReason, Party, Span
from telephony.centre.actions import HangUpLeg, MuteRecording
from telephony.centre.callers import close_spans
from telephony.centre.facts import LegEnd
from telephony.centre.floor import Floor
from telephony.events import CallHeld, CallResumed

# The switch takes less to hang up on a caller.
END_LIMIT_S = 5.0


def agent_leg_gone(floor: Floor, call: Call, party: Party, end: LegEnd, now: float) -> None:
    """A joined agent's leg ended: by hanging up, which ends the call, or by loss, which does not."""
    floor.leave(call, party, now)
    if call.state is not CallState.TALKING or party.agent_id != call.agent_id:
        return
    if call.leg_of_agent is not None or call.end_reason is not None:
        return
    if end is LegEnd.HUNG_UP:
        end_call(floor, call, now)
    else:
        back_to_queue(floor, call, now)


def end_call(floor: Floor, call: Call, now: float) -> None:
    """The agent ends the call: for the caller too, and if the switch does not do it, again."""
    call.end_reason = EndReason.AGENT_HUNG_UP
    floor.act(HangUpLeg(leg=call.caller.leg))
    floor.wake(now + END_LIMIT_S, call.id)
    floor.touched(call)


def agent_lost(floor: Floor, call: Call, now: float) -> None:
    """The agent's phone is gone for good: the caller goes back to the place that they had."""
    for party in call.parties[1:]:
        if party.present:
            floor.dismiss(call, party, now)
    if call.end_reason is None:
        back_to_queue(floor, call, now)


def back_to_queue(floor: Floor, call: Call, now: float, *, phone_is_lost: bool = True) -> None:
    """The caller, whom their agent lost, waits again at the place that they had.

    The same agent may have them back: nobody knows the call better.
    """
    agent = floor.agent_with(call)
    record_again(floor, call, now)
    floor.queue(call, now)
    if agent is not None and phone_is_lost:
        floor.set_aside(agent, NotReadyReason.PHONE_LOST, now)
    elif agent is not None:
        floor.release(agent, now)


def set_held(floor: Floor, call: Call, held: bool, now: float) -> None:
    """Note that the agent has stepped out of the room, or is back in it; no change if it is so already."""
    if held == call.held:
        return
    call.held = held
    if held:
        call.holds.append(Span(since=now))
        floor.emit(CallHeld(at=now, call_id=call.id))
    else:
        call.holds[-1].until = now
        floor.emit(CallResumed(at=now, call_id=call.id))
    floor.touched(call)


def record_again(floor: Floor, call: Call, now: float) -> None:
    """End what an agent began and can end no more: a hold, a recording pause."""
    if call.recording_paused:
        floor.act(MuteRecording(leg=call.caller.leg, muted=False))
    close_spans(call, now)
    call.held = False
