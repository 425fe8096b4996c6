"""The shape of ``queues.toml``: dialled numbers, queues, skills, languages, and how callers are ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from telephony.config.hours import OpeningHours
from telephony.config.kinds import Label, LanguageCode, Name, Number

_Seconds = {"unit": "seconds"}

SkillLevel = Annotated[int, msgspec.Meta(ge=1, le=5)]
"""How well an agent has a skill: 1 (trained) to 5 (expert)."""

Priority = Annotated[int, msgspec.Meta(ge=0, le=9)]
"""How urgent a caller is: 0 (ordinary) to 9."""

Strategy = Literal["longest-idle", "least-occupied", "best-skill-first"]
"""Which of several free agents a queue rings."""


class AcdSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for all queues.

    Attributes:
        ageing_s: seconds of waiting that weigh as much as one level of priority.
        ring_again_s: how long an agent who let a caller ring out is not rung for the same caller again, while
            somebody else could take the call.
        default_language: language of a caller who chose none.
    """

    default_language: LanguageCode
    ageing_s: Annotated[int, msgspec.Meta(ge=1, le=3600, extra=_Seconds)] = 30
    ring_again_s: Annotated[int, msgspec.Meta(ge=0, le=3600, extra=_Seconds)] = 60


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language that callers are served in; agents must speak it."""

    name: Label


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that agents know, at a level; queues ask for it."""

    name: Label


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers that callers dial, and where these callers wait."""

    name: Label
    numbers: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1)]
    queue: Name
    priority: Priority = 0


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an agent must know to serve a queue."""

    skill: Name
    min_level: SkillLevel = 1


class Overflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After ``after_s`` of waiting, agents who serve ``queue`` may take the caller as well."""

    after_s: Annotated[int, msgspec.Meta(ge=0, le=3600, extra=_Seconds)]
    queue: Name


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A queue of callers.

    Attributes:
        ring_s: how long an agent's phone rings before the caller goes to somebody else.
        wrap_up_s: time for the form after a call; ``agents.default_wrap_up_s`` when absent.
        service_level_s: a call counts as answered in time within this (GB/T 33358-2016: 15 s).
        hours: when the queue is open; always, when empty.
        closed_overflow: the queue whose agents serve its callers while it is closed.
    """

    name: Label
    needs: Needs
    strategy: Strategy = "longest-idle"
    ring_s: Annotated[int, msgspec.Meta(ge=5, le=60, extra=_Seconds)] = 20
    wrap_up_s: Annotated[int, msgspec.Meta(ge=0, le=900, extra=_Seconds)] | None = None
    service_level_s: Annotated[int, msgspec.Meta(ge=1, le=600, extra=_Seconds)] = 15
    hours: tuple[OpeningHours, ...] = ()
    closed_overflow: Name | None = None
    overflow: tuple[Overflow, ...] = ()


class QueuesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``queues.toml`` as a whole."""

    acd: AcdSettings
    languages: Annotated[Mapping[LanguageCode, Language], msgspec.Meta(min_length=1)]
    skills: Annotated[Mapping[Name, Skill], msgspec.Meta(min_length=1)]
    queues: Annotated[Mapping[Name, Queue], msgspec.Meta(min_length=1)]
    lines: Annotated[Mapping[Name, Line], msgspec.Meta(min_length=1)]
