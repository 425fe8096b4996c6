"""Tells a centre a story by hand: what the switch says, what agents ask for, how time passes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from telephony.acd import Acd, AcdPolicy, acd_policy
from telephony.agent import Agent, AgentState
from telephony.call import Call
from telephony.centre import Centre, Policy, policy_of
from telephony.centre.actions import Action, HangUpLeg, RingSeat
from telephony.centre.facts import (
    CallerArrived,
    Fact,
    JournalEntry,
    Leg,
    LegEnd,
    LegGone,
    LegState,
    RoomEntered,
    RoomLeft,
    Snapshot,
)
from telephony.commands import AnyCommand, CommandRefused, SetReady, SignIn
from telephony.config import load
from telephony.events import AnyEvent
from telephony.live import Commit, decode, encode

CONFIGS = Path(__file__).parents[3] / "configs"
SEATS = [str(number) for number in range(1001, 1011)]
ActionT = TypeVar("ActionT", bound=Action)
START = 1_760_000_400.5
EVERYTHING = {"citizen": 3, "enterprise": 3, "elderly": 3, "urban": 3, "consumer": 3, "general": 3}


@cache
def shipped() -> tuple[Policy, AcdPolicy]:
    """The policies of the shipped configuration: a citizen's call rings 20 s and is wrapped up in 60 s."""
    config = load(CONFIGS)
    return policy_of(config), acd_policy(config)


