"""The outbox: which records are still on their way to the case store. Moments are epoch seconds."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Insert, Row, Select, func, insert, select, update

from records.database import Database
from records.models import DeliveryState, OutboxRow, RecordRow

REASON_LENGTH = 1000


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was taken for delivery; `attempts` counts this one too. `document` is JSON."""

    call_id: str
    attempts: int
    document: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A record's way to the case store, for people.

    Attributes:
        next_attempt_at: when it will be tried again, while it is pending.
        settled_at: when it was delivered or refused.
        last_error: why the last attempt failed, or why it was refused.
        stored_as: the case store's own id.
    """

    call_id: str
    record_id: str
    state: DeliveryState
    created_at: float
    attempts: int
    next_attempt_at: float | None
    settled_at: float | None
    last_error: str | None
    stored_as: str | None


class OutboxFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How the outbox stands; `oldest_pending_s` is the age of the oldest undelivered record."""

    pending: int
    dead: int
    oldest_pending_s: float


class AlreadyDelivered(Exception):
    """The case store has the record: there is nothing to send again."""


def put_in(call_id: str, now: float) -> Insert:
    """Return the statement that puts a new record into the outbox, for the transaction that keeps it."""
    return insert(OutboxRow).values(
        call_id=call_id, state=DeliveryState.PENDING, created_at=now, attempts=0, next_attempt_at=now
    )


async def take(database: Database, *, limit: int, now: float, hold_s: float) -> list[Parcel]:
    """Take up to `limit` records that are due. Nobody else takes them within `hold_s` seconds."""
    due = (
        select(OutboxRow.call_id, OutboxRow.attempts, RecordRow.document)
        .join(RecordRow, RecordRow.call_id == OutboxRow.call_id)
        .where(OutboxRow.state == DeliveryState.PENDING, OutboxRow.next_attempt_at <= now)
        .order_by(OutboxRow.next_attempt_at, OutboxRow.created_at)
        .limit(limit)
        .with_for_update(of=OutboxRow, skip_locked=True)
    )
    async with database.writing() as connection:
        rows = (await connection.execute(due)).all()
        if rows:
            taken = update(OutboxRow).where(OutboxRow.call_id.in_([row.call_id for row in rows]))
            await connection.execute(
                taken.values(attempts=OutboxRow.attempts + 1, next_attempt_at=now + hold_s)
            )
    return [Parcel(call_id=row.call_id, attempts=row.attempts + 1, document=row.document) for row in rows]


async def hasten(database: Database, *, now: float) -> None:
    """Make everything that is pending due at `now`."""
    async with database.writing() as connection:
        await connection.execute(
            update(OutboxRow)
            .where(OutboxRow.state == DeliveryState.PENDING, OutboxRow.next_attempt_at > now)
            .values(next_attempt_at=now)
        )


async def next_due(database: Database) -> float | None:
    """Return when the next pending record is due; None when there is none."""
    statement = select(func.min(OutboxRow.next_attempt_at)).where(OutboxRow.state == DeliveryState.PENDING)
    async with database.reading() as connection:
        return await connection.scalar(statement)


async def mark_delivered(database: Database, call_id: str, *, now: float, stored_as: str | None) -> None:
    """The case store has the record, under `stored_as`."""
    async with database.writing() as connection:
        await connection.execute(
            update(OutboxRow)
            .where(OutboxRow.call_id == call_id)
            .values(state=DeliveryState.DELIVERED, settled_at=now, last_error=None, stored_as=stored_as)
        )


async def put_off(database: Database, call_id: str, *, until: float, reason: str) -> None:
    """The attempt failed: try again at `until`."""
    await _change_pending(database, call_id, next_attempt_at=until, last_error=reason[:REASON_LENGTH])


async def mark_dead(database: Database, call_id: str, *, now: float, reason: str) -> None:
    """The case store refused the record: it stays until somebody sends it again."""
    await _change_pending(
        database, call_id, state=DeliveryState.DEAD, settled_at=now, last_error=reason[:REASON_LENGTH]
    )


async def _change_pending(database: Database, call_id: str, **values: object) -> None:
    # Whoever took it meanwhile, after this attempt outlasted its hold, may have delivered it.
    statement = update(OutboxRow).where(
        OutboxRow.call_id == call_id, OutboxRow.state == DeliveryState.PENDING
    )
    async with database.writing() as connection:
        await connection.execute(statement.values(values))


async def resend(database: Database, call_id: str, *, now: float) -> Delivery | None:
    """Send a dead or waiting record again, at once; None when there is no such record.

    Raises AlreadyDelivered.
    """
    async with database.writing() as connection:
        await connection.execute(
            update(OutboxRow)
            .where(OutboxRow.call_id == call_id, OutboxRow.state != DeliveryState.DELIVERED)
            .values(state=DeliveryState.PENDING, attempts=0, next_attempt_at=now, settled_at=None)
        )
        found = (await connection.execute(_deliveries().where(OutboxRow.call_id == call_id))).one_or_none()
    if found is None:
        return None
    if found.state == DeliveryState.DELIVERED:
        raise AlreadyDelivered(f"the case store has the record of call {call_id}")
    return _delivery(found)


async def deliveries(
    database: Database, *, state: DeliveryState | None = None, limit: int = 100
) -> list[Delivery]:
    """Return deliveries, newest first; those in `state` when it is given."""
    statement = _deliveries().order_by(OutboxRow.created_at.desc(), OutboxRow.call_id).limit(limit)
    if state is not None:
        statement = statement.where(OutboxRow.state == state)
    async with database.reading() as connection:
        return [_delivery(row) for row in await connection.execute(statement)]


async def figures(database: Database, *, now: float) -> OutboxFigures:
    """Return how many records are on their way, how many were refused, and for how long the oldest waits."""
    statement = (
        select(OutboxRow.state, func.count().label("number"), func.min(OutboxRow.created_at).label("oldest"))
        .where(OutboxRow.state != DeliveryState.DELIVERED)
        .group_by(OutboxRow.state)
    )
    async with database.reading() as connection:
        found = {row.state: row for row in await connection.execute(statement)}
    pending, dead = found.get(DeliveryState.PENDING), found.get(DeliveryState.DEAD)
    return OutboxFigures(
        pending=pending.number if pending else 0,
        dead=dead.number if dead else 0,
        oldest_pending_s=max(0.0, now - pending.oldest) if pending else 0.0,
    )


def _deliveries() -> Select[str, str, str, float, int, float, float | None, str | None, str | None]:
    return select(
        OutboxRow.call_id,
        RecordRow.record_id,
        OutboxRow.state,
        OutboxRow.created_at,
        OutboxRow.attempts,
        OutboxRow.next_attempt_at,
        OutboxRow.settled_at,
        OutboxRow.last_error,
        OutboxRow.stored_as,
    ).join(RecordRow, RecordRow.call_id == OutboxRow.call_id)


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    state = DeliveryState(row.state)
    return Delivery(
        call_id=row.call_id,
        record_id=row.record_id,
        state=state,
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if state is DeliveryState.PENDING else None,
        settled_at=row.settled_at,
        last_error=row.last_error,
        stored_as=row.stored_as,
    )
