"""Accounts, made and changed at the command line."""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cli import users
from cli.paths import Paths
from records import audit, people
from records.database import Database
from telephony.deployment import Secrets
from tests.agent_desk.house import CONFIGS, PASSWORD, SESSION_KEY, House, open_house
from tests.redis_server import RedisServer


class CommandLine:
    """`hotline users` over one private folder."""

    def __init__(
        self, var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.var = var
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str, str]:
        """Return exit code, output and errors."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        parser = argparse.ArgumentParser()
        users.add_arguments(parser)
        arguments = parser.parse_args([*words, "--var", str(self.var), "--configs", str(CONFIGS)])
        code = users.run(arguments, Paths(CONFIGS.parent, self.var))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def hotline_users(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    return CommandLine(short_folder, monkeypatch, capsys)


@pytest.fixture
async def house_in_var(short_folder: Path, redis_server: RedisServer) -> AsyncIterator[House]:
    """A desk in the private folder that the command line works on, with the same secrets."""
    secrets = Secrets(ami_secret="", seat_key="", session_key=SESSION_KEY.hex(), case_store_token="")
    (short_folder / "secrets.json").write_bytes(msgspec.json.encode(secrets))
    async with open_house(short_folder, redis_server) as house:
        yield house


def add(hotline_users: CommandLine, *more: str) -> tuple[int, str, str]:
    words = ("add", "lan", "--name", "兰", "--skill", "citizen=3", *more, "--password-stdin")
    return hotline_users(*words, typed=f"{PASSWORD}\n")


def test_an_account_is_made_with_its_skills_and_shown_in_the_list(hotline_users: CommandLine) -> None:
    assert add(hotline_users, "--team", "一组") == (0, "lan may sign in as agent\n", "")
    code, said, _ = hotline_users("list")
    assert (code, said) == (0, "lan\tagent\tenabled\tzh\tcitizen=3\t一组\t兰\n")
    database = Database(f"sqlite+aiosqlite:///{hotline_users.var / 'hotline.sqlite3'}")

    async def trail() -> list[str]:
        try:
            return [f"{entry.action} {entry.object} {entry.role}" for entry in await audit.latest(database)]
        finally:
            await database.close()

    assert asyncio.run(trail()) == ["account-added lan operator"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--skill", "cooking=3"), "--skill cooking: queues.toml has citizen, "),
        (("--language", "tlh"), "--language tlh: queues.toml has zh, "),
        (("--role", "supervisor", "--name", " "), "name: give one line"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    hotline_users: CommandLine, words: tuple[str, ...], reason: str
) -> None:
    code, said, error = add(hotline_users, *words)
    assert (code, said) == (1, "")
    assert reason in error
    assert hotline_users("list")[1] == ""


def test_the_same_username_cannot_be_given_twice(hotline_users: CommandLine) -> None:
    add(hotline_users)
    code, _, error = add(hotline_users)
    assert (code, error) == (1, "hotline users: username: lan is taken: choose another\n")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 129, ""])
def test_a_password_that_is_easily_guessed_is_refused(hotline_users: CommandLine, password: str) -> None:
    words = ("add", "lan", "--name", "兰", "--password-stdin")
    code, _, error = hotline_users(*words, typed=f"{password}\n")
    assert code == 1
    assert error.startswith("hotline users: a password has ")


def test_without_a_terminal_the_password_must_be_piped_in(hotline_users: CommandLine) -> None:
    code, _, error = hotline_users("add", "lan", "--name", "兰")
    assert (code, "use --password-stdin" in error) == (1, True)


def test_an_unknown_account_is_named(hotline_users: CommandLine) -> None:
    code, _, error = hotline_users("disable", "nobody")
    assert (code, "no account nobody" in error) == (1, True)


def test_an_open_session_that_could_not_be_ended_is_told_of(hotline_users: CommandLine) -> None:
    add(hotline_users)
    code, said, error = hotline_users("disable", "lan")
    assert (code, said) == (0, "lan may not sign in any more\n")
    assert "run this again once the centre is up" in error
    assert hotline_users("list")[1].split("\t")[2] == "disabled"


async def test_a_barred_person_is_signed_out_at_once_and_let_in_again_later(
    house_in_var: House, hotline_users: CommandLine
) -> None:
    house = house_in_var
    browser, person = await house.agent("lan")
    assert (await asyncio.to_thread(hotline_users, "disable", "lan"))[0] == 0
    assert (await browser.get("/api/session")).status == 401
    assert (await browser.sign_in("lan", PASSWORD)).error == "bad-credentials"
    boss = await house.supervisor()
    async with boss.live() as live:
        await live.until(lambda view: person.id not in view.agents)
    assert (await asyncio.to_thread(hotline_users, "enable", "lan"))[0] == 0
    assert (await browser.sign_in("lan", PASSWORD)).status == 200


async def test_a_new_password_ends_the_sessions_that_the_old_one_opened(
    house_in_var: House, hotline_users: CommandLine
) -> None:
    house = house_in_var
    browser = await house.supervisor("boss")
    new = "another good password"
    changed = await asyncio.to_thread(hotline_users, "passwd", "boss", "--password-stdin", typed=f"{new}\n")
    assert changed[0] == 0
    assert (await browser.get("/api/session")).status == 401
    assert (await browser.sign_in("boss", PASSWORD)).error == "bad-credentials"
    assert (await browser.sign_in("boss", new)).status == 200
    assert (await people.credentials(house.database, "boss")) is not None
