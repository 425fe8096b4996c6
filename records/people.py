"""Accounts: who may sign in at the desk, as what, and which calls they take."""

from __future__ import annotations

import enum
import re
import time
import uuid
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from records.database import Database
from records.models import PersonRow
from telephony.config import Label

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_LINE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,100}")
_SKILL = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Role(enum.StrEnum):
    """What an account is for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a person.

    Attributes:
        username: for signing in; small letters, digits, '.', '_' and '-'.
        name: as colleagues see it.
        skills: skill to level, 1 (trained) to 5 (expert); names are those of queues.toml.
        languages: codes of queues.toml.
    """

    username: str
    name: str
    role: Role
    team: str = ""
    skills: dict[str, int] = msgspec.field(default_factory=dict)
    languages: list[str] = msgspec.field(default_factory=list)


class Person(Profile, frozen=True, kw_only=True):
    """An account as it is kept; `created_at` in epoch seconds."""

    id: str
    disabled: bool
    created_at: float


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A person and the hash of their password."""

    person: Person
    password_hash: str


class ProfileRefused(Exception):
    """A profile cannot be kept as it is: `field` says where, the message what to do."""

    def __init__(self, field: str, message: Label) -> None:
        super().__init__(f"{field}: {message.en}")
        self.field = field
        self.message = message


async def add(database: Database, profile: Profile, password_hash: str) -> Person:
    """Make an account. Raises ProfileRefused, also when the username is taken."""
    _check(profile)
    person = Person(
        id=uuid.uuid4().hex,
        disabled=False,
        created_at=time.time(),
        **msgspec.structs.asdict(profile),
    )
    try:
        async with database.writing() as connection:
            await connection.execute(
                insert(PersonRow).values(
                    id=person.id,
                    password_hash=password_hash,
                    disabled=False,
                    created_at=person.created_at,
                    **_columns(profile),
                )
            )
    except IntegrityError as error:
        raise _taken(profile.username) from error
    return person


async def change(database: Database, person_id: str, profile: Profile) -> bool:
    """Give an account another profile; False when there is no such account. Raises ProfileRefused."""
    _check(profile)
    try:
        return await _update(database, PersonRow.id == person_id, **_columns(profile))
    except IntegrityError as error:
        raise _taken(profile.username) from error


async def set_password(database: Database, username: str, password_hash: str) -> bool:
    """Replace a password's hash; False when there is no such account."""
    return await _update(database, PersonRow.username == username, password_hash=password_hash)


async def set_disabled(database: Database, username: str, disabled: bool) -> bool:
    """Bar an account from signing in, or let it in again; False when there is no such account."""
    return await _update(database, PersonRow.username == username, disabled=disabled)


async def credentials(database: Database, username: str) -> Credentials | None:
    """Return whom a username belongs to, barred or not; None when it is nobody's."""
    async with database.reading() as connection:
        row = (await connection.execute(_PEOPLE.where(PersonRow.username == username))).one_or_none()
    return None if row is None else Credentials(person=_person(row), password_hash=row.password_hash)


async def by_id(database: Database, person_id: str) -> Person | None:
    """Return an account; None when there is none of that id."""
    async with database.reading() as connection:
        row = (await connection.execute(_PEOPLE.where(PersonRow.id == person_id))).one_or_none()
    return None if row is None else _person(row)


async def everybody(database: Database) -> list[Person]:
    """Return all accounts by username, the barred ones too."""
    async with database.reading() as connection:
        rows = await connection.execute(_PEOPLE.order_by(PersonRow.username))
        return [_person(row) for row in rows]


_PEOPLE = select(*PersonRow.__table__.columns)


async def _update(database: Database, where: ColumnElement[bool], **values: object) -> bool:
    async with database.writing() as connection:
        changed = await connection.execute(update(PersonRow).where(where).values(values))
    return changed.rowcount > 0


def _check(profile: Profile) -> None:
    if not _USERNAME.fullmatch(profile.username):
        raise ProfileRefused(
            "username",
            Label(
                zh="用户名须为2至64个小写字母、数字或 . _ -",
                en="use 2 to 64 small letters, digits, '.', '_' or '-', beginning with a letter or digit",
            ),
        )
    if not _LINE.fullmatch(profile.name) or not profile.name.strip():
        raise ProfileRefused(
            "name", Label(zh="请填写一行姓名,不超过100字", en="give one line of up to 100 characters")
        )
    if profile.team and not _LINE.fullmatch(profile.team):
        raise ProfileRefused(
            "team", Label(zh="班组须为一行,不超过100字", en="give one line of up to 100 characters")
        )
    for skill, level in profile.skills.items():
        if not _SKILL.fullmatch(skill) or not 1 <= level <= 5:
            raise ProfileRefused(
                "skills",
                Label(zh="技能等级须为1至5", en="give skills of queues.toml, each with a level from 1 to 5"),
            )
    for language in profile.languages:
        if not _LANGUAGE.fullmatch(language):
            raise ProfileRefused(
                "languages",
                Label(zh="请使用 queues.toml 中的语言代码", en="use the language codes of queues.toml"),
            )
    if profile.role is Role.AGENT and not profile.languages:
        raise ProfileRefused(
            "languages", Label(zh="坐席至少会一种语言", en="an agent speaks at least one language")
        )


def _taken(username: str) -> ProfileRefused:
    return ProfileRefused(
        "username", Label(zh=f"用户名 {username} 已被使用", en=f"{username} is taken: choose another")
    )


def _columns(profile: Profile) -> dict[str, object]:
    return {
        "username": profile.username,
        "name": profile.name,
        "role": profile.role,
        "team": profile.team,
        "skills": msgspec.json.encode(profile.skills).decode(),
        "languages": msgspec.json.encode(profile.languages).decode(),
    }


def _person(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(
        id=row.id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        team=row.team,
        skills=msgspec.json.decode(row.skills, type=dict[str, int]),
        languages=msgspec.json.decode(row.languages, type=list[str]),
        disabled=row.disabled,
        created_at=row.created_at,
    )
