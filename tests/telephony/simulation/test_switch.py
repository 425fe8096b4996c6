"""The simulated switch does what the real one is configured to do."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from telephony.asterisk.site import Site
from telephony.centre.actions import AdoptSeat, HangUpLeg, RingSeat, StepIn, StepOut
from telephony.centre.facts import (
    CallerArrived,
    Fact,
    JournalEntry,
    LegEnd,
    LegGone,
    LegState,
    RoomEntered,
    RoomLeft,
)
from telephony.simulation import alone, switch
from telephony.simulation.clock import Clock
from telephony.simulation.switch import SimulatedSwitch
from telephony.simulation.trace import Trace

TEMPLATES = Path(__file__).parents[3] / "configs" / "asterisk"
START = 1_760_000_000.0


def configured(file: str, pattern: str) -> int:
    found = re.search(pattern, (TEMPLATES / file).read_text(encoding="utf-8"))
    assert found, f"{file} has no {pattern}"
    return int(found[1])


def test_its_times_are_those_of_the_configuration() -> None:
    site = Site(run=Path(), recordings=Path(), ami_secret="", seats=(), trunks=())
    assert site.heartbeat_limit == switch.HEARTBEAT_LIMIT_S
    assert site.abandoned_after == alone.ABANDONED_AFTER_S
    assert configured("queues.conf", r"\ntimeout = (\d+)") == alone.RING_S
    assert configured("queues.conf", r"\nretry = (\d+)") == alone.RETRY_S
    assert configured("extensions.conf", r"\n same => n\(next\),Wait\((\d+)\)") == alone.WATCH_EVERY_S
    assert configured("pjsip.conf", r"\n\[seat\][^\[]*\nrtp_timeout = (\d+)") == switch.MEDIA_TIMEOUT_S


class Caller:
    """Somebody who listens."""

    def __init__(self) -> None:
        self.hears_somebody = False
        self.is_there = True

    def met(self, leg: str) -> None:
        self.hears_somebody = True

    def ended(self, leg: str) -> None:
        self.is_there = False


class Phone(Caller):
    """A phone that is picked up as soon as it rings, if `answers`."""

    def __init__(self, house: SimulatedSwitch, *, answers: bool = True) -> None:
        super().__init__()
        self._house = house
        self._answers = answers
        self.rung: list[str] = []

    def rings(self, leg: str) -> None:
        self.rung.append(leg)
        if self._answers:
            self._house.answer(leg)

    def switch_restarted(self) -> None:
        self.is_there = False


class Bench:
    """A switch, what it says, and a heartbeat that can stop."""

    def __init__(self) -> None:
        self.clock = Clock(START)
        self.switch = SimulatedSwitch(self.clock, random.Random(1), Trace(self.clock))
        self.facts: list[Fact] = []
        self.switch.tell = self.facts.append
        self.alive = True
        self.switch.alone.ensure_watch()
        self._beat()

    def _beat(self) -> None:
        if self.alive:
            self.switch.heartbeat = int(self.clock.now)
        self.clock.after(1.0, self._beat)

    def later(self, seconds: float) -> None:
        self.clock.run(self.clock.now + seconds)

    def where(self, leg: str) -> LegState:
        return next(listed.state for listed in self.switch.legs_now() if listed.leg == leg)

    def ring(self, call_id: str, seat: str = "1001") -> bool:
        return self.switch.carry_out(
            RingSeat(leg="ring", call_id=call_id, seat=seat, agent_id="li", ring_s=20, caller_number="1")
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_caller_is_announced_and_enters_a_room(bench: Bench) -> None:
    leg = bench.switch.dial(Caller(), "13800138000", "12345")
    bench.later(1.0)
    (call_id,) = bench.switch.arrived
    arrival, entered = bench.facts
    assert isinstance(arrival, CallerArrived) and arrival.caller_number == "13800138000"
    assert entered == RoomEntered(call_id=call_id, leg=leg)
    bench.switch.hang_up(leg)
    bench.later(1.0)
    left, noted, gone = bench.facts[2:]
    assert left == RoomLeft(call_id=call_id, leg=leg)
    assert isinstance(noted, JournalEntry) and noted.until == int(START + 1.0)
    assert gone == LegGone(leg=leg, end=LegEnd.HUNG_UP)


def test_an_agent_who_answers_meets_the_caller_and_may_step_out_and_in(bench: Bench) -> None:
    caller, phone = Caller(), Phone(bench.switch)
    bench.switch.register("1001", phone)
    bench.switch.dial(caller, "1", "12345")
    bench.later(1.0)
    (call_id,) = bench.switch.arrived
    assert bench.ring(call_id)
    bench.later(1.0)
    assert caller.hears_somebody and phone.hears_somebody
    for action, place in ((StepOut(leg="ring"), LegState.ON_HOLD), (StepIn(leg="ring"), LegState.IN_ROOM)):
        assert bench.switch.carry_out(action)
        bench.later(1.0)
        assert bench.where("ring") is place


@pytest.mark.parametrize(
    ("registered", "end", "after"), [(True, LegEnd.NO_ANSWER, 21.0), (False, LegEnd.UNREACHABLE, 1.0)]
)
def test_a_phone_that_is_not_answered_says_so_twice(
    bench: Bench, registered: bool, end: LegEnd, after: float
) -> None:
    if registered:
        bench.switch.register("1001", Phone(bench.switch, answers=False))
    assert bench.ring("some-call")
    bench.later(after)
    ends = [fact.end for fact in bench.facts if isinstance(fact, LegGone)]
    assert ends == [end, LegEnd.UNREACHABLE]


def test_a_leg_that_does_not_exist_is_not_obeyed(bench: Bench) -> None:
    assert not bench.switch.carry_out(HangUpLeg(leg="nobody"))
    assert not bench.switch.carry_out(StepOut(leg="nobody"))


def test_without_a_controller_callers_come_to_phones_and_can_be_taken_over(bench: Bench) -> None:
    bench.alive = False
    bench.later(5.0)
    caller, phone = Caller(), Phone(bench.switch)
    bench.switch.register("1001", phone)
    leg = bench.switch.dial(caller, "1", "12345")
    bench.later(2.0)
    assert caller.hears_somebody
    (seat_leg,) = phone.rung
    legs = {listed.leg: listed for listed in bench.switch.legs_now()}
    assert (legs[leg].state, legs[leg].partner) == (LegState.ALONE_TALKING, seat_leg)
    assert (legs[seat_leg].call_id, legs[seat_leg].seat) == (None, "1001")
    bench.alive = True
    bench.later(1.0)
    (call_id,) = bench.switch.arrived
    assert bench.switch.carry_out(
        AdoptSeat(call_id=call_id, caller_leg=leg, seat_leg=seat_leg, agent_id="li")
    )
    bench.later(1.0)
    assert {bench.where(leg), bench.where(seat_leg)} == {LegState.IN_ROOM}


def test_a_caller_left_alone_in_the_room_is_served_once_the_controller_has_been_silent_too_long(
    bench: Bench,
) -> None:
    leg = bench.switch.dial(Caller(), "1", "12345")
    bench.later(1.0)
    bench.alive = False
    bench.later(float(alone.ABANDONED_AFTER_S))
    assert bench.where(leg) is LegState.IN_ROOM
    bench.later(4.0)
    assert bench.where(leg) is LegState.ALONE_WAITING
    bench.alive = True
    bench.later(1.0)
    assert bench.switch.carry_out(StepIn(leg=leg))
    bench.later(1.0)
    assert bench.where(leg) is LegState.IN_ROOM
    assert sum(isinstance(fact, CallerArrived) for fact in bench.facts) == 2, "announced again"


def test_a_switch_that_restarts_keeps_its_journal_only(bench: Bench) -> None:
    caller, phone = Caller(), Phone(bench.switch)
    bench.switch.register("1001", phone)
    bench.switch.dial(caller, "1", "12345")
    bench.later(1.0)
    bench.switch.restart()
    bench.later(1.0)
    assert (bench.switch.legs_now(), bench.switch.phones_now()) == ([], [])
    assert not caller.is_there and not phone.is_there
    (entry,) = bench.switch.journal_now()
    assert entry.until is None
