"""An agent and a caller talk: the agent steps out and in, hangs up, or is lost."""

from __future__ import annotations

from telephony.agent import AgentState, NotReadyReason
from telephony.call import Call, CallState, EndReason, Party
from telephony.centre.actions import HangUpLeg, MuteRecording
from telephony.centre.callers import close_spans
from telephony.centre.facts import LegEnd
from telephony.centre.floor import Floor


def agent_leg_gone(floor: Floor, call: Call, party: Party, end: LegEnd, now: float) -> None:
    """A joined agent's leg ended: by hanging up, which ends the call, or by loss, which does not."""
    floor.leave(call, party, now)
    if call.state is not CallState.TALKING or party.agent_id != call.agent_id or _another_leg(call, party):
        return
    if end is LegEnd.HUNG_UP:
        call.end_reason = EndReason.AGENT_HUNG_UP
        floor.act(HangUpLeg(leg=call.caller.leg))
        floor.touched(call)
    else:
        back_to_queue(floor, call, now)


def agent_lost(floor: Floor, call: Call, now: float) -> None:
    """The agent's phone is gone for good: the caller goes back to the place that they had."""
    for party in call.parties[1:]:
        if party.present:
            floor.act(HangUpLeg(leg=party.leg))
            floor.leave(call, party, now)
    back_to_queue(floor, call, now)


def _another_leg(call: Call, party: Party) -> bool:
    """Whether the agent is still in the call, or being rung for it again after a reload."""
    return any(
        other.present and other.agent_id == party.agent_id for other in call.parties if other is not party
    )


def back_to_queue(floor: Floor, call: Call, now: float) -> None:
    """The caller, whom their agent lost, waits again at the place that they had."""
    agent = floor.agents.get(call.agent_id or "")
    if call.recording_paused:
        floor.act(MuteRecording(leg=call.caller.leg, muted=False))
    close_spans(call, now)
    if agent is not None and agent.call_id == call.id:
        agent.not_ready_next = None
        floor.move_agent(agent, AgentState.NOT_READY, now, NotReadyReason.PHONE_LOST)
    floor.queue(call, now, not_again=agent.id if agent else None)
