"""The rules of the house that the centre follows, taken from the configuration."""

from __future__ import annotations

import msgspec

from telephony.config import Config


class LinePolicy(msgspec.Struct, frozen=True):
    """Where the callers of a line wait."""

    name: str
    queue: str
    priority: int


class QueuePolicy(msgspec.Struct, frozen=True):
    """How long a queue's agents are rung and wrap up, seconds."""

    ring_s: int
    wrap_up_s: int


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` by dialled number; `default_line` for a number that no line names, so that nobody is turned away."""

    lines: dict[str, LinePolicy]
    default_line: LinePolicy
    queues: dict[str, QueuePolicy]
    language: str
    languages: frozenset[str]
    reasons: frozenset[str]
    vanish_grace_s: float

    def line_of(self, dialled: str) -> LinePolicy:
        """Return the line that a dialled number belongs to."""
        return self.lines.get(dialled, self.default_line)


def policy_of(config: Config) -> Policy:
    """Return the centre's part of the configuration."""
    lines: dict[str, LinePolicy] = {}
    for name, line in config.queues.lines.items():
        for number in line.numbers:
            lines[number] = LinePolicy(name, line.queue, line.priority)
    return Policy(
        lines=lines,
        default_line=next(iter(lines.values())),
        queues={
            name: QueuePolicy(queue.ring_s, config.wrap_up_s(name))
            for name, queue in config.queues.queues.items()
        },
        language=config.queues.acd.default_language,
        languages=frozenset(config.queues.languages),
        reasons=frozenset(reason.id for reason in config.hotline.agents.pause_reasons),
        vanish_grace_s=config.hotline.agents.vanish_grace_s,
    )
