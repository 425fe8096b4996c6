"""Whatever happens in whatever order, the ACD answers as one that looks at everybody each time."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telephony.acd import Acd, AcdPolicy, AgentProfile, QueuePolicy, Standing, WaitingCall
from telephony.acd.hours import weekly_hours
from telephony.config import OpeningHours, Overflow

from .reference import ReferenceAcd

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALWAYS = weekly_hours((), SHANGHAI)
OFFICE = weekly_hours([OpeningHours(days="mon-fri", open="08:30", close="18:00")], SHANGHAI)
NIGHT = weekly_hours([OpeningHours(days="mon-sun", open="20:00", close="06:00")], SHANGHAI)
MONDAY_0829 = 1_700_440_140.0
"""20 November 2023, 08:29 in Shanghai: a minute before the office opens."""

POLICY = AcdPolicy(
    queues={
        "citizen": QueuePolicy(
            skill="citizen", hours=ALWAYS, overflow=(Overflow(60, "general"), Overflow(20, "elderly"))
        ),
        "enterprise": QueuePolicy(
            skill="enterprise", min_level=2, strategy="best-skill-first", hours=ALWAYS,
            overflow=(Overflow(20, "consumer"), Overflow(0, "general")),
        ),
        "elderly": QueuePolicy(skill="elderly", strategy="least-occupied", hours=ALWAYS),
        "consumer": QueuePolicy(
            skill="consumer", strategy="least-occupied", hours=OFFICE, closed_overflow="night",
            overflow=(Overflow(60, "citizen"),),
        ),
        "night": QueuePolicy(skill="citizen", min_level=3, hours=NIGHT),
        "general": QueuePolicy(skill="general", strategy="best-skill-first", hours=ALWAYS),
    },
    ageing_s=30.0,
    ring_again_s=45.0,
)  # fmt: skip
QUEUES = sorted(POLICY.queues)
SKILLS = sorted({queue.skill for queue in POLICY.queues.values()})
LANGUAGES = ["zh", "en"]

profiles = st.builds(
    lambda skills, languages: (skills, frozenset(languages)),
    st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5), min_size=1),
    st.sampled_from([["zh"], ["zh", "en"], ["en"]]),
)


class Pair:
    """The ACD and its reference, told the same and compared after each step."""

    def __init__(self) -> None:
        self.acd = Acd(POLICY)
        self.reference = ReferenceAcd(POLICY)
        self.now = MONDAY_0829
        self.calls: dict[str, WaitingCall] = {}
        self.rung: dict[str, str] = {}
        self.serial = 0

    def new_id(self) -> str:
        self.serial += 1
        return f"{self.serial:04}"

    def agents(self, *standings: Standing) -> list[str]:
        return [name for name, agent in self.reference.agents.items() if agent.standing in standings]

    def waiting_ids(self) -> list[str]:
        return list(self.reference.calls)

    def reserved(self) -> list[str]:
        return list(self.reference.reserved)

    def ringing(self, call_id: str) -> str:
        return next(name for name, a in self.reference.agents.items() if a.call_id == call_id)

    def sign_in(self, skills: dict[str, int], languages: frozenset[str]) -> None:
        profile = AgentProfile(agent_id="a" + self.new_id(), skills=skills, languages=languages)
        self.acd.sign_in(profile, self.now)
        self.reference.sign_in(profile, self.now)

    def update(self, agent_id: str, skills: dict[str, int], languages: frozenset[str]) -> None:
        profile = AgentProfile(agent_id=agent_id, skills=skills, languages=languages)
        self.acd.update_profile(profile, self.now)
        self.reference.update_profile(profile, self.now)

    def agent_does(self, agent_id: str, what: str) -> None:
        getattr(self.acd, what)(agent_id, self.now)
        getattr(self.reference, what)(agent_id, self.now)

    def call_arrives(self, queue: str, language: str, priority: int, waited: int) -> None:
        call = WaitingCall(
            call_id="c" + self.new_id(), queue=queue, language=language, priority=priority,
            waiting_since=self.now - waited,
        )  # fmt: skip
        self.calls[call.call_id] = call
        self.acd.enqueue(call, self.now)
        self.reference.enqueue(call, self.now)

    def not_answered(self, call_id: str) -> None:
        agent_id = self.ringing(call_id)
        for acd in (self.acd, self.reference):
            acd.enqueue(self.calls[call_id], self.now)
            acd.exclude(call_id, agent_id, self.now)

    def exclude(self, call_id: str, agent_id: str) -> None:
        self.acd.exclude(call_id, agent_id, self.now)
        self.reference.exclude(call_id, agent_id, self.now)

    def caller_gives_up(self, call_id: str) -> None:
        assert self.acd.withdraw(call_id, self.now)
        assert self.reference.withdraw(call_id, self.now)

    def change_queue(self, call_id: str, queue: str) -> None:
        self.acd.change_queue(call_id, queue, self.now)
        self.reference.change_queue(call_id, queue, self.now)

    def move_up(self, call_id: str, levels: int) -> None:
        self.acd.move_up(call_id, levels, self.now)
        self.reference.move_up(call_id, levels, self.now)

    def match(self) -> None:
        assert self.acd.match(self.now) == self.reference.match(self.now)

    def time_passes(self, seconds: float) -> None:
        """Nothing may become possible before the moment that the ACD has announced."""
        self.match()
        announced = self.acd.next_event(self.now)
        self.now += seconds
        if announced is None or self.now < announced:
            assert self.reference.match(self.now) == []
        self.match()
        for call_id in self.waiting_ids():
            assert self.acd.position(call_id) == self.reference.position(call_id, self.now)

    def agree(self) -> None:
        assert self.acd.waiting() == self.reference.waiting()
        for agent_id in self.reference.agents:
            assert self.acd.standing(agent_id) is self.reference.standing(agent_id)


class SameAsReference(RuleBasedStateMachine):
    """Hypothesis looks for a story in which the two differ, and tells the shortest one."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    @initialize(team=st.lists(profiles, min_size=1, max_size=4))
    def a_team_starts_work(self, team: list[tuple[dict[str, int], frozenset[str]]]) -> None:
        for skills, languages in team:
            self.pair.sign_in(skills, languages)

    @rule(profile=profiles)
    def sign_in(self, profile: tuple[dict[str, int], frozenset[str]]) -> None:
        self.pair.sign_in(*profile)

    @precondition(lambda self: self.pair.reference.agents)
    @rule(data=st.data(), profile=profiles)
    def learn(self, data: st.DataObject, profile: tuple[dict[str, int], frozenset[str]]) -> None:
        self.pair.update(data.draw(st.sampled_from(self.pair.agents(*Standing))), *profile)

    @precondition(lambda self: self.pair.agents(Standing.AWAY, Standing.FREE, Standing.BUSY))
    @rule(data=st.data())
    def become_free(self, data: st.DataObject) -> None:
        able = self.pair.agents(Standing.AWAY, Standing.FREE, Standing.BUSY)
        self.pair.agent_does(data.draw(st.sampled_from(able)), "set_free")

    @precondition(lambda self: self.pair.reference.agents)
    @rule(data=st.data(), what=st.sampled_from(["set_busy", "set_away", "sign_out"]))
    def stop(self, data: st.DataObject, what: str) -> None:
        self.pair.agent_does(data.draw(st.sampled_from(self.pair.agents(*Standing))), what)

    @rule(
        queue=st.sampled_from(QUEUES),
        language=st.sampled_from(LANGUAGES),
        priority=st.integers(0, 3),
        waited=st.integers(0, 90),
    )
    def call(self, queue: str, language: str, priority: int, waited: int) -> None:
        self.pair.call_arrives(queue, language, priority, waited)

    @precondition(lambda self: self.pair.reserved())
    @rule(data=st.data())
    def not_answered(self, data: st.DataObject) -> None:
        self.pair.not_answered(data.draw(st.sampled_from(self.pair.reserved())))

    @precondition(lambda self: self.pair.waiting_ids() and self.pair.reference.agents)
    @rule(data=st.data())
    def exclude(self, data: st.DataObject) -> None:
        call_id = data.draw(st.sampled_from(self.pair.waiting_ids()))
        self.pair.exclude(call_id, data.draw(st.sampled_from(self.pair.agents(*Standing))))

    @precondition(lambda self: self.pair.waiting_ids() + self.pair.reserved())
    @rule(data=st.data())
    def caller_gives_up(self, data: st.DataObject) -> None:
        self.pair.caller_gives_up(data.draw(st.sampled_from(self.pair.waiting_ids() + self.pair.reserved())))

    @precondition(lambda self: self.pair.waiting_ids())
    @rule(data=st.data(), queue=st.sampled_from(QUEUES))
    def change_queue(self, data: st.DataObject, queue: str) -> None:
        self.pair.change_queue(data.draw(st.sampled_from(self.pair.waiting_ids())), queue)

    @precondition(lambda self: self.pair.waiting_ids())
    @rule(data=st.data(), levels=st.integers(1, 3))
    def move_up(self, data: st.DataObject, levels: int) -> None:
        self.pair.move_up(data.draw(st.sampled_from(self.pair.waiting_ids())), levels)

    @rule()
    def match(self) -> None:
        self.pair.match()

    @rule(seconds=st.integers(1, 70) | st.sampled_from([9 * 3600, 2 * 86400]))
    def time_passes(self, seconds: int) -> None:
        self.pair.time_passes(seconds)

    @precondition(lambda self: self.pair.acd.next_event(self.pair.now) is not None)
    @rule()
    def time_passes_to_the_next_event(self) -> None:
        announced = self.pair.acd.next_event(self.pair.now)
        assert announced is not None
        self.pair.time_passes(announced - self.pair.now)

    @invariant()
    def agree(self) -> None:
        self.pair.agree()


