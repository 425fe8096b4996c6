"""The floor: every live call and agent, and what one step has changed so far. The rules in this folder act on it."""

from __future__ import annotations

import heapq
from collections.abc import Container

import msgspec

from telephony.acd import Acd, AgentProfile, Standing, WaitingCall
from telephony.agent import Agent, AgentState
from telephony.call import Call, CallState, LegOutcome, Party
from telephony.centre.actions import Action, HangUpLeg
from telephony.centre.policy import Policy
from telephony.events import (
    AgentStateChanged,
    AnyEvent,
    CallQueued,
    CallStateChanged,
    PartyLeft,
    RingEnded,
)
from telephony.live import Commit

# A phone that takes longer to stop ringing is rung all the same.
HANG_UP_LIMIT_S = 3.0


class Step(msgspec.Struct, kw_only=True):
    """What one fact, command or tick led to: what to ask of the switch, and the change of live state."""

    actions: list[Action] = []
    events: list[AnyEvent] = []
    calls: dict[str, None] = {}
    agents: dict[str, None] = {}


class Floor:
    """State of the centre with the few verbs that change it. Pure: time is given, nothing is sent."""

    def __init__(self, policy: Policy, acd: Acd) -> None:
        self.policy = policy
        self.acd = acd
        self.calls: dict[str, Call] = {}
        self.agents: dict[str, Agent] = {}
        self.legs: dict[str, str] = {}
        self.seats: dict[str, str] = {}
        self.reachable: set[str] = set()
        self.linked = False
        self.unknown_in_rooms: dict[str, float] = {}
        """Legs that entered a room before we were told whose they are, each with the moment, the oldest first."""
        self._going: dict[str, tuple[str, float]] = {}
        """Legs of seats that are being hung up, each with its seat and when it must be over."""
        self.step = Step()
        self._alarms: list[tuple[float, str]] = []

    def act(self, action: Action) -> None:
        """Ask something of the switch."""
        self.step.actions.append(action)

    def emit(self, event: AnyEvent) -> None:
        """Tell the readers of the stream."""
        self.step.events.append(event)

    def touched(self, entity: Call | Agent) -> None:
        """Note that a call or agent changed, so that it is written."""
        (self.step.calls if isinstance(entity, Call) else self.step.agents)[entity.id] = None

    def commit(self) -> tuple[list[Action], Commit]:
        """Return what this step led to, and begin the next."""
        step, self.step = self.step, Step()
        return step.actions, Commit(
            events=step.events,
            calls=[self.calls[key] for key in step.calls if key in self.calls],
            calls_gone=[key for key in step.calls if key not in self.calls],
            agents=[self.agents[key] for key in step.agents if key in self.agents],
            agents_gone=[key for key in step.agents if key not in self.agents],
        )

    # ---- calls ----

    def add_call(self, call: Call) -> None:
        """Know a call and its legs."""
        self.calls[call.id] = call
        for party in call.parties:
            self.legs[party.leg] = call.id
        self.touched(call)

    def add_party(self, call: Call, party: Party) -> None:
        """Know one more leg of a call."""
        call.parties.append(party)
        self.legs[party.leg] = call.id
        self.touched(call)

    def forget_call(self, call: Call) -> None:
        """Drop a call whose record is safe."""
        for party in call.parties:
            self.legs.pop(party.leg, None)
        del self.calls[call.id]
        self.touched(call)

    def find(self, leg: str) -> tuple[Call, Party] | None:
        """Return whose leg it is."""
        call = self.calls.get(self.legs.get(leg, ""))
        if call is None:
            return None
        return call, next(party for party in call.parties if party.leg == leg)

    def move_call(self, call: Call, state: CallState, now: float) -> None:
        """Bring a call to another state."""
        call.state, call.state_since = state, now
        self.emit(CallStateChanged(at=now, call_id=call.id, state=state))
        self.touched(call)

    def queue(self, call: Call, now: float, *, not_again: str | None = None) -> None:
        """Let a caller wait, at the place that `waiting_since` gives; `not_again` names an agent to try last."""
        call.agent_id, call.held = None, False
        self.move_call(call, CallState.WAITING, now)
        self.enqueue(call, now)
        if not_again is not None:
            self.acd.exclude(call.id, not_again, now)
        self.emit(CallQueued(at=now, call_id=call.id, queue=call.queue, since=call.waiting_since))

    def enqueue(self, call: Call, now: float) -> None:
        """Give a waiting call to the ACD."""
        self.acd.enqueue(
            WaitingCall(
                call_id=call.id,
                queue=call.queue,
                language=call.language,
                priority=call.priority,
                waiting_since=call.waiting_since,
            ),
            now,
        )

    def end_ring(self, call: Call, party: Party, outcome: LegOutcome, now: float) -> None:
        """Note that an agent was rung in vain."""
        party.left_at, party.outcome = now, outcome
        self.emit(RingEnded(at=now, call_id=call.id, agent_id=party.agent_id or "", outcome=outcome))
        self.touched(call)

    def leave(self, call: Call, party: Party, now: float) -> None:
        """Note that a party is gone: who had joined has left, who was being rung is rung no more."""
        if party.outcome is not LegOutcome.JOINED:
            self.end_ring(call, party, LegOutcome.WITHDRAWN, now)
            return
        party.left_at, party.in_room = now, False
        self.emit(PartyLeft(at=now, call_id=call.id, role=party.role, leg=party.leg, agent_id=party.agent_id))
        self.touched(call)

    def hang_up_seat(self, leg: str, seat: str, now: float) -> None:
        """End a seat's leg; until it is over the phone is not rung for another call."""
        self.act(HangUpLeg(leg=leg))
        self.leg_goes(leg, seat, now)

    def dismiss(self, call: Call, party: Party, now: float) -> None:
        """Hang up whoever is in the call, or is being rung for it, beside the caller."""
        self.hang_up_seat(party.leg, party.seat or "", now)
        self.leave(call, party, now)

    def leg_goes(self, leg: str, seat: str, now: float) -> None:
        """Note that a seat's leg is on its way out."""
        self._going = {of: going for of, going in self._going.items() if now < going[1]}
        self._going[leg] = (seat, now + HANG_UP_LIMIT_S)
        agent = self.agents.get(self.seats.get(seat, ""))
        if agent is not None:
            self.settle(agent, now)
            self.wake(now + HANG_UP_LIMIT_S, agent.id)

    def leg_gone(self, leg: str, now: float) -> None:
        """Note that a leg is over."""
        seat, _ = self._going.pop(leg, ("", 0.0))
        agent = self.agents.get(self.seats.get(seat, ""))
        if agent is not None:
            self.settle(agent, now)

    def only_these_go(self, legs: Container[str]) -> None:
        """Forget legs on their way out that are not among `legs`, which are all that there are."""
        self._going = {leg: going for leg, going in self._going.items() if leg in legs}

    def _is_going(self, seat: str, now: float) -> bool:
        return any(of == seat and now < limit for of, limit in self._going.values())

    # ---- agents ----

    def add_agent(self, agent: Agent, now: float) -> None:
        """Know an agent, and let the ACD know them."""
        self.agents[agent.id] = agent
        self.seats[agent.seat] = agent.id
        self.acd.sign_in(profile_of(agent), now)
        self.settle(agent, now)
        self.touched(agent)

    def drop_agent(self, agent: Agent, now: float) -> None:
        """Forget an agent who left."""
        self.acd.sign_out(agent.id, now)
        self.seats.pop(agent.seat, None)
        del self.agents[agent.id]
        self.touched(agent)

    def move_agent(self, agent: Agent, state: AgentState, now: float, reason: str | None = None) -> None:
        """Bring an agent to another state; `reason` goes with not-ready."""
        previous, agent.state, agent.state_since, agent.reason = agent.state, state, now, reason
        if state in (AgentState.READY, AgentState.NOT_READY):
            agent.call_id = None
        self.emit(AgentStateChanged(at=now, agent_id=agent.id, state=state, previous=previous, reason=reason))
        self.settle(agent, now)
        self.touched(agent)

    def agent_with(self, call: Call) -> Agent | None:
        """Return the agent who rings, talks or wraps up; None where that agent has gone on to another call."""
        agent = self.agents.get(call.agent_id or "")
        return agent if agent is not None and agent.call_id == call.id else None

    def release(self, agent: Agent, now: float) -> None:
        """An agent is done with a call: ready again, or not-ready where they asked for it meanwhile."""
        if agent.not_ready_next is not None:
            self.set_aside(agent, agent.not_ready_next, now)
            return
        self.move_agent(agent, AgentState.READY, now)
        if agent.phone_lost_at is not None:
            self.wake(max(now, agent.phone_lost_at + self.policy.vanish_grace_s), agent.id)

    def set_aside(self, agent: Agent, reason: str, now: float) -> None:
        """An agent can be given no more calls: not-ready for `reason`, or for the one that they gave meanwhile."""
        agent.not_ready_next, own = None, agent.not_ready_next
        self.move_agent(agent, AgentState.NOT_READY, now, own or reason)

    def settle(self, agent: Agent, now: float) -> None:
        """Let the ACD know whether the agent may be given a call."""
        agent.phone_reachable = agent.seat in self.reachable
        can_be_rung = agent.phone_reachable and not self._is_going(agent.seat, now)
        if agent.state is AgentState.NOT_READY or (agent.state is AgentState.READY and not can_be_rung):
            self.acd.set_away(agent.id, now)
        elif agent.state is AgentState.READY:
            self.acd.set_free(agent.id, now)
        elif agent.state is not AgentState.RINGING or self.acd.standing(agent.id) is not Standing.RESERVED:
            self.acd.set_busy(agent.id, now)

    # ---- time ----

    def wake(self, when: float, key: str) -> None:
        """Look at a call or agent (`key` is its id) again at `when`; waking too often does no harm."""
        heapq.heappush(self._alarms, (when, key))

    def due(self, now: float) -> list[str]:
        """Return the ids whose time has come."""
        keys: dict[str, None] = {}
        while self._alarms and self._alarms[0][0] <= now:
            keys[heapq.heappop(self._alarms)[1]] = None
        return list(keys)

    def next_alarm(self) -> float | None:
        """Return when `due` will have something."""
        return self._alarms[0][0] if self._alarms else None


def profile_of(agent: Agent) -> AgentProfile:
    """Return what the ACD must know of an agent."""
    return AgentProfile(agent_id=agent.id, skills=agent.skills, languages=frozenset(agent.languages))
