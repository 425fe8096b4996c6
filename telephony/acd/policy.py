"""What the ACD is told once: queues, what they need, how callers are ordered."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from telephony.acd.hours import WeeklyHours, weekly_hours
from telephony.config import Config, Overflow
from telephony.config.queues import Strategy


class QueuePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One queue.

    Attributes:
        skill: the skill that an agent must have, at `min_level` (1 to 5) or better.
        strategy: which of several free agents is taken.
        hours: when the queue is open.
        closed_overflow: the queue whose agents serve its callers while it is closed.
        overflow: queues whose agents may take its callers too, once these have waited so long.
    """

    skill: str
    min_level: int = 1
    strategy: Strategy = "longest-idle"
    hours: WeeklyHours
    closed_overflow: str | None = None
    overflow: tuple[Overflow, ...] = ()


class AcdPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """All queues, and what holds for all of them.

    Attributes:
        ageing_s: seconds of waiting that weigh as much as one level of priority.
        ring_again_s: how long an agent who let a caller ring out is not offered that caller again, while
            somebody else could take the call.
    """

    queues: Mapping[str, QueuePolicy]
    ageing_s: float
    ring_again_s: float


def acd_policy(config: Config) -> AcdPolicy:
    """Return the policy that `config` describes."""
    zone = ZoneInfo(config.hotline.hotline.timezone)
    return AcdPolicy(
        queues={
            name: QueuePolicy(
                skill=queue.needs.skill,
                min_level=queue.needs.min_level,
                strategy=queue.strategy,
                hours=weekly_hours(queue.hours, zone),
                closed_overflow=queue.closed_overflow,
                overflow=queue.overflow,
            )
            for name, queue in config.queues.queues.items()
        },
        ageing_s=config.queues.acd.ageing_s,
        ring_again_s=config.queues.acd.ring_again_s,
    )
