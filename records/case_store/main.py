"""The role `casestore`: the bundled case store, on loopback, with its own database."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

import msgspec
from aiohttp import web

from records.case_store.app import make_app
from records.case_store.cases import open_cases
from records.case_store.pages import Names
from telephony.config import Config
from telephony.deployment import open_deployment

HOST = "127.0.0.1"
CLOSE_LIMIT_S = 1.0

log = logging.getLogger(__name__)


class Options(Protocol):
    """What the command line says."""

    var: Path
    configs: Path


async def run(options: Options) -> None:
    """Serve until cancelled. Raises ConfigError, OSError, sqlite3.Error."""
    deployment = open_deployment(options.var, options.configs)
    port = deployment.config.hotline.case_store.bundled_port
    async with open_cases(deployment.var / "case_store.sqlite3") as cases:
        app = make_app(cases, deployment.case_store_token, names_of(deployment.config))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_LIMIT_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
            log.info("case store at http://%s:%d", HOST, port)
            await asyncio.get_running_loop().create_future()
        finally:
            await runner.cleanup()


def names_of(config: Config) -> Names:
    """Return what categories and places are called. Raises OSError and msgspec.DecodeError for `areas.json`."""
    districts = msgspec.json.decode((config.folder / "areas.json").read_bytes(), type=list[_District])
    categories = {category.id: category.name for category in config.categories}
    for category in config.categories:
        categories |= {child.id: child.name for child in category.children}
    places = {district.code: district.name for district in districts}
    for district in districts:
        places |= {street.code: street.name for street in district.streets}
    return Names(categories, places)


class _Street(msgspec.Struct):
    code: str
    name: str


class _District(msgspec.Struct):
    code: str
    name: str
    streets: list[_Street]
