"""What must hold in a centre whatever happens. Broken, it raises Violation."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from telephony.agent import Agent, AgentState, NotReadyReason
from telephony.call import Call, CallState, LegOutcome, PartyRole
from telephony.centre import Policy
from telephony.centre.facts import LegState
from telephony.commands import AnyCommand, FinishWrapUp, HangUp
from telephony.events import AgentRinging, AgentStateChanged
from telephony.live import Commit
from telephony.simulation.channel import Channel
from telephony.simulation.clock import Clock
from telephony.simulation.controller import SimulatedController
from telephony.simulation.switch import SimulatedSwitch

AT_REST = (AgentState.READY, AgentState.NOT_READY)
IN_CALL = {
    CallState.RINGING: AgentState.RINGING,
    CallState.TALKING: AgentState.TALKING,
    CallState.WRAP_UP: AgentState.WRAP_UP,
}
OVER = (CallState.WRAP_UP, CallState.CLOSED)
BLAMES = (NotReadyReason.NO_ANSWER, NotReadyReason.REFUSED, NotReadyReason.PHONE_LOST)

# Seconds, with the link standing still for up to 9 s and the controller for up to 15 s.
SERVED_WITHIN_S = 40.0
SETTLED_WITHIN_S = 20.0
SHORTEST_RING_S = 15.0


class Violation(AssertionError):
    """A promise was broken."""


class Invariants:
    """Looks at the centre after every step, and once a second at the switch beside it."""

    def __init__(self, clock: Clock, switch: SimulatedSwitch, policy: Policy) -> None:
        self._clock = clock
        self._switch = switch
        self._policy = policy
        self._calls: dict[str, Call] = {}
        self._wrap_ups: dict[str, float] = {}
        """When the wrap-up of a call may end by itself."""
        self._confirmed: set[str] = set()
        self._refused_at: dict[str, float] = {}
        self._odd_since: dict[tuple[str, str], float] = {}

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

    def stepped(self, controller: SimulatedController, commit: Commit) -> None:
        """See Observer."""
        centre = controller.centre
        assert centre is not None
        self._calls = centre.calls
        for call in commit.calls:
            self._is_well_formed(call)
            self._is_wrapped_up_in_time(call)
        self._agents_fit_calls(centre.calls, centre.agents)
        self._waiting_calls_wait(controller)
        for event in commit.events:
            if isinstance(event, AgentRinging):
                self._place_is_kept(centre.calls[event.call_id], event.agent_id, centre.calls)
            elif isinstance(event, AgentStateChanged) and event.state is AgentState.NOT_READY:
                self._is_to_blame(centre.agents[event.agent_id], event.reason)

    def _is_well_formed(self, call: Call) -> None:
        self._never_backwards(call)
        joined = {
            party.agent_id or party.seat for party in call.parties[1:] if party.present and party.joined_at
        }
        if len(joined) > 1:
            raise Violation(f"{call.id}: agents {sorted(map(str, joined))} have all joined")
        legs = [party.leg for party in call.parties]
        if len(set(legs)) != len(legs):
            raise Violation(f"{call.id}: a leg stands twice among {legs}")
        if call.state in OVER:
            if call.ended_at is None or any(party.present for party in call.parties):
                raise Violation(f"{call.id}: {call.state}, and somebody is still there")
            if call.held or call.recording_paused:
                raise Violation(f"{call.id}: {call.state}, and a hold or a recording pause lasts")
        elif call.ended_at is not None or not call.caller.present:
            raise Violation(f"{call.id}: {call.state}, though the caller has left")
        if call.held != any(span.until is None for span in call.holds):
            raise Violation(f"{call.id}: held={call.held} is not what its spans say")
        if call.recording_paused != any(span.until is None for span in call.recording_pauses):
            raise Violation(f"{call.id}: recording_paused={call.recording_paused} is not what its spans say")

    def _never_backwards(self, call: Call) -> None:
        now, offered = self._clock.now, call.offered_at
        chains: list[tuple[str, tuple[float | None, ...]]] = [
            ("call", (offered, call.answered_at, call.ended_at, call.closed_at)),
            ("waiting", (offered, call.waiting_since)),
        ]
        chains += [
            (f"leg {party.leg}", (offered, party.rang_at, party.joined_at, party.left_at, call.ended_at))
            for party in call.parties
        ]
        chains += [
            ("span", (call.answered_at, span.since, span.until, call.ended_at))
            for span in (*call.holds, *call.recording_pauses)
        ]
        for name, times in chains:
            known = [moment for moment in times if moment is not None]
            if known != sorted(known) or known[-1] > now:
                raise Violation(f"{call.id}: times of its {name} go backwards: {times}, now {now}")

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

    def _agents_fit_calls(self, calls: dict[str, Call], agents: dict[str, Agent]) -> None:
        for agent in agents.values():
            if agent.state in AT_REST:
                if agent.call_id is not None:
                    raise Violation(f"{agent.id} is {agent.state} and holds call {agent.call_id}")
                continue
            call = calls.get(agent.call_id or "")
            if call is None or call.agent_id != agent.id or IN_CALL.get(call.state) is not agent.state:
                raise Violation(f"{agent.id} is {agent.state} with call {agent.call_id}: {call}")
        for call in calls.values():
            agent_of = agents.get(call.agent_id or "")
            if call.state in (CallState.RINGING, CallState.TALKING) and agent_of is not None:
                # Who has ended a call may be in another before its caller is gone.
                if agent_of.call_id != call.id and call.end_reason is None:
                    raise Violation(f"{agent_of.id} has two calls: {call.id} and {agent_of.call_id}")
            elif call.state is CallState.RINGING or (
                call.state is CallState.WAITING and call.agent_id is not None
            ):
                raise Violation(f"{call.id} is {call.state} with agent {call.agent_id}")

    @staticmethod
    def _waiting_calls_wait(controller: SimulatedController) -> None:
        assert controller.centre is not None
        waiting = {call.call_id for call in controller.acd.waiting()}
        known = {call.id for call in controller.centre.calls.values() if call.state is CallState.WAITING}
        if waiting != known:
            raise Violation(f"the ACD has {sorted(waiting)} waiting, the centre {sorted(known)}")

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

    # ---- every second ----

    def look(self, controller: SimulatedController) -> None:
        """Compare switch and centre, allowing for what is under way."""
        odd = set(self._oddities(controller))
        now = self._clock.now
        self._odd_since = {key: self._odd_since.get(key, now) for key in sorted(odd)}
        for (what, who), since in self._odd_since.items():
            if now - since > (SERVED_WITHIN_S if what == "forgotten" else SETTLED_WITHIN_S):
                raise Violation(f"{who}: {what} for {now - since:.0f} s")

    def _oddities(self, controller: SimulatedController) -> Iterator[tuple[str, str]]:
        calls = controller.centre.calls if controller.centre is not None else {}
        linked = controller.linked_since is not None
        seats: dict[str, set[str | None]] = {}
        for channel in self._switch.channels.values():
            if channel.seat is None:
                call = calls.get(channel.call_id or "") if linked else None
                if not self._is_served(channel, call, linked):
                    yield "forgotten", channel.leg
                if linked and call is not None and channel.muted != call.recording_paused:
                    yield f"muted={channel.muted} although paused={call.recording_paused}", channel.leg
            elif channel.place in (LegState.IN_ROOM, LegState.ON_HOLD, LegState.ALONE_TALKING):
                seats.setdefault(channel.seat, set()).add(channel.call_id or channel.leg)
                if linked and not self._is_wanted(channel, calls):
                    yield "left over", channel.leg
        for seat, held in seats.items():
            if len(held) > 1:
                yield f"in {len(held)} calls", seat
        if linked:
            for call in calls.values():
                if call.state not in OVER and call.caller.leg not in self._switch.channels:
                    yield f"{call.state} without its caller", call.id

    def _is_served(self, caller: Channel, call: Call | None, linked: bool) -> bool:
        """Whether somebody is with the caller, or comes: by the centre's word, or by the dialplan's."""
        if caller.place in (LegState.ALONE_WAITING, LegState.ALONE_TALKING):
            return not linked
        assert caller.call_id is not None
        room = self._switch.room(caller.call_id)
        if caller.place is LegState.IN_ROOM and len(room) > 1:
            return True
        if not linked or caller.place is not LegState.IN_ROOM or call is None:
            return False
        if call.state in (CallState.WAITING, CallState.RINGING):
            return True
        return call.state is CallState.TALKING and call.held

    @staticmethod
    def _is_wanted(channel: Channel, calls: dict[str, Call]) -> bool:
        call = calls.get(channel.call_id or "")
        return call is not None and any(party.leg == channel.leg and party.present for party in call.parties)

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
