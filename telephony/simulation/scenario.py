"""What a seed stands for: who calls, who works, and what goes wrong."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from telephony.acd import AcdPolicy, acd_policy
from telephony.centre import Policy, policy_of
from telephony.commands import SignIn
from telephony.config import load
from telephony.simulation.agents import AgentHabits
from telephony.simulation.people import CallerHabits

CONFIGS = Path(__file__).parents[2] / "configs"
MIDNIGHT = 1_759_968_000.0
DAY_S = 86_400.0


class Troubles(msgspec.Struct, frozen=True, kw_only=True):
    """How often things go wrong: mean seconds between two of a kind, 0 for never; shares refused and doubled."""

    cut_every_s: float
    slow_every_s: float
    kill_every_s: float
    stall_every_s: float
    restart_every_s: float
    store_away_every_s: float
    refused: float
    doubled: float


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One seed's centre: `length_s` is the time in which callers come and things go wrong."""

    seed: int
    start: float
    length_s: float
    callers_every_s: float
    dialled: tuple[str, ...]
    agents: tuple[SignIn, ...]
    caller_habits: CallerHabits
    agent_habits: AgentHabits
    troubles: Troubles
    policy: Policy
    acd_policy: AcdPolicy


class House(msgspec.Struct, frozen=True):
    """The configuration that all seeds share."""

    policy: Policy
    acd_policy: AcdPolicy
    skills: tuple[str, ...]


def house(configs: Path = CONFIGS) -> House:
    """Return the configured house. Raises ConfigError."""
    config = load(configs)
    return House(policy_of(config), acd_policy(config), tuple(config.queues.skills))


def scenario_of(seed: int, house: House) -> Scenario:
    """Return what `seed` stands for; the same for the same configuration, always."""
    rng = random.Random(f"scenario {seed}")  # noqa: S311 - repeatable on purpose
    agents = rng.randint(1, 6)
    callers_every_s = rng.choice((8.0, 15.0, 30.0))
    return Scenario(
        seed=seed,
        start=MIDNIGHT + rng.uniform(0.0, DAY_S),
        length_s=rng.uniform(240.0, 480.0),
        callers_every_s=callers_every_s,
        dialled=tuple(rng.choices((*house.policy.lines, "12345", "99999"), k=rng.randint(1, 4))),
        agents=tuple(_agent(f"agent-{number}", house.skills, rng) for number in range(1, agents + 1)),
        caller_habits=CallerHabits(
            patience_s=rng.choice((20.0, 60.0, 180.0)),
            talk_s=rng.choice((10.0, 40.0, 120.0)),
            hasty=rng.choice((0.0, 0.1, 0.3)),
        ),
        agent_habits=_habits(rng),
        troubles=_troubles(rng),
        policy=_policy(house.policy, rng),
        acd_policy=house.acd_policy,
    )


def _agent(name: str, skills: tuple[str, ...], rng: random.Random) -> SignIn:
    known = rng.sample(skills, rng.randint(1, len(skills))) if rng.random() < 0.3 else list(skills)
    return SignIn(
        agent_id=name,
        name=name,
        team="simulated",
        seat="",
        skills={skill: rng.randint(1, 5) for skill in known},
        languages=["zh"] if rng.random() < 0.95 else ["en"],
    )


def _habits(rng: random.Random) -> AgentHabits:
    clumsy = rng.choice((0.0, 1.0, 1.0, 3.0))
    return AgentHabits(
        refuses=0.04 * clumsy,
        ignores=0.05 * clumsy,
        vanishes=0.03 * clumsy,
        reloads=0.06 * clumsy,
        holds=rng.choice((0.0, 0.3)),
        pauses=rng.choice((0.0, 0.3)),
        goes_away=rng.choice((0.0, 0.1)),
        talk_s=rng.choice((15.0, 45.0)),
        wrap_up_s=rng.choice((5.0, 30.0, 90.0)),
        shift_s=rng.choice((60.0, 600.0)),
    )


def _troubles(rng: random.Random) -> Troubles:
    calm = rng.random() < 0.1

    def every(*means: float) -> float:
        return 0.0 if calm else rng.choice((0.0, *means))

    return Troubles(
        cut_every_s=every(40.0, 120.0),
        slow_every_s=every(40.0, 120.0),
        kill_every_s=every(60.0, 150.0),
        stall_every_s=every(120.0),
        restart_every_s=every(0.0, 0.0, 400.0),
        store_away_every_s=every(100.0),
        refused=every(0.05),
        doubled=every(0.05, 0.5),
    )


def _policy(policy: Policy, rng: random.Random) -> Policy:
    """Some houses have no wrap-up time at all, so that agents go straight from one call to the next."""
    if rng.random() < 0.8:
        return policy
    queues = {name: msgspec.structs.replace(queue, wrap_up_s=0) for name, queue in policy.queues.items()}
    return msgspec.structs.replace(policy, queues=queues)
