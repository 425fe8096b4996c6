"""After a lost connection or a restart: what the switch says now corrects what the centre remembered."""

from __future__ import annotations

from telephony.agent import Agent, AgentState, NotReadyReason
from telephony.call import Call, CallState, EndReason, Party, PartyRole
from telephony.centre import callers, ringing, talking
from telephony.centre.actions import AdoptSeat, MuteRecording, StepIn
from telephony.centre.facts import CallerArrived, JournalEntry, Leg, LegState, PhoneReachable, Snapshot
from telephony.centre.floor import Floor
from telephony.centre.phones import phone_reachable

GONE = (CallState.WRAP_UP, CallState.CLOSED)
AT_REST = (AgentState.READY, AgentState.NOT_READY)
OURS = (NotReadyReason.NO_ANSWER, NotReadyReason.REFUSED, NotReadyReason.PHONE_LOST)


def reconcile(floor: Floor, snapshot: Snapshot, now: float) -> None:
    """Bring calls, agents and phones in line with the switch.

    First whoever is not there any more leaves, then whoever is there is found a place, then it is decided what
    becomes of calls and agents whom that has left alone.
    """
    legs = {leg.leg: leg for leg in snapshot.legs}
    journal = {entry.call_id: entry for entry in snapshot.journal}
    for call in _live(floor):
        _leave(floor, call, legs, journal.get(call.id), now)
    for leg in snapshot.legs:
        if leg.call_id is not None and leg.seat is None:
            _caller(floor, leg, legs, now)
    floor.only_these_go(legs)
    for leg in snapshot.legs:
        if leg.seat is not None and leg.call_id is not None:
            _seat(floor, leg, now)
        elif leg.seat is not None and floor.find(leg.leg) is None:
            # The dialplan rings this seat for a caller whom we have just taken out of its queue.
            floor.leg_goes(leg.leg, leg.seat, now)
    _phones(floor, snapshot.reachable_seats, now)
    for call in _live(floor):
        _go_on(floor, call, legs, now)
    for entry in snapshot.journal:
        noted(floor, entry, now)
    _agents(floor, now)


def noted(floor: Floor, entry: JournalEntry, now: float) -> None:
    """The dialplan has a note of a call whose caller is gone: if it is all there is, the call is closed with it."""
    if entry.call_id not in floor.calls:
        _unobserved(floor, entry, now)


def _live(floor: Floor) -> list[Call]:
    return [call for call in floor.calls.values() if call.state not in GONE]


def _phones(floor: Floor, reachable: list[str], now: float) -> None:
    for seat in sorted(floor.seats.keys() | floor.reachable | set(reachable)):
        phone_reachable(floor, PhoneReachable(seat=seat, reachable=seat in reachable), now)


def _leave(floor: Floor, call: Call, legs: dict[str, Leg], entry: JournalEntry | None, now: float) -> None:
    """Whose leg is gone has left: for the caller the dialplan's note may tell when."""
    if call.caller.leg not in legs:
        callers.caller_left(floor, call, now, entry.until if entry is not None else None)
        return
    for party in call.parties[1:]:
        if party.present and party.leg not in legs:
            floor.leave(call, party, now)


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
    if not call.caller.present:
        return
    if leg.state is LegState.IN_ROOM:
        callers.caller_entered(floor, call, now)
    else:
        callers.caller_out_of_room(floor, call, now)
    if leg.state is LegState.ALONE_WAITING:
        floor.act(StepIn(leg=leg.leg))
    if call.end_reason is not None:
        talking.end_call(floor, call, now)


def _adopt(floor: Floor, arrival: CallerArrived, seat_leg: Leg, now: float) -> None:
    """The dialplan brought this caller to a seat: the two go on in a room."""
    call = floor.calls.get(arrival.call_id)
    if call is None:
        call = callers.new_call(floor, arrival, callers.since(arrival, now), now)
        floor.add_call(call)
    if floor.find(seat_leg.leg) is None:
        _take_over(floor, call, seat_leg, floor.agents.get(floor.seats.get(seat_leg.seat or "", "")), now)
    floor.act(
        AdoptSeat(call_id=call.id, caller_leg=arrival.leg, seat_leg=seat_leg.leg, agent_id=call.agent_id)
    )


