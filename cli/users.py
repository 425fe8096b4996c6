"""Make, list and change the accounts of agents, supervisors and admins.

An agent needs at least one language; skills and languages are those of queues.toml. A password is asked for twice, or
read from the first line of standard input with --password-stdin.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.exceptions import RedisError

from agent_desk.passwords import BadPassword, hash_password
from agent_desk.sessions import Sessions
from cli.paths import Paths
from cli.up import private_folder
from records import audit, people
from records.audit import Entry
from records.database import Database, WrongDatabase, is_away
from records.people import Person, Profile, ProfileRefused, Role
from telephony.config import Config, ConfigError
from telephony.deployment import Deployment, open_deployment
from telephony.redis_client import connect


class Refused(Exception):
    """The command cannot be carried out; the text says what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account")
    _username(add)
    add.add_argument("--name", required=True, help="as colleagues see it")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    add.add_argument("--team", default="", help="the team that the person works in")
    add.add_argument(
        "--skill",
        action="append",
        default=[],
        type=_skill,
        metavar="SKILL=LEVEL",
        help="a skill of queues.toml and its level, 1 to 5; again for each",
    )
    add.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="CODE",
        help="a language of queues.toml; again for each; an agent's default is acd.default_language",
    )
    _password(add)
    change = actions.add_parser("passwd", help="give an account another password, and end its sessions")
    _username(change)
    _password(change)
    for word, text in (
        ("disable", "bar an account from signing in, and end its sessions"),
        ("enable", "let it in again"),
    ):
        _username(actions.add_parser(word, help=text))
    listing = actions.add_parser("list", help="list all accounts")
    for action in actions.choices.values():
        action.add_argument(
            "--configs", type=Path, metavar="DIR", help="the configuration; configs/ by default"
        )
        action.add_argument(
            "--var", type=Path, metavar="DIR", help="the private folder, where not the configured one"
        )
    listing.set_defaults(username="")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    configs = (arguments.configs or paths.configs).resolve()
    try:
        deployment = open_deployment(private_folder(arguments.var, configs, paths), configs)
        asyncio.run(_carry_out(arguments, deployment))
    except ConfigError as error:
        faults = str(error).splitlines()
    except (Refused, BadPassword, ProfileRefused, WrongDatabase) as error:
        faults = [str(error)]
    except Exception as error:
        if not is_away(error):
            raise
        faults = [f"the database cannot be used at the moment: {error}"]
    else:
        return 0
    for fault in faults:
        print(f"hotline users: {fault}", file=sys.stderr)
    return 1


async def _carry_out(arguments: argparse.Namespace, deployment: Deployment) -> None:
    actions: dict[str, Callable[[argparse.Namespace, Deployment, Database], Awaitable[None]]] = {
        "add": _add,
        "passwd": _change_password,
        "disable": _disable,
        "enable": _enable,
        "list": _list,
    }
    database = Database(deployment.database_url)
    try:
        await database.migrate()
        await actions[arguments.action](arguments, deployment, database)
    finally:
        await database.close()


async def _add(arguments: argparse.Namespace, deployment: Deployment, database: Database) -> None:
    profile = _profile(arguments, deployment.config)
    await people.add(database, profile, hash_password(_read_password(arguments)))
    await _note(database, "account-added", profile.username)
    print(f"{profile.username} may sign in as {profile.role}")


async def _change_password(arguments: argparse.Namespace, deployment: Deployment, database: Database) -> None:
    person = await _find(database, arguments.username)
    await people.set_password(database, person.username, hash_password(_read_password(arguments)))
    await _note(database, "password-changed", person.username)
    await _end_sessions(deployment, person)
    print(f"{person.username} has a new password")


async def _disable(arguments: argparse.Namespace, deployment: Deployment, database: Database) -> None:
    person = await _find(database, arguments.username)
    await people.set_disabled(database, person.username, True)
    await _note(database, "account-disabled", person.username)
    await _end_sessions(deployment, person)
    print(f"{person.username} may not sign in any more")


async def _enable(arguments: argparse.Namespace, deployment: Deployment, database: Database) -> None:
    person = await _find(database, arguments.username)
    await people.set_disabled(database, person.username, False)
    await _note(database, "account-enabled", person.username)
    print(f"{person.username} may sign in again")


async def _list(arguments: argparse.Namespace, deployment: Deployment, database: Database) -> None:
    for person in await people.everybody(database):
        skills = ",".join(f"{skill}={level}" for skill, level in sorted(person.skills.items()))
        state = "disabled" if person.disabled else "enabled"
        words = (
            person.username,
            person.role,
            state,
            ",".join(person.languages),
            skills,
            person.team,
            person.name,
        )
        print("\t".join(word or "-" for word in words))


def _profile(arguments: argparse.Namespace, config: Config) -> Profile:
    queues, role = config.queues, Role(arguments.role)
    languages = arguments.language or ([queues.acd.default_language] if role is Role.AGENT else [])
    for kind, asked, known in (
        ("skill", dict(arguments.skill), queues.skills),
        ("language", languages, queues.languages),
    ):
        unknown = [word for word in asked if word not in known]
        if unknown:
            raise Refused(f"--{kind} {unknown[0]}: queues.toml has {', '.join(known)}")
    return Profile(
        username=arguments.username,
        name=arguments.name,
        role=role,
        team=arguments.team,
        skills=dict(arguments.skill),
        languages=languages,
    )


async def _find(database: Database, username: str) -> Person:
    found = await people.credentials(database, username)
    if found is None:
        raise Refused(f"there is no account {username}; `hotline users list` shows all")
    return found.person


async def _note(database: Database, action: str, username: str) -> None:
    entry = Entry(at=time.time(), who=getpass.getuser(), role="operator", action=action, object=username)
    await audit.write(database, entry)


async def _end_sessions(deployment: Deployment, person: Person) -> None:
    redis = connect(deployment.redis_url)
    try:
        await Sessions(redis, bytes.fromhex(deployment.secrets.session_key)).end_all(person.id)
    except (RedisError, OSError):
        print(
            f"hotline users: live state cannot be reached, so a session of {person.username} may still be open: "
            "run this again once the centre is up",
            file=sys.stderr,
        )
    finally:
        await redis.aclose()


def _read_password(arguments: argparse.Namespace) -> str:
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("there is no terminal to ask for the password: use --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise Refused("the two passwords differ: nothing was changed")
    return password


def _username(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help="small letters, digits and . _ -")


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _skill(text: str) -> tuple[str, int]:
    name, separator, level = text.partition("=")
    if not separator or not level.isdecimal() or not 1 <= int(level) <= 5:
        raise argparse.ArgumentTypeError("expected SKILL=LEVEL with a level from 1 to 5, such as citizen=3")
    return name, int(level)
