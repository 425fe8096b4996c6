"""The role `records`: makes a record of every finished call and delivers it to the case store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from records.backoff import until_done
from records.database import Database, is_away
from records.delivery import CaseStoreAddress, Delivery
from records.keeper import Keeper
from records.recordings import Recordings
from telephony.config.hotline import CaseStore
from telephony.deployment import open_deployment
from telephony.redis_client import connect


class Options(Protocol):
    """What the command line says."""

    var: Path
    configs: Path


async def run(options: Options) -> None:
    """Work until cancelled.

    Raises ConfigError and OSError for what `options` name, WrongDatabase, and BadToken.
    """
    deployment = open_deployment(options.var, options.configs)
    store = _address(
        deployment.case_store_url, deployment.case_store_token, deployment.config.hotline.case_store
    )
    zone = ZoneInfo(deployment.config.hotline.hotline.timezone)
    database = Database(deployment.database_url)
    redis = connect(deployment.redis_url)
    try:
        await until_done("database", database.migrate, is_away)
        delivery = Delivery(database, store)
        keeper = Keeper(redis, database, Recordings(deployment.recordings), zone, on_kept=delivery.wake)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keeper.run(), name="keeper")
            tasks.create_task(delivery.run(), name="delivery")
    finally:
        await redis.aclose()
        await database.close()


class BadToken(Exception):
    """The case store's token cannot be sent."""


def _address(url: str, token: str, patience: CaseStore) -> CaseStoreAddress:
    if not token or not token.isascii() or not token.isprintable():
        raise BadToken("case_store.token_file: expected one line of letters, digits and signs")
    return CaseStoreAddress(
        url=url.rstrip("/"),
        token=token,
        timeout_s=patience.timeout_s,
        retry_first_s=patience.retry_first_s,
        retry_most_s=patience.retry_most_s,
    )