def _take_over(floor: Floor, call: Call, seat_leg: Leg, agent: Agent | None, now: float) -> None:
    """Whoever is at this seat talks with the caller now, whatever either was remembered to be doing."""
    talking.record_again(floor, call, now)
    _dismiss(floor, call, now)
    other = floor.calls.get(agent.call_id or "") if agent is not None else None
    if other is not None and other.state not in GONE:
        _dismiss(floor, other, now)
    floor.acd.withdraw(call.id, now)
    # Whoever wanted to end the call, it goes on.
    call.end_reason = None
    call.agent_id = agent.id if agent is not None else None
    party = Party(
        role=PartyRole.AGENT, leg=seat_leg.leg, rang_at=now, agent_id=call.agent_id, seat=seat_leg.seat
    )
    floor.add_party(call, party)
    floor.move_call(call, CallState.RINGING, now)
    if agent is not None:
        agent.call_id = call.id
        if agent.state is AgentState.NOT_READY and agent.reason not in OURS:
            agent.not_ready_next = agent.reason
    ringing.agent_entered(floor, call, party, now)


def _dismiss(floor: Floor, call: Call, now: float) -> None:
    """Hang up the agents' legs that a call still has."""
    for party in call.parties[1:]:
        if party.present:
            floor.dismiss(call, party, now)


def _seat(floor: Floor, leg: Leg, now: float) -> None:
    """A seat's leg that names its call: known, begun just before a crash, or forgotten by us."""
    assert leg.call_id is not None and leg.seat is not None
    call = floor.calls.get(leg.call_id)
    if call is None or call.state in GONE:
        floor.hang_up_seat(leg.leg, leg.seat, now)
        return
    found = floor.find(leg.leg)
    party = found[1] if found is not None else _begun_before_crash(floor, call, leg, now)
    if party is None:
        floor.hang_up_seat(leg.leg, leg.seat, now)
    elif leg.state in (LegState.IN_ROOM, LegState.ON_HOLD):
        ringing.agent_entered(floor, call, party, now)
        party.in_room = leg.state is LegState.IN_ROOM


def _begun_before_crash(floor: Floor, call: Call, leg: Leg, now: float) -> Party | None:
    """The switch rings somebody, or somebody talks, and we had no time to write it down."""
    agent = floor.agents.get(leg.agent_id or "")
    if agent is None or agent.seat != leg.seat or call.leg_of_agent is not None:
        return None
    if leg.state in (LegState.IN_ROOM, LegState.ON_HOLD):
        _take_over(floor, call, leg, agent, now)
        return call.leg_of_agent
    if call.state is not CallState.WAITING or agent.state is not AgentState.READY:
        return None
    floor.acd.withdraw(call.id, now)
    party = Party(role=PartyRole.AGENT, leg=leg.leg, rang_at=now, agent_id=agent.id, seat=agent.seat)
    floor.add_party(call, party)
    call.agent_id, agent.call_id = agent.id, call.id
    floor.move_call(call, CallState.RINGING, now)
    floor.move_agent(agent, AgentState.RINGING, now)
    floor.wake(now + floor.policy.queues[call.queue].ring_s + ringing.RING_MARGIN_S, call.id)
    return party


def _go_on(floor: Floor, call: Call, legs: dict[str, Leg], now: float) -> None:
    """What becomes of a call whose caller is there."""
    if call.answered_at is not None:
        # Whether a pause or its end was carried out before the link broke, nobody can tell.
        floor.act(MuteRecording(leg=call.caller.leg, muted=call.recording_paused))
    if call.leg_of_agent is None:
        _wait_again(floor, call, now)
    for party in call.parties[1:]:
        if party.present and party.joined_at is not None and party.leg in legs:
            state = legs[party.leg].state
            if state in (LegState.IN_ROOM, LegState.ON_HOLD):
                talking.set_held(floor, call, state is LegState.ON_HOLD, now)


def _wait_again(floor: Floor, call: Call, now: float) -> None:
    """The agent is gone, unseen: hung up, or lost; the phone tells which."""
    agent = floor.agent_with(call)
    if call.state is CallState.RINGING:
        ringing.ring_withdrawn(floor, call, now)
    elif call.state is CallState.TALKING and call.end_reason is None:
        talking.back_to_queue(floor, call, now, phone_is_lost=agent is not None and not agent.phone_reachable)


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
        if agent.state in AT_REST:
            continue
        call = floor.calls.get(agent.call_id or "")
        if call is None or call.state is CallState.CLOSED or call.agent_id != agent.id:
            floor.release(agent, now)
