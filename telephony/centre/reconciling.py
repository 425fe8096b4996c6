"""After a lost connection or a restart: what the switch says now corrects what the centre remembered."""

from __future__ import annotations

from telephony.agent import AgentState
from telephony.call import Call, CallState, EndReason, LegOutcome, Party, PartyRole
from telephony.centre import callers, ringing, talking
from telephony.centre.actions import AdoptSeat, HangUpLeg, StepIn
from telephony.centre.facts import (
    CallerArrived,
    JournalEntry,
    Leg,
    LegEnd,
    LegState,
    PhoneReachable,
    Snapshot,
)
from telephony.centre.floor import Floor
from telephony.centre.phones import phone_reachable

GONE = (CallState.WRAP_UP, CallState.CLOSED)


def reconcile(floor: Floor, snapshot: Snapshot, now: float) -> None:
    """Bring calls, agents and phones in line with the switch."""
    legs = {leg.leg: leg for leg in snapshot.legs}
    journal = {entry.call_id: entry for entry in snapshot.journal}
    _phones(floor, snapshot.reachable_seats, now)
    for leg in snapshot.legs:
        if leg.call_id is not None and leg.seat is None:
            _caller(floor, leg, legs, now)
    for leg in snapshot.legs:
        if leg.call_id is not None and leg.seat is not None:
            _seat(floor, leg, now)
    for call in list(floor.calls.values()):
        if call.state not in GONE:
            _call(floor, call, legs, journal.get(call.id), now)
    for entry in snapshot.journal:
        if entry.call_id not in floor.calls:
            _unobserved(floor, entry, now)
    _agents(floor, now)


def _phones(floor: Floor, reachable: list[str], now: float) -> None:
    for seat in sorted(floor.seats.keys() | floor.reachable | set(reachable)):
        phone_reachable(floor, PhoneReachable(seat=seat, reachable=seat in reachable), now)


def _caller(floor: Floor, leg: Leg, legs: dict[str, Leg], now: float) -> None:
    """A caller who is up: known, or arrived while nobody watched."""
    assert leg.call_id is not None
    arrival = CallerArrived(
        call_id=leg.call_id,
        leg=leg.leg,
        caller_number=leg.caller_number,
        caller_name=leg.caller_name,
        dialled=leg.dialled,
        since=leg.since,
    )
    partner = legs.get(leg.partner or "")
    if partner is not None and partner.seat is not None:
        _adopt(floor, arrival, partner, now)
        return
    callers.caller_arrived(floor, arrival, now)
    call = floor.calls[leg.call_id]
    if leg.state is LegState.IN_ROOM:
        callers.caller_entered(floor, call, now)
    elif leg.state is LegState.ALONE_WAITING:
        floor.act(StepIn(leg=leg.leg))
    if call.end_reason is EndReason.AGENT_HUNG_UP and call.state not in GONE:
        floor.act(HangUpLeg(leg=leg.leg))


def _adopt(floor: Floor, arrival: CallerArrived, seat_leg: Leg, now: float) -> None:
    """The dialplan brought this caller to a seat: the two go on in a room."""
    call = floor.calls.get(arrival.call_id)
    if call is None:
        call = callers.new_call(floor, arrival, callers.since(arrival, now), now)
        floor.add_call(call)
    floor.acd.withdraw(call.id, now)
    agent = floor.agents.get(floor.seats.get(seat_leg.seat or "", ""))
    call.agent_id = agent.id if agent is not None else None
    party = Party(
        role=PartyRole.AGENT, leg=seat_leg.leg, rang_at=now, agent_id=call.agent_id, seat=seat_leg.seat
    )
    floor.add_party(call, party)
    floor.act(
        AdoptSeat(call_id=call.id, caller_leg=arrival.leg, seat_leg=seat_leg.leg, agent_id=call.agent_id)
    )
    floor.move_call(call, CallState.RINGING, now)
    if agent is not None:
        agent.call_id = call.id
    ringing.agent_entered(floor, call, party, now)


def _seat(floor: Floor, leg: Leg, now: float) -> None:
    """A seat's leg that names its call: known, begun just before a crash, or forgotten by us."""
    assert leg.call_id is not None
    call = floor.calls.get(leg.call_id)
    if call is None or call.state in GONE:
        floor.act(HangUpLeg(leg=leg.leg))
        return
    found = floor.find(leg.leg)
    party = found[1] if found is not None else _begun_before_crash(floor, call, leg, now)
    if party is None:
        floor.act(HangUpLeg(leg=leg.leg))
    elif leg.state in (LegState.IN_ROOM, LegState.ON_HOLD):
        ringing.agent_entered(floor, call, party, now)
        party.in_room = leg.state is LegState.IN_ROOM
        call.held = leg.state is LegState.ON_HOLD


def _begun_before_crash(floor: Floor, call: Call, leg: Leg, now: float) -> Party | None:
    """The switch rings somebody for a waiting call, and we had no time to write it down."""
    agent = floor.agents.get(leg.agent_id or "")
    if agent is None or call.state is not CallState.WAITING or agent.state is not AgentState.READY:
        return None
    floor.acd.withdraw(call.id, now)
    party = Party(role=PartyRole.AGENT, leg=leg.leg, rang_at=now, agent_id=agent.id, seat=agent.seat)
    floor.add_party(call, party)
    call.agent_id, agent.call_id = agent.id, call.id
    floor.move_call(call, CallState.RINGING, now)
    floor.move_agent(agent, AgentState.RINGING, now)
    floor.wake(now + floor.policy.queues[call.queue].ring_s + ringing.RING_MARGIN_S, call.id)
    return party


def _call(floor: Floor, call: Call, legs: dict[str, Leg], entry: JournalEntry | None, now: float) -> None:
    """A call that we remember: is the caller still there, and the agent?"""
    if call.caller.leg not in legs:
        callers.caller_left(floor, call, now, entry.until if entry is not None else None)
        return
    for party in call.parties[1:]:
        if party.present and party.leg not in legs:
            if party.outcome is LegOutcome.JOINED:
                talking.agent_leg_gone(floor, call, party, LegEnd.MEDIA_LOST, now)
            else:
                ringing.ring_withdrawn(floor, call, party, now)


def _unobserved(floor: Floor, entry: JournalEntry, now: float) -> None:
    """A call of which only the dialplan's note is left."""
    arrival = CallerArrived(
        call_id=entry.call_id,
        leg=entry.call_id,
        caller_number=entry.caller_number,
        caller_name="",
        dialled=entry.dialled,
        since=entry.since,
    )
    call = callers.new_call(floor, arrival, min(entry.since, now), now)
    call.ended_at = now if entry.until is None else min(now, max(entry.since, entry.until))
    call.caller.left_at = call.ended_at
    call.end_reason = EndReason.UNOBSERVED
    floor.add_call(call)
    callers.close(floor, call, now)


def _agents(floor: Floor, now: float) -> None:
    """An agent whose call is gone is released."""
    for agent in floor.agents.values():
        if agent.state in (AgentState.READY, AgentState.NOT_READY):
            continue
        call = floor.calls.get(agent.call_id or "")
        if call is None or call.state is CallState.CLOSED or call.agent_id != agent.id:
            floor.release(agent, now)
