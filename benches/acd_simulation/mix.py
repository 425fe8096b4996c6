"""Beijing's mix: who calls, and who answers, on the shipped queues."""

from __future__ import annotations

import random
from pathlib import Path

from telephony.acd import AgentProfile, WaitingCall
from telephony.config import Config, load

AGENTS = 1_700
EIGHT_LANGUAGES = ("en", "fr", "de", "ru", "es", "ar", "ja", "ko")

LINES = {"citizen": 0.78, "enterprise": 0.08, "elderly": 0.04, "urban": 0.06, "consumer": 0.04}
"""Share of each line; most callers are Mandarin-speaking citizens."""
FOREIGN_SHARE = 0.02
ENGLISH_AMONG_FOREIGN = 0.5
FURTHER_SKILLS = {"enterprise": 0.15, "elderly": 0.20, "urban": 0.20, "consumer": 0.20, "general": 0.10}
"""Share of agents who have each skill beside that for citizens."""
SPEAK_ENGLISH = 0.06
SPEAK_ANOTHER = 0.03


def configuration() -> Config:
    """The configuration that the project ships."""
    return load(Path(__file__).parents[2] / "configs")


def agents(rng: random.Random) -> list[AgentProfile]:
    """1,700 agents; everybody serves Mandarin-speaking citizens."""
    return [_agent(f"agent-{number}", rng) for number in range(AGENTS)]


class Callers:
    """Makes callers in the mix, each with a line's queue and priority."""

    def __init__(self, config: Config, rng: random.Random) -> None:
        self._rng = rng
        self._lines = config.queues.lines
        self._made = 0

    def one(self, now: float) -> WaitingCall:
        """A caller who begins to wait at `now`, epoch seconds."""
        self._made += 1
        line = self._lines[self._rng.choices(list(LINES), list(LINES.values()))[0]]
        return WaitingCall(
            call_id=f"call-{self._made}",
            queue=line.queue,
            language=self._language(),
            priority=line.priority,
            waiting_since=now,
        )

    def _language(self) -> str:
        if self._rng.random() >= FOREIGN_SHARE:
            return "zh"
        return "en" if self._rng.random() < ENGLISH_AMONG_FOREIGN else self._rng.choice(EIGHT_LANGUAGES[1:])


def _agent(agent_id: str, rng: random.Random) -> AgentProfile:
    skills = {"citizen": rng.randint(1, 5)}
    for skill, share in FURTHER_SKILLS.items():
        if rng.random() < share:
            skills[skill] = rng.randint(2, 5)
    languages = {"zh"}
    if rng.random() < SPEAK_ENGLISH:
        languages.add("en")
    if rng.random() < SPEAK_ANOTHER:
        languages.add(rng.choice(EIGHT_LANGUAGES[1:]))
    return AgentProfile(agent_id=agent_id, skills=skills, languages=frozenset(languages))
