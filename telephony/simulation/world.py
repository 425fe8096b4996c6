"""A simulated contact centre: one seed, from the first caller until everybody is gone."""

from __future__ import annotations

import random

import msgspec

from telephony.simulation.agents import SimulatedAgent
from telephony.simulation.clock import Clock
from telephony.simulation.comparison import Comparison
from telephony.simulation.controller import SimulatedController
from telephony.simulation.faults import Faults
from telephony.simulation.invariants import Invariants
from telephony.simulation.keeper import Keeper
from telephony.simulation.live_state import LiveState
from telephony.simulation.network import Network
from telephony.simulation.people import SimulatedCaller
from telephony.simulation.scenario import House, Scenario, scenario_of
from telephony.simulation.switch import SimulatedSwitch
from telephony.simulation.trace import Trace

LONGEST_END_S = 3600.0
FIRST_SEAT = 1001
SPARE_SEATS = 2


class Outcome(msgspec.Struct, frozen=True):
    """What a run came to: calls that ended in their record, simulated seconds, and how often what happened."""

    calls: int
    seconds: float
    counts: dict[str, int]


class World:
    """Everything of one scenario, on one clock."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.clock = clock = Clock(scenario.start)
        self.trace = trace = Trace(clock)
        self.switch = SimulatedSwitch(clock, self._rng("switch"), trace)
        self._network = Network(clock, self.switch, self._rng("network"), trace, scenario.troubles.doubled)
        self._live = LiveState(clock, self._rng("live state"))
        self._invariants = Invariants(clock, self.switch, scenario.policy)
        self._comparison = Comparison(clock, self.switch)
        self.controller = SimulatedController(
            clock,
            self._network,
            self._live,
            self._rng("controller"),
            trace,
            (scenario.policy, scenario.acd_policy),
            self._invariants,
        )
        self._keeper = Keeper(
            clock, self._live, self.controller, self._rng("keeper"), trace, self._invariants.record_written
        )
        self._faults = Faults(
            clock, self._network, self.switch, self.controller, self._live, self._rng("faults"), trace
        )
        self._callers = self._rng("callers")
        self._agents: dict[str, SimulatedAgent] = {}

    def run(self) -> Outcome:
        """Return what came of it. Raises Violation as soon as a promise is broken."""
        scenario, clock = self._scenario, self.clock
        self.controller.start()
        self._live.on_call, self._live.on_agent = self._keeper.sees, self._agent_changed
        seats = [str(FIRST_SEAT + number) for number in range(len(scenario.agents) + SPARE_SEATS)]
        for identity in scenario.agents:
            self._agents[identity.agent_id] = SimulatedAgent(
                identity,
                seats,
                clock,
                self.switch,
                self.controller,
                self._live,
                self._rng(identity.agent_id),
                self.trace,
                scenario.agent_habits,
            )
        self._faults.begin(scenario.troubles)
        self._next_caller()
        clock.after(1.0, self._look)
        clock.run(scenario.start + scenario.length_s)
        self._faults.stop()
        while not self._is_over() and clock.now < scenario.start + scenario.length_s + LONGEST_END_S:
            clock.run(clock.now + 5.0)
        self._invariants.finished(self.controller, self._keeper.records)
        counts = {f"{who} {deed}": number for (who, deed), number in self.trace.counts.items()}
        return Outcome(len(self._keeper.records), clock.now - scenario.start, counts)

    def _rng(self, name: str) -> random.Random:
        return random.Random(f"{name} {self._scenario.seed}")  # noqa: S311 - repeatable on purpose

    def _next_caller(self) -> None:
        clock, scenario = self.clock, self._scenario
        if clock.now > scenario.start + scenario.length_s:
            return
        rng = self._callers
        SimulatedCaller(clock, self.switch, rng, scenario.caller_habits, rng.choice(scenario.dialled))
        clock.after(rng.expovariate(1 / scenario.callers_every_s), self._next_caller)

    def _look(self) -> None:
        self._comparison.look(self.controller)
        self.clock.after(1.0, self._look)

    def _agent_changed(self, agent_id: str) -> None:
        if agent_id in self._agents:
            self._agents[agent_id].sees()

    def _is_over(self) -> bool:
        centre = self.controller.centre
        return (
            centre is not None
            and self.controller.linked_since is not None
            and not centre.calls
            and not self.switch.channels
            and not self.switch.journal
        )


def run(seed: int, house: House) -> Outcome:
    """Return what came of a seed. Raises Violation with the seed and the last of its trace."""
    world = World(scenario_of(seed, house))
    try:
        return world.run()
    except Exception as failure:
        failure.add_note(f"seed {seed}: replay it with python -m telephony.simulation --seed {seed} --trace")
        for line in world.trace.lines(last=40):
            failure.add_note(line)
        raise
