"""An agent is rung for a caller: joins, does not answer, refuses, cannot be reached."""

from __future__ import annotations

from telephony.acd import Match
from telephony.agent import AgentState, NotReadyReason
from telephony.call import Call, CallState, LegOutcome, Party, PartyRole
from telephony.centre import talking
from telephony.centre.actions import RingSeat
from telephony.centre.facts import LegEnd
from telephony.centre.floor import Floor
from telephony.events import AgentRinging, PartyJoined

# The switch ends the ringing itself; should its word be lost, the centre does so this much later.
RING_MARGIN_S = 3.0

OUTCOMES = {
    LegEnd.REFUSED: LegOutcome.REFUSED,
    LegEnd.UNREACHABLE: LegOutcome.UNREACHABLE,
}
REASONS = {
    LegOutcome.REFUSED: NotReadyReason.REFUSED,
    LegOutcome.UNREACHABLE: NotReadyReason.PHONE_LOST,
    LegOutcome.NO_ANSWER: NotReadyReason.NO_ANSWER,
}


def ring(floor: Floor, match: Match, now: float) -> None:
    """Ring the agent whom the ACD chose for the caller whom it chose."""
    call, agent = floor.calls[match.call_id], floor.agents[match.agent_id]
    call.agent_id = agent.id
    ring_seat(floor, call, agent.id, now)
    floor.move_call(call, CallState.RINGING, now)
    agent.call_id = call.id
    floor.move_agent(agent, AgentState.RINGING, now)
    floor.emit(AgentRinging(at=now, call_id=call.id, agent_id=agent.id))


def ring_seat(floor: Floor, call: Call, agent_id: str, now: float) -> None:
    """Ring an agent's phone into the call's room, as one more leg."""
    seat, ring_s = floor.agents[agent_id].seat, floor.policy.queues[call.queue].ring_s
    # The time makes it unlike every leg that an earlier controller may have rung without writing it down.
    leg = f"{call.id}.{len(call.parties)}.{int(now * 1000)}"
    floor.add_party(call, Party(role=PartyRole.AGENT, leg=leg, rang_at=now, agent_id=agent_id, seat=seat))
    floor.act(
        RingSeat(
            leg=leg,
            call_id=call.id,
            seat=seat,
            agent_id=agent_id,
            ring_s=ring_s,
            caller_number=call.caller_number,
        )
    )
    floor.wake(now + ring_s + RING_MARGIN_S, call.id)


def agent_entered(floor: Floor, call: Call, party: Party, now: float) -> None:
    """An agent's leg is in the room: answered, back from hold, or a second time after a reload."""
    if not party.present:
        floor.hang_up_seat(party.leg, party.seat or "", now)
        return
    party.in_room = True
    floor.touched(call)
    if party.outcome is LegOutcome.JOINED:
        return
    party.outcome, party.joined_at = LegOutcome.JOINED, now
    floor.emit(PartyJoined(at=now, call_id=call.id, role=party.role, leg=party.leg, agent_id=party.agent_id))
    _replace_older_legs(floor, call, party, now)
    talking.set_held(floor, call, False, now)
    if call.state is CallState.RINGING:
        if call.answered_at is None:
            call.answered_at = now
        floor.move_call(call, CallState.TALKING, now)
        agent = floor.agents.get(party.agent_id or "")
        if agent is not None:
            floor.move_agent(agent, AgentState.TALKING, now)


def _replace_older_legs(floor: Floor, call: Call, joined: Party, now: float) -> None:
    """After a reload the agent has two legs: the new one stays."""
    for party in call.parties:
        if (
            party is not joined
            and party.present
            and party.agent_id == joined.agent_id
            and party.role is joined.role
        ):
            floor.dismiss(call, party, now)


def ring_failed(floor: Floor, call: Call, party: Party, end: LegEnd, now: float) -> None:
    """The agent did not join. The caller keeps the place, the agent becomes not-ready."""
    outcome = OUTCOMES.get(end, LegOutcome.NO_ANSWER)
    floor.end_ring(call, party, outcome, now)
    agent_id = party.agent_id or ""
    if call.agent_id != agent_id:
        return
    if call.state is CallState.TALKING and call.leg_of_agent is None and call.end_reason is None:
        talking.back_to_queue(floor, call, now)
    if call.state is not CallState.RINGING:
        return
    agent = floor.agent_with(call)
    floor.queue(call, now, not_again=agent_id)
    if agent is not None:
        floor.set_aside(agent, REASONS[outcome], now)


def ring_withdrawn(floor: Floor, call: Call, now: float) -> None:
    """The ringing ended through no fault of the agent, who stays ready; the caller keeps the place."""
    agent = floor.agent_with(call)
    floor.queue(call, now)
    if agent is not None:
        floor.release(agent, now)


def ring_overdue(floor: Floor, call: Call, now: float) -> None:
    """End a ringing whose end the switch has not told."""
    party = call.leg_of_agent
    if party is None or party.rang_at is None or party.outcome is LegOutcome.JOINED:
        return
    due = party.rang_at + floor.policy.queues[call.queue].ring_s + RING_MARGIN_S
    if now < due:
        return
    floor.hang_up_seat(party.leg, party.seat or "", now)
    ring_failed(floor, call, party, LegEnd.NO_ANSWER, now)