SameAsReference.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestSameAsReference = SameAsReference.TestCase


@pytest.mark.parametrize("seed", range(8))
def test_a_busy_fortnight_of_random_events_matches_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    pair = Pair()
    for _ in range(25):
        pair.sign_in(*_random_profile(rng))
    for _ in range(1500):
        _random_step(pair, rng)
        if rng.random() < 0.7:
            pair.match()
    pair.match()
    pair.agree()


@pytest.mark.parametrize("seed", range(8))
def test_three_agents_who_often_let_it_ring_match_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    pair = Pair()
    for _ in range(3):
        pair.sign_in({"citizen": 3, "elderly": rng.randint(1, 2)}, frozenset(["zh"]))
    for _ in range(1000):
        dice = rng.random()
        if dice < 0.1:
            pair.call_arrives(rng.choice(["citizen", "elderly"]), "zh", 0, 0)
        elif dice < 0.4:
            pair.agent_does(rng.choice(pair.agents(*Standing)), rng.choice(["set_away", "set_busy"]))
        elif dice < 0.7 and (at_rest := pair.agents(Standing.AWAY, Standing.BUSY)):
            pair.agent_does(rng.choice(at_rest), "set_free")
        elif dice < 0.85 and pair.reserved():
            pair.not_answered(rng.choice(pair.reserved()))
        elif dice < 0.9 and pair.waiting_ids():
            pair.exclude(rng.choice(pair.waiting_ids()), rng.choice(pair.agents(*Standing)))
        else:
            pair.time_passes(rng.choice([1, 10, 30]))
        pair.match()
        pair.agree()


