"""Start the whole centre on this machine and let simulated citizens call it.

Everything is private to the demo and kept in demo/ of the set-up's folder: Asterisk, Redis, database, case store,
recordings. Prints the desk's address and accounts. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
from pathlib import Path

import msgspec

from agent_desk.passwords import hash_password
from cli.callers.desk_client import DeskRefused
from cli.callers.sipp import SippFailed
from cli.launcher import Launcher, NotStarted, launched
from cli.paths import Paths
from cli.run import LOG_FORMAT
from cli.town import Town
from cli.up import announce, told_to_stop
from records import people
from records.database import Database
from records.people import Profile, Role
from telephony.asterisk import AsteriskFailed, AsteriskNotFound
from telephony.config import ConfigError
from telephony.deployment import Deployment, open_deployment

EVERY_SKILL = {"citizen": 3, "enterprise": 3, "elderly": 3, "urban": 2, "consumer": 2, "general": 2}
PEOPLE = (
    Profile(
        username="agent", name="王芳", role=Role.AGENT, team="甲组", skills=EVERY_SKILL, languages=["zh"]
    ),
    Profile(username="supervisor", name="李主任", role=Role.SUPERVISOR, team="甲组"),
    Profile(username="admin", name="赵工", role=Role.ADMIN),
)
COLLEAGUES = tuple(
    Profile(
        username=f"colleague{n}",
        name=name,
        role=Role.AGENT,
        team="乙组",
        skills=EVERY_SKILL,
        languages=["zh"],
    )
    for n, name in enumerate(("陈静", "刘洋", "孙丽"), start=1)
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The demo takes no options: what it starts is what `configs/` says."""


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    try:
        deployment = open_deployment(paths.home / "demo", paths.configs)
        asyncio.run(_run(deployment, paths))
    except ConfigError as error:
        for fault in str(error).splitlines():
            print(f"hotline demo: {fault}", file=sys.stderr)
        return 1
    except (NotStarted, AsteriskFailed, AsteriskNotFound, SippFailed, DeskRefused, OSError) as error:
        print(f"hotline demo: {error!r}\nhotline demo: `hotline doctor` checks this machine", file=sys.stderr)
        return 1
    return 0


async def _run(deployment: Deployment, paths: Paths) -> None:
    passwords = await _accounts(deployment)
    async with launched(deployment, paths.configs, paths.asterisk) as launcher:
        await launcher.until_healthy()
        _announce(launcher, passwords)
        colleagues = [(profile.username, passwords[profile.username]) for profile in COLLEAGUES]
        town = asyncio.create_task(Town(deployment, paths.asterisk, colleagues).live())
        stop = asyncio.create_task(told_to_stop())
        await asyncio.wait((town, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        town.cancel()
        await asyncio.gather(town, stop, return_exceptions=True)
        if not town.cancelled() and (error := town.exception()) is not None:
            raise _first(error)


def _first(error: BaseException) -> BaseException:
    """Return what went wrong first where several things did."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _accounts(deployment: Deployment) -> dict[str, str]:
    """Make the demo's accounts at its first start; their passwords are random and kept beside the database."""
    file = deployment.var / "demo-accounts.json"
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    database = Database(deployment.database_url)
    try:
        await database.migrate()
        passwords = {profile.username: secrets.token_urlsafe(9) for profile in (*PEOPLE, *COLLEAGUES)}
        for profile in (*PEOPLE, *COLLEAGUES):
            hashed = await asyncio.to_thread(hash_password, passwords[profile.username])
            known = await people.credentials(database, profile.username)
            if known is None:
                await people.add(database, profile, hashed)
            else:
                await people.set_password(database, profile.username, hashed)
    finally:
        await database.close()
    _keep_private(file, msgspec.json.encode(passwords))
    return passwords


def _keep_private(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(file)


def _announce(launcher: Launcher, passwords: dict[str, str]) -> None:
    announce(launcher)
    print("\naccounts (sign in as each in a browser window of its own)")
    for profile in PEOPLE:
        print(f"  {profile.username:<11} {passwords[profile.username]:<14} {profile.name}")
    print(
        "\nCitizens begin to call, and three simulated colleagues answer. Ctrl-C ends the demo.", flush=True
    )
