"""The audit trail: who did what to what, when, and from where. Entries are only ever added."""

from __future__ import annotations

import msgspec
from sqlalchemy import insert, select

from records.database import Database
from records.models import AuditRow

MOST = 200


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; any text is kept as it is, and must be escaped by whoever shows it.

    Attributes:
        at: epoch seconds.
        who: id of the person, or what was given as a username when nobody signed in.
        role: theirs at the time; empty when nobody signed in.
        action: a word for programs, e.g. `recording-heard`.
        object: what it was done to: the id of a call, a person, ...
        address: the network address that it came from.
    """

    at: float
    who: str
    role: str
    action: str
    object: str = ""
    address: str = ""


class Listed(Entry, frozen=True, kw_only=True):
    """An entry with its place in the trail."""

    id: int


async def write(database: Database, entry: Entry) -> None:
    """Add an entry; what it tells of happens after this returns."""
    async with database.writing() as connection:
        await connection.execute(insert(AuditRow).values(msgspec.structs.asdict(entry)))


async def latest(
    database: Database, *, limit: int = 100, before: int | None = None, who: str | None = None
) -> list[Listed]:
    """Return entries, latest first; those before the entry `before`, and of one person, when given."""
    statement = (
        select(*AuditRow.__table__.columns).order_by(AuditRow.id.desc()).limit(min(max(limit, 1), MOST))
    )
    if before is not None:
        statement = statement.where(AuditRow.id < before)
    if who is not None:
        statement = statement.where(AuditRow.who == who)
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return [
            Listed(
                id=row.id,
                at=row.at,
                who=row.who,
                role=row.role,
                action=row.action,
                object=row.object,
                address=row.address,
            )
            for row in rows
        ]
