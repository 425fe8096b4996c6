"""Whatever the switch says and whoever asks for what, in whatever order: calls and agents fit together."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telephony.centre.facts import (
    JournalEntry,
    Leg,
    LegEnd,
    LegGone,
    LegState,
    LinkLost,
    PhoneReachable,
    RoomEntered,
    RoomLeft,
)
from telephony.commands import AnyCommand, CommandRefused
from telephony.simulation.consistency import check_agents, check_calls

from .anything import AGENTS, any_command
from .story import SEATS, Story, caller_leg

numbers = st.integers(0, 10_000)


class Anything(RuleBasedStateMachine):
    """A centre to which anything may happen."""

    @initialize()
    def open(self) -> None:
        self.story = Story()
        self.legs: list[str] = []
        for agent_id in AGENTS:
            self.story.agent(agent_id)

    def some_leg(self, number: int) -> tuple[str, str]:
        """Return a call and a leg of it, over or not; unknown ones where there is none."""
        legs = [(call.id, party.leg) for call in self.story.centre.calls.values() for party in call.parties]
        return legs[number % len(legs)] if legs else ("no-such-call", "no-such-leg")

    @rule(dialled=st.sampled_from(["12345", "1234501", "12319", "400"]), enters=st.booleans())
    def somebody_calls(self, dialled: str, enters: bool) -> None:
        arrival = self.story.arrival(dialled)
        self.story.told(arrival)
        if enters:
            self.story.told(RoomEntered(call_id=arrival.call_id, leg=arrival.leg))

    @rule(number=numbers, kind=st.sampled_from([RoomEntered, RoomLeft]))
    def somebody_enters_or_leaves(self, number: int, kind: type[RoomEntered | RoomLeft]) -> None:
        call_id, leg = self.some_leg(number)
        self.story.told(kind(call_id=call_id, leg=leg))

    @rule(number=numbers, end=st.sampled_from(LegEnd))
    def a_leg_ends(self, number: int, end: LegEnd) -> None:
        self.story.told(LegGone(leg=self.some_leg(number)[1], end=end))

    @rule(seat=st.sampled_from(SEATS[:4]), reachable=st.booleans())
    def a_phone_comes_or_goes(self, seat: str, reachable: bool) -> None:
        known = set(self.story.reachable) - {seat} | ({seat} if reachable else set())
        self.story.reachable = sorted(known)
        self.story.told(PhoneReachable(seat=seat, reachable=reachable))

    @rule(data=st.data())
    def somebody_asks(self, data: st.DataObject) -> None:
        calls = st.sampled_from([*self.story.centre.calls, "no-such-call"])
        wish: AnyCommand = data.draw(any_command(calls))
        with suppress(CommandRefused):
            self.story.ask(wish)

    @rule(seconds=st.sampled_from([0.01, 1.0, 5.0, 9.0, 25.0, 95.0]))
    def time_passes(self, seconds: float) -> None:
        self.story.later(seconds)

    @rule()
    def the_link_is_lost(self) -> None:
        self.story.told(LinkLost())

    @rule(
        gone=st.lists(numbers, max_size=3),
        moved=st.dictionaries(
            numbers, st.sampled_from([state for state in LegState if "alone" not in state])
        ),
        restarts=st.booleans(),
        alone=st.none() | st.sampled_from(SEATS[:4]),
        stray=st.none() | st.tuples(numbers, st.sampled_from(SEATS[:4]), st.sampled_from(LegState)),
        unseen=st.booleans(),
    )
    def somebody_looks(
        self,
        gone: list[int],
        moved: dict[int, LegState],
        restarts: bool,
        alone: str | None,
        stray: tuple[int, str, LegState] | None,
        unseen: bool,
    ) -> None:
        story = self.story
        if restarts:
            story.restart()
        more, journal = [], []
        if alone is not None:
            caller = story.arrival()
            name = f"alone-{caller.leg}"
            more.append(caller_leg(caller, LegState.ALONE_TALKING, partner=name))
            more.append(Leg(leg=name, state=LegState.ALONE_TALKING, seat=alone, partner=caller.leg))
        if stray is not None:
            number, seat, state = stray
            call_id, leg = self.some_leg(number)
            agent = next((a.id for a in story.centre.agents.values() if a.seat == seat), None)
            more.append(Leg(leg=f"{leg}-more", state=state, call_id=call_id, seat=seat, agent_id=agent))
        if unseen:
            caller = story.arrival()
            until = caller.since + 3.0
            journal.append(
                JournalEntry(
                    call_id=caller.call_id,
                    since=caller.since,
                    until=until,
                    dialled="12345",
                    caller_number="1",
                )
            )
        story.look(
            gone={self.some_leg(number)[1] for number in gone},
            where={self.some_leg(number)[1]: state for number, state in moved.items()},
            more=more,
            journal=journal,
        )

    @precondition(lambda self: hasattr(self, "story"))
    @invariant()
    def calls_and_agents_fit_together(self) -> None:
        centre = self.story.centre
        check_calls(centre.calls.values(), self.story.now)
        check_agents(centre.calls, centre.agents, [call.call_id for call in self.story.acd.waiting()])


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
