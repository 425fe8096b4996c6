"""Everything that the desk's routes work with, made once at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from agent_desk.areas import Areas, load_areas
from agent_desk.live.feed import LiveFeed
from agent_desk.lockout import Lockout
from agent_desk.passwords import Passwords
from agent_desk.seats import Seats
from agent_desk.sessions import Sessions
from records.database import Database
from records.drafts import Drafts
from telephony.command_bus import CommandBus
from telephony.config import Config


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The parts of one desk process. `recordings` is the folder in which each call's `<call_id>.wav` is."""

    config: Config
    areas: Areas
    seats: Seats
    database: Database
    recordings: Path
    bus: CommandBus
    feed: LiveFeed
    sessions: Sessions
    lockout: Lockout
    passwords: Passwords
    drafts: Drafts
    redis: Redis


def make_desk(
    *, config: Config, seats: Seats, database: Database, recordings: Path, redis: Redis, session_key: bytes
) -> Desk:
    """Return a desk on the given stores. Raises ConfigError when `areas.json` cannot be used.

    `redis` is shared by everything, so it must not repeat a command by itself after a lost connection.
    """
    return Desk(
        config=config,
        areas=load_areas(config.folder),
        seats=seats,
        database=database,
        recordings=recordings,
        bus=CommandBus(redis),
        feed=LiveFeed(redis, tuple(config.queues.queues)),
        sessions=Sessions(redis, session_key),
        lockout=Lockout(redis),
        passwords=Passwords(),
        drafts=Drafts(redis),
        redis=redis,
    )
