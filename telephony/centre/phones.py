"""Phones at seats register and are lost; an agent whose phone stays lost is lost too."""

from __future__ import annotations

from telephony.agent import Agent, AgentState, NotReadyReason
from telephony.centre.facts import PhoneReachable
from telephony.centre.floor import Floor
from telephony.centre.ringing import ring_withdrawn
from telephony.centre.talking import agent_lost


def phone_reachable(floor: Floor, fact: PhoneReachable, now: float) -> None:
    """Note whether a seat's phone can be rung; a lost one has `vanish_grace_s` to come back."""
    if fact.reachable:
        floor.reachable.add(fact.seat)
    else:
        floor.reachable.discard(fact.seat)
    agent = floor.agents.get(floor.seats.get(fact.seat, ""))
    if agent is None or agent.phone_reachable == fact.reachable:
        return
    floor.settle(agent, now)
    if fact.reachable:
        agent.phone_lost_at = None
    else:
        agent.phone_lost_at = now
        floor.wake(now + floor.policy.vanish_grace_s, agent.id)
        _stop_ringing(floor, agent, now)
    floor.touched(agent)


def _stop_ringing(floor: Floor, agent: Agent, now: float) -> None:
    """Nobody hears a phone ring that is gone, nor will it when it comes back: the caller need not wait for that."""
    call = floor.calls.get(agent.call_id or "")
    if call is None or agent.state is not AgentState.RINGING:
        return
    for party in call.parties[1:]:
        if party.present:
            floor.dismiss(call, party, now)
    ring_withdrawn(floor, call, now)


def phone_overdue(floor: Floor, agent: Agent, now: float) -> None:
    """The grace is over: the caller of a lost agent goes to somebody else."""
    floor.settle(agent, now)
    if agent.phone_lost_at is None or now < agent.phone_lost_at + floor.policy.vanish_grace_s:
        return
    call = floor.calls.get(agent.call_id or "")
    if agent.state is AgentState.TALKING and call is not None:
        agent_lost(floor, call, now)
    elif agent.state is AgentState.READY:
        floor.move_agent(agent, AgentState.NOT_READY, now, NotReadyReason.PHONE_LOST)
