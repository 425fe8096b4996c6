"""The tables. Moments are epoch seconds (double precision), as in live state; documents are JSON text."""

from __future__ import annotations

import enum
import re

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from records.stored_text import StoredText

_NUMBER_LENGTH = 32
_NOT_DIALLED = re.compile(r"[^0-9+*#]")

_KEY = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows by itself only in a column of exactly this type."""


def number_key(number: str) -> str:
    """Return what a number is found by: its digits, and not endlessly many, since no index takes that."""
    return _NOT_DIALLED.sub("", number)[:_NUMBER_LENGTH]


class Base(DeclarativeBase):
    """All tables of the hotline."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


class RecordRow(Base):
    """A finished call: the record as a document, and beside it what lists are made and searched by."""

    __tablename__ = "records"

    record_id: Mapped[str] = mapped_column(StoredText, primary_key=True)
    call_id: Mapped[str] = mapped_column(StoredText, unique=True)
    schema_version: Mapped[int]
    caller_number: Mapped[str] = mapped_column(String(_NUMBER_LENGTH))
    line: Mapped[str] = mapped_column(StoredText)
    queue: Mapped[str] = mapped_column(StoredText)
    agent_id: Mapped[str | None] = mapped_column(StoredText)
    offered_at: Mapped[float] = mapped_column(Double)
    kept_at: Mapped[float] = mapped_column(Double)
    document: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "offered_at", "record_id"), Index(None, "caller_number", "offered_at"))


class DeliveryState(enum.StrEnum):
    """Where a record is on its way to the case store."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """The case store refused it: somebody has to look, then send it again."""


class OutboxRow(Base):
    """A record's way to the case store; written together with the record.

    `next_attempt_at` is when a pending record may be tried, and while it is being tried, when another process
    may take it for abandoned.
    """

    __tablename__ = "outbox"

    call_id: Mapped[str] = mapped_column(StoredText, ForeignKey("records.call_id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[float] = mapped_column(Double)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[float] = mapped_column(Double)
    settled_at: Mapped[float | None] = mapped_column(Double)
    last_error: Mapped[str | None] = mapped_column(StoredText)
    stored_as: Mapped[str | None] = mapped_column(StoredText)

    __table_args__ = (Index(None, "state", "next_attempt_at"), Index(None, "state", "created_at"))


class PersonRow(Base):
    """An account."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(StoredText, primary_key=True)
    username: Mapped[str] = mapped_column(StoredText, unique=True)
    name: Mapped[str] = mapped_column(StoredText)
    role: Mapped[str] = mapped_column(String(16))
    team: Mapped[str] = mapped_column(StoredText)
    password_hash: Mapped[str] = mapped_column(Text)
    skills: Mapped[str] = mapped_column(Text)
    languages: Mapped[str] = mapped_column(Text)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float] = mapped_column(Double)


class AuditRow(Base):
    """Who did what to what, and from where. Rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    at: Mapped[float] = mapped_column(Double)
    who: Mapped[str] = mapped_column(StoredText)
    role: Mapped[str] = mapped_column(StoredText)
    action: Mapped[str] = mapped_column(StoredText)
    object: Mapped[str] = mapped_column(StoredText)
    address: Mapped[str] = mapped_column(StoredText)