class Story:
    """A centre, linked to a switch that the story plays. `actions` and `said` are what the last step led to."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy or shipped()[0]
        self._callers = 0
        self.now = START
        self.reachable = list(SEATS)
        self.acd = Acd(shipped()[1])
        self.centre = Centre(self._policy, self.acd)
        self.actions: list[Action] = []
        self.said: list[AnyEvent] = []
        self.asked: list[Action] = []
        """Every action so far."""
        self.look()

    # ---- what the switch says ----

    def told(self, fact: Fact) -> None:
        """Have the switch say something."""
        self._stepped(*self.centre.told(fact, self.now))

    def look(
        self,
        *,
        gone: Collection[str] = (),
        where: Mapping[str, LegState] | None = None,
        more: Collection[Leg] = (),
        journal: Collection[JournalEntry] = (),
    ) -> None:
        """Take a snapshot: every leg is where the centre believes it, but for those that are named."""
        legs = [leg for leg in self._believed(where or {}) if leg.leg not in gone]
        known = {leg.leg for leg in more}
        self.told(
            Snapshot(
                legs=[*(leg for leg in legs if leg.leg not in known), *more],
                reachable_seats=self.reachable,
                journal=list(journal),
            )
        )

    def left_the_telephone(self, leg: str, end: LegEnd = LegEnd.HUNG_UP) -> None:
        """Let a leg leave its room and end."""
        call_id = next(
            call.id for call in self.centre.calls.values() if any(p.leg == leg for p in call.parties)
        )
        self.told(RoomLeft(call_id=call_id, leg=leg))
        self.told(LegGone(leg=leg, end=end))

    def hung_up(self) -> None:
        """Let the switch carry out the hang-ups that the last step asked for."""
        for action in self.actions_of(HangUpLeg):
            self.told(LegGone(leg=action.leg, end=LegEnd.HUNG_UP))

    # ---- people ----

    def caller(self, dialled: str = "12345", number: str = "13800138000") -> Call:
        """Let somebody call and enter their room."""
        arrival = self.arrival(dialled, number)
        self.told(arrival)
        self.told(RoomEntered(call_id=arrival.call_id, leg=arrival.leg))
        return self.centre.calls[arrival.call_id]

    def arrival(self, dialled: str = "12345", number: str = "13800138000") -> CallerArrived:
        """Return what the dialplan says of the next caller, in whole seconds as it does."""
        self._callers += 1
        return CallerArrived(
            call_id=str(UUID(int=self._callers)),
            leg=f"caller-{self._callers}",
            caller_number=number,
            caller_name="张三",
            dialled=dialled,
            since=float(int(self.now)),
        )

    def agent(self, agent_id: str, *, ready: bool = True, skills: Mapping[str, int] = EVERYTHING) -> Agent:
        """Let somebody sign in at the next seat."""
        seat = SEATS[len(self.centre.agents)]
        self.ask(sign_in(agent_id, seat, skills))
        if ready:
            self.ask(SetReady(agent_id=agent_id))
        return self.centre.agents[agent_id]

    def ask(self, command: AnyCommand) -> None:
        """Have somebody ask for something that is granted."""
        self._stepped(*self.centre.asked(command, self.now))

    def refusal(self, command: AnyCommand) -> str:
        """Have somebody ask for something that is refused; returns the word for it."""
        with pytest.raises(CommandRefused) as refused:
            self.centre.asked(command, self.now)
        return refused.value.code

    def ring(self) -> RingSeat:
        """Return the one ring that the last step asked for."""
        (ring,) = self.actions_of(RingSeat)
        return ring

    def rings(self) -> list[str]:
        """Return the agents whom the last step rings."""
        return [ring.agent_id for ring in self.actions_of(RingSeat)]

    def answers(self, agent_id: str) -> Call:
        """Let an agent whose phone rings pick it up."""
        call = self.centre.calls[self.centre.agents[agent_id].call_id or ""]
        party = call.leg_of_agent
        assert party is not None
        self.told(RoomEntered(call_id=call.id, leg=party.leg))
        return call

    def conversation(self, agent_id: str = "li") -> Call:
        """Let a new agent talk with a new caller."""
        if agent_id not in self.centre.agents:
            self.agent(agent_id)
        call = self.caller()
        self.later(2.0)
        assert self.answers(agent_id) is call, "somebody else waited longer"
        self.later(5.0)
        return call

    # ---- time ----

    def later(self, seconds: float) -> None:
        """Let time pass; what falls due happens."""
        end = self.now + seconds
        actions: list[Action] = []
        said: list[AnyEvent] = []
        for _ in range(1_000):
            due = self.centre.next_tick(self.now)
            if due is None or due > end:
                break
            self.now = max(due, self.now)
            self._stepped(*self.centre.tick(self.now))
            actions, said = actions + self.actions, said + self.said
        else:
            pytest.fail(f"the clock spins at {self.now}")
        self.now, self.actions, self.said = end, actions, said

    def restart(self, commit: Commit | None = None) -> None:
        """Let a new controller take up live state, as it is or as `commit` has it; a snapshot must follow."""
        live = decode(encode(commit or self.centre.everything()))
        self.acd = Acd(shipped()[1])
        self.centre = Centre(self._policy, self.acd)
        self.centre.restore(live.calls, live.agents, self.now)

    def remembered(self) -> Commit:
        """Return live state as it is now, for a later restart that has missed what came after."""
        return decode(encode(self.centre.everything()))

    # ---- what came of it ----

    def actions_of(self, kind: type[ActionT]) -> list[ActionT]:
        """Return the actions of one kind that the last step asked for."""
        return [action for action in self.actions if isinstance(action, kind)]

    def state(self, agent_id: str) -> AgentState:
        """Return what an agent is doing."""
        return self.centre.agents[agent_id].state

    def _stepped(self, actions: list[Action], commit: Commit) -> None:
        self.actions, self.said = actions, commit.events
        self.asked += actions

    def _believed(self, where: Mapping[str, LegState]) -> list[Leg]:
        legs = []
        for call in self.centre.calls.values():
            for party in call.parties:
                if party.present:
                    is_caller = party is call.caller
                    usual = LegState.IN_ROOM if is_caller or party.joined_at else LegState.RINGING
                    if call.held and not is_caller:
                        usual = LegState.ON_HOLD
                    legs.append(
                        Leg(
                            leg=party.leg,
                            state=where.get(party.leg, usual),
                            call_id=call.id,
                            seat=party.seat,
                            agent_id=party.agent_id,
                            caller_number=call.caller_number if is_caller else "",
                            caller_name=call.caller_name if is_caller else "",
                            dialled=call.dialled if is_caller else "",
                            since=float(int(call.offered_at)) if is_caller else 0.0,
                        )
                    )
        return legs


def sign_in(agent_id: str, seat: str, skills: Mapping[str, int] = EVERYTHING) -> SignIn:
    """A Mandarin-speaking agent's sign-in."""
    return SignIn(
        agent_id=agent_id, name=agent_id, team="day", seat=seat, skills=dict(skills), languages=["zh"]
    )


def caller_leg(arrival: CallerArrived, state: LegState, partner: str | None = None) -> Leg:
    """Return how a snapshot shows a caller whose arrival was not seen."""
    return Leg(
        leg=arrival.leg,
        state=state,
        call_id=arrival.call_id,
        caller_number=arrival.caller_number,
        caller_name=arrival.caller_name,
        dialled=arrival.dialled,
        since=arrival.since,
        partner=partner,
    )


def arrival_of(call: Call) -> CallerArrived:
    """Return what the dialplan said of a call that is known."""
    return CallerArrived(
        call_id=call.id,
        leg=call.caller.leg,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        dialled=call.dialled,
        since=float(int(call.offered_at)),
    )