def _random_profile(rng: random.Random) -> tuple[dict[str, int], frozenset[str]]:
    skills = {skill: rng.randint(1, 5) for skill in rng.sample(SKILLS, rng.randint(1, 4))}
    return skills, frozenset(rng.choice([["zh"], ["zh"], ["zh", "en"], ["en"]]))


def _random_step(pair: Pair, rng: random.Random) -> None:
    at_rest = pair.agents(Standing.AWAY, Standing.BUSY)
    dice = rng.random()
    if dice < 0.30:
        pair.call_arrives(rng.choice(QUEUES), rng.choice(LANGUAGES), rng.choice([0, 0, 0, 2, 4]), 0)
    elif dice < 0.55 and at_rest:
        pair.agent_does(rng.choice(at_rest), "set_free")
    elif dice < 0.75 and pair.reserved():
        pair.agent_does(pair.ringing(rng.choice(pair.reserved())), "set_busy")
    elif dice < 0.80 and pair.reserved():
        pair.not_answered(rng.choice(pair.reserved()))
    elif dice < 0.83 and pair.waiting_ids():
        pair.caller_gives_up(rng.choice(pair.waiting_ids()))
    elif dice < 0.85 and pair.waiting_ids():
        pair.change_queue(rng.choice(pair.waiting_ids()), rng.choice(QUEUES))
    elif dice < 0.87 and pair.waiting_ids():
        pair.move_up(rng.choice(pair.waiting_ids()), 1)
    elif dice < 0.89:
        pair.agent_does(rng.choice(pair.agents(*Standing)), "set_away")
    elif dice < 0.90:
        pair.update(rng.choice(pair.agents(*Standing)), *_random_profile(rng))
    else:
        pair.time_passes(rng.choice([1, 5, 20, 45, 600, 7200]))
