"""What people choose from, with its names in both languages, and the districts of the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from agent_desk.access import EVERY_ROLE
from agent_desk.areas import District
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from records import labels
from telephony.agent import NotReadyReason
from telephony.config import Category, Config, Label

CENTRES_REASONS = {
    NotReadyReason.SIGNED_IN: Label(zh="刚签入", en="Just signed in"),
    NotReadyReason.NO_ANSWER: Label(zh="未接听", en="Did not answer"),
    NotReadyReason.REFUSED: Label(zh="拒接", en="Refused a call"),
    NotReadyReason.PHONE_LOST: Label(zh="话机掉线", en="Phone lost"),
}


class Choice(msgspec.Struct, frozen=True):
    """Something with a name."""

    id: str
    name: Label


class QueueSettings(msgspec.Struct, frozen=True):
    """A queue; `service_level_s` is within how many seconds a call counts as answered in time."""

    id: str
    name: Label
    service_level_s: int
    wrap_up_s: int


class CategorySettings(msgspec.Struct, frozen=True):
    """A category of requests with its second level."""

    id: str
    name: Label
    children: list[Choice]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The names of everything that live state and forms hold as ids.

    `not_ready_reasons` are those that an agent may choose; `centre_reasons` are given by the centre itself.
    """

    name: Label
    city: Label
    timezone: str
    lines: list[Choice]
    queues: list[QueueSettings]
    languages: list[Choice]
    skills: list[Choice]
    not_ready_reasons: list[Choice]
    centre_reasons: list[Choice]
    end_reasons: list[Choice]
    request_types: list[Choice]
    categories: list[CategorySettings]
    urgencies: list[Choice]
    genders: list[Choice]


table = Table("settings")


@table.operation("GET", "/api/settings", roles=None)
async def get_settings(visit: Visit) -> Settings:
    """Tell the names of lines, queues, languages, reasons, categories and choices.

    It is open to everybody, for the sign-in page shows the hotline's name; nothing here is about a citizen.
    """
    return settings_of(visit.desk.config)


@table.operation("GET", "/api/areas", roles=EVERY_ROLE)
async def get_areas(visit: Visit) -> list[District]:
    """Tell the districts of the city with their streets and townships."""
    return visit.desk.areas.districts


def settings_of(config: Config) -> Settings:
    """Return what the desk shows of a configuration."""
    queues = config.queues
    return Settings(
        name=config.hotline.hotline.name,
        city=config.hotline.hotline.city,
        timezone=config.hotline.hotline.timezone,
        lines=[Choice(line_id, line.name) for line_id, line in queues.lines.items()],
        queues=[
            QueueSettings(queue_id, queue.name, queue.service_level_s, config.wrap_up_s(queue_id))
            for queue_id, queue in queues.queues.items()
        ],
        languages=[Choice(code, language.name) for code, language in queues.languages.items()],
        skills=[Choice(skill_id, skill.name) for skill_id, skill in queues.skills.items()],
        not_ready_reasons=[Choice(reason.id, reason.name) for reason in config.hotline.agents.pause_reasons],
        centre_reasons=_choices(CENTRES_REASONS),
        end_reasons=_choices(labels.END_REASONS),
        request_types=_choices(labels.REQUEST_TYPES),
        categories=_categories(config.categories),
        urgencies=_choices(labels.URGENCIES),
        genders=_choices(labels.GENDERS),
    )


def _choices(names: Mapping[Any, Label]) -> list[Choice]:
    return [Choice(str(choice), name) for choice, name in names.items()]


def _categories(categories: Iterable[Category]) -> list[CategorySettings]:
    return [
        CategorySettings(
            category.id, category.name, [Choice(child.id, child.name) for child in category.children]
        )
        for category in categories
    ]
