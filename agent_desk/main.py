"""The desk's role: opens the centre's stores and serves agents and supervisors until told to stop."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Protocol

from agent_desk.desk import make_desk
from agent_desk.seats import Seats
from agent_desk.server import listening, work
from records.database import Database, is_away
from telephony.config import Config
from telephony.deployment import open_deployment
from telephony.redis_client import connect

log = logging.getLogger(__name__)

FRONT_END = Path(__file__).parent / "web" / "dist"
MIGRATE_AGAIN_S = 1.0


class Options(Protocol):
    """What a role is started with."""

    var: Path
    configs: Path


async def run(options: Options) -> None:
    """Run this machine's desk until cancelled.

    Raises ConfigError, WrongDatabase, ssl.SSLError, and OSError when the configured address cannot be bound.
    """
    deployment = open_deployment(options.var, options.configs)
    config = deployment.config.hotline
    database = Database(deployment.database_url)
    redis = connect(deployment.redis_url)
    desk = make_desk(
        config=deployment.config,
        seats=Seats(
            browser=config.seats.browser_numbers,
            phone=config.seats.phone_numbers,
            password=deployment.seat_password,
            ws_url=deployment.websocket_url,
        ),
        database=database,
        recordings=deployment.recordings,
        redis=redis,
        session_key=bytes.fromhex(deployment.secrets.session_key),
    )
    try:
        async with listening(
            desk,
            front_end=FRONT_END,
            host=config.desk.host,
            port=config.desk.port,
            tls=tls_context(deployment.config),
        ):
            log.info("the desk is at %s", deployment.desk_url)
            async with asyncio.TaskGroup() as group:
                group.create_task(_migrate(database))
                group.create_task(work(desk))
    finally:
        await redis.aclose()
        await database.close()


def tls_context(config: Config) -> ssl.SSLContext | None:
    """Return what to serve HTTPS with; None where no certificate is configured. Raises OSError, ssl.SSLError."""
    desk = config.hotline.desk
    if desk.tls_certificate is None or desk.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(config.path(desk.tls_certificate), config.path(desk.tls_key))
    return context


async def _migrate(database: Database) -> None:
    """A locked database keeps nobody from taking calls: it is brought up to date once it can be."""
    while True:
        try:
            await database.migrate()
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("the database is away, and is brought up to date later: %s", error)
        else:
            return
        await asyncio.sleep(MIGRATE_AGAIN_S)
