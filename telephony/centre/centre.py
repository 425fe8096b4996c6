"""The contact centre as one pure machine: a fact, a command or the clock in; actions and a change of live state out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from telephony import commands
from telephony.acd import Acd
from telephony.agent import Agent
from telephony.call import Call, CallState, LegOutcome
from telephony.centre import callers, facts, phones, reconciling, ringing, talking, wishes
from telephony.centre.actions import Action
from telephony.centre.floor import Floor
from telephony.centre.policy import Policy
from telephony.live import Commit

Rule = Callable[[Floor, Any, float], None]

WISHES: dict[type, Rule] = {
    commands.SignIn: wishes.sign_in,
    commands.SignOut: wishes.sign_out,
    commands.SetReady: wishes.set_ready,
    commands.SetNotReady: wishes.set_not_ready,
    commands.HangUp: wishes.hang_up,
    commands.Hold: wishes.hold,
    commands.Resume: wishes.resume,
    commands.PauseRecording: wishes.pause_recording,
    commands.ResumeRecording: wishes.resume_recording,
    commands.Rejoin: wishes.rejoin,
    commands.FinishWrapUp: wishes.finish,
    commands.RecordKept: wishes.record_kept,
}

# What would be lost if it were asked for while the switch cannot be reached.
NEED_THE_SWITCH = (
    commands.HangUp,
    commands.Hold,
    commands.Resume,
    commands.PauseRecording,
    commands.ResumeRecording,
    commands.Rejoin,
)


class Centre:
    """Decides everything that happens to calls and agents.

    Every method returns the actions for the switch, in order, and the commit for the readers of live state. `now`
    is epoch seconds and must not go backwards.
    """

    def __init__(self, policy: Policy, acd: Acd) -> None:
        self._floor = Floor(policy, acd)

    @property
    def calls(self) -> dict[str, Call]:
        """Live calls by id; to be read only."""
        return self._floor.calls

    @property
    def agents(self) -> dict[str, Agent]:
        """Signed-in agents by id; to be read only."""
        return self._floor.agents

    def restore(self, calls: Iterable[Call], agents: Iterable[Agent], now: float) -> None:
        """Take up what an earlier controller left. A Snapshot must follow before anything else."""
        floor = self._floor
        for agent in agents:
            # Until the snapshot says otherwise: so that a phone lost meanwhile is seen to be lost.
            if agent.phone_reachable:
                floor.reachable.add(agent.seat)
            floor.add_agent(agent, now)
            if agent.phone_lost_at is not None:
                floor.wake(agent.phone_lost_at + floor.policy.vanish_grace_s, agent.id)
        for call in calls:
            if call.queue not in floor.policy.queues:
                call.queue = floor.policy.line_of(call.dialled).queue
            floor.add_call(call)
            if call.state is CallState.WAITING:
                floor.enqueue(call, now)
            floor.wake(now, call.id)
            if call.wrap_up_until is not None:
                floor.wake(call.wrap_up_until, call.id)
            party = call.leg_of_agent
            if party is not None and party.rang_at is not None:
                ring_s = floor.policy.queues[call.queue].ring_s
                floor.wake(party.rang_at + ring_s + ringing.RING_MARGIN_S, call.id)
        floor.commit()

    def told(self, fact: facts.Fact, now: float) -> tuple[list[Action], Commit]:
        """Take in what the switch says."""
        floor = self._floor
        match fact:
            case facts.CallerArrived():
                callers.caller_arrived(floor, fact, now)
            case facts.RoomEntered() | facts.RoomLeft():
                self._moved(fact, now)
            case facts.LegGone():
                self._leg_gone(fact, now)
            case facts.PhoneReachable():
                phones.phone_reachable(floor, fact, now)
            case facts.JournalEntry():
                reconciling.noted(floor, fact, now)
            case facts.LinkLost():
                floor.linked = False
            case facts.Snapshot():
                floor.linked = True
                reconciling.reconcile(floor, fact, now)
        return self._serve(now)

    def asked(self, command: commands.AnyCommand, now: float) -> tuple[list[Action], Commit]:
        """Carry out a command. Raises CommandRefused, and then nothing has changed."""
        if not self._floor.linked and isinstance(command, NEED_THE_SWITCH):
            raise commands.CommandRefused(
                "no-link", "the link to the switch is being restored: try again shortly"
            )
        WISHES[type(command)](self._floor, command, now)
        return self._serve(now)

    def tick(self, now: float) -> tuple[list[Action], Commit]:
        """Do what has become due."""
        floor = self._floor
        for key in floor.due(now) if floor.linked else ():
            if key in floor.calls:
                self._look_at(floor.calls[key], now)
            elif key in floor.agents:
                phones.phone_overdue(floor, floor.agents[key], now)
        return self._serve(now)

    def _look_at(self, call: Call, now: float) -> None:
        if call.state is CallState.WRAP_UP and (call.wrap_up_until or 0.0) <= now:
            callers.finish_wrap_up(self._floor, call, now)
        elif call.ended_at is None and call.end_reason is not None:
            talking.end_call(self._floor, call, now)
        elif call.ended_at is None:
            callers.caller_strayed(self._floor, call, now)
            ringing.ring_overdue(self._floor, call, now)

    def next_tick(self, now: float) -> float | None:
        """Return when `tick` should be called, or None while nothing can become due."""
        if not self._floor.linked:
            return None
        moments = (self._floor.next_alarm(), self._floor.acd.next_event(now))
        return min((moment for moment in moments if moment is not None), default=None)

    def everything(self) -> Commit:
        """Return all live state as one commit, for a Redis that lost its memory."""
        return Commit(calls=list(self.calls.values()), agents=list(self.agents.values()))

    def _moved(self, fact: facts.RoomEntered | facts.RoomLeft, now: float) -> None:
        floor = self._floor
        found = floor.find(fact.leg)
        if found is None:
            callers.unknown_moved(floor, fact, now)
            return
        call, party = found
        entered = isinstance(fact, facts.RoomEntered)
        if entered and party is not call.caller:
            ringing.agent_entered(floor, call, party, now)
        elif not party.present:
            return
        elif entered:
            callers.caller_entered(floor, call, now)
        elif party is call.caller:
            callers.caller_out_of_room(floor, call, now)
        else:
            party.in_room = False
            floor.touched(call)

    def _leg_gone(self, fact: facts.LegGone, now: float) -> None:
        self._floor.leg_gone(fact.leg, now)
        found = self._floor.find(fact.leg)
        if found is None:
            return
        call, party = found
        if party is call.caller:
            callers.caller_left(self._floor, call, now)
        elif not party.present:
            return
        elif party.outcome is LegOutcome.JOINED:
            talking.agent_leg_gone(self._floor, call, party, fact.end, now)
        else:
            ringing.ring_failed(self._floor, call, party, fact.end, now)

    def _serve(self, now: float) -> tuple[list[Action], Commit]:
        """Give waiting callers to free agents, for as long as there are both."""
        for match in self._floor.acd.match(now) if self._floor.linked else ():
            ringing.ring(self._floor, match, now)
        return self._floor.commit()
