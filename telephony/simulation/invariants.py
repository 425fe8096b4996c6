"""What must hold in a centre whatever happens. Broken, it raises Violation."""

from __future__ import annotations

from math import inf

from telephony.agent import Agent, AgentState, NotReadyReason
from telephony.call import Call, CallState, LegOutcome, PartyRole
from telephony.centre import Policy
from telephony.commands import AnyCommand, FinishWrapUp, HangUp
from telephony.events import AgentRinging, AgentStateChanged
from telephony.live import Commit
from telephony.simulation.clock import Clock
from telephony.simulation.consistency import AT_REST, OVER, Violation, check_agents, check_calls
from telephony.simulation.controller import SimulatedController
from telephony.simulation.switch import SimulatedSwitch

BLAMES = (NotReadyReason.NO_ANSWER, NotReadyReason.REFUSED, NotReadyReason.PHONE_LOST)
SHORTEST_RING_S = 15.0


class Invariants:
    """Looks at the centre after every step, at each record, and at what is left at the end."""

    def __init__(self, clock: Clock, switch: SimulatedSwitch, policy: Policy) -> None:
        self._clock = clock
        self._switch = switch
        self._policy = policy
        self._calls: dict[str, Call] = {}
        self._wrap_ups: dict[str, float] = {}
        """When the wrap-up of a call may end by itself."""
        self._confirmed: set[str] = set()
        self._waiting_since: dict[str, float] = {}
        self._refused_at: dict[str, float] = {}

    # ---- after every step ----

    def obeys(self, command: AnyCommand) -> None:
        """See Observer."""
        if isinstance(command, FinishWrapUp):
            self._confirmed.add(command.call_id)
        elif isinstance(command, HangUp):
            self._refused_at[command.agent_id] = self._clock.now

    def started(self, calls: dict[str, Call]) -> None:
        """See Observer. What was not written down before a crash has not happened."""
        self._wrap_ups = {
            key: until for key, until in self._wrap_ups.items() if key in calls and calls[key].state in OVER
        }
        self._waiting_since = {key: call.waiting_since for key, call in calls.items()}

    def stepped(self, controller: SimulatedController, commit: Commit) -> None:
        """See Observer."""
        centre = controller.centre
        assert centre is not None
        self._calls = centre.calls
        check_calls(commit.calls, self._clock.now)
        check_agents(centre.calls, centre.agents, [call.call_id for call in controller.acd.waiting()])
        for call in commit.calls:
            self._is_wrapped_up_in_time(call)
            if self._waiting_since.setdefault(call.id, call.waiting_since) != call.waiting_since:
                raise Violation(f"{call.id}: has lost its place")
        for call_id in commit.calls_gone:
            del self._waiting_since[call_id]
        for event in commit.events:
            if isinstance(event, AgentRinging):
                self._place_is_kept(centre.calls[event.call_id], event.agent_id, centre.calls)
            elif isinstance(event, AgentStateChanged) and event.state is AgentState.NOT_READY:
                self._is_to_blame(centre.agents[event.agent_id], event.reason)

    def _is_wrapped_up_in_time(self, call: Call) -> None:
        now = self._clock.now
        if call.state is CallState.WRAP_UP:
            if call.id not in self._wrap_ups:
                self._wrap_ups[call.id] = now + self._policy.queues[call.queue].wrap_up_s
            if (call.wrap_up_until or inf) < self._wrap_ups[call.id]:
                raise Violation(f"{call.id}: its wrap-up lasts until {call.wrap_up_until} only")
        elif call.state is CallState.CLOSED:
            earliest = self._wrap_ups.get(call.id, 0.0)
            if now < earliest and call.id not in self._confirmed:
                raise Violation(f"{call.id}: its wrap-up ended {earliest - now:.1f} s early")

    def _place_is_kept(self, served: Call, agent_id: str, calls: dict[str, Call]) -> None:
        """Of callers with the same need and priority the one who came first is served first."""
        for call in calls.values():
            if (
                call.state is CallState.WAITING
                and (call.queue, call.language, call.priority)
                == (served.queue, served.language, served.priority)
                and call.waiting_since < served.waiting_since
                and all(party.agent_id != agent_id for party in call.parties)
            ):
                raise Violation(f"{agent_id} is rung for {served.id}, though {call.id} has waited longer")

    def _is_to_blame(self, agent: Agent, reason: str | None) -> None:
        """Nobody is set not-ready by us for what they did not do."""
        switch = self._switch
        blameless = agent.seat in switch.phones and not switch.misdeeds.lately(agent.seat, self._clock.now)
        if self._refused_at.get(agent.id) == self._clock.now or self._rung_for(agent) >= SHORTEST_RING_S:
            return
        if reason in BLAMES and blameless:
            raise Violation(f"{agent.id} became not-ready ({reason}) for nothing at seat {agent.seat}")

    def _rung_for(self, agent: Agent) -> float:
        """Return for how long an agent was rung whom the centre gave up just now: the switch's word may be late."""
        calls = self._calls.values()
        rings = (party for call in calls for party in call.parties if party.agent_id == agent.id)
        times = (ring.rang_at for ring in rings if ring.left_at == self._clock.now and ring.joined_at is None)
        return max((self._clock.now - rang_at for rang_at in times if rang_at is not None), default=0.0)

    # ---- at the end ----

    def record_written(self, call: Call) -> None:
        """A record may be written once the caller has left, and says what happened."""
        leg = self._switch.channels.get(call.caller.leg)
        if leg is not None and not leg.hanging_up:
            raise Violation(f"{call.id}: its record is written while the caller is there")
        if call.id not in self._switch.arrived:
            raise Violation(f"{call.id}: nobody ever called so")
        talked = any(
            party.role is PartyRole.AGENT and party.outcome is LegOutcome.JOINED for party in call.parties
        )
        if (call.answered_at is not None) != talked:
            raise Violation(f"{call.id}: answered at {call.answered_at}, joined by an agent: {talked}")

    def finished(self, controller: SimulatedController, records: dict[str, Call]) -> None:
        """Everybody is gone and the controller is up: what must be left, and what must not."""
        centre = controller.centre
        assert centre is not None
        if missing := sorted(self._switch.arrived.keys() - records.keys()):
            raise Violation(f"calls without a record: {missing}")
        if centre.calls:
            raise Violation(f"calls still live: {sorted(centre.calls)}")
        if self._switch.channels:
            raise Violation(f"legs left over: {sorted(self._switch.channels)}")
        if self._switch.journal:
            raise Violation(f"calls never forgotten by the journal: {sorted(self._switch.journal)}")
        if busy := [agent.id for agent in centre.agents.values() if agent.state not in AT_REST]:
            raise Violation(f"agents at work for nobody: {busy}")
