"""Passwords: kept so that nobody can read them, checked so that nobody waits for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from agent_desk import passwords as module
from agent_desk.passwords import Passwords, TooManySignIns, hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def passwords() -> object:
    made = Passwords()
    yield made
    made.close()


async def test_only_the_right_password_matches(passwords: Passwords) -> None:
    stored = hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored
    assert await passwords.matches(PASSWORD, stored)
    assert not await passwords.matches(PASSWORD + " ", stored)
    assert not await passwords.matches("nobody has this password", None)
    assert not await passwords.matches(PASSWORD, "not a hash")


async def test_the_same_characters_from_another_keyboard_match(passwords: Passwords) -> None:
    stored = hash_password("Café-热线-12345")
    assert await passwords.matches("Cafe\u0301-热线-12345", stored)


async def test_the_event_loop_goes_on_while_passwords_are_checked(passwords: Passwords) -> None:
    stored = hash_password(PASSWORD)
    checking = asyncio.gather(*(passwords.matches(PASSWORD, stored) for _ in range(6)))
    longest, last = 0.0, time.monotonic()
    while not checking.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert all(await checking)
    began = time.monotonic()
    hash_password(PASSWORD)
    assert longest < (time.monotonic() - began) * 6 / module.AT_ONCE


async def test_a_rush_of_sign_ins_is_turned_away_rather_than_piled_up(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    stored = hash_password(PASSWORD)
    checks = [passwords.matches(PASSWORD, stored) for _ in range(5)]
    answers = await asyncio.gather(*checks, return_exceptions=True)
    assert [answer is True for answer in answers] == [True, True, True, False, False]
    assert all(isinstance(answer, TooManySignIns) for answer in answers[3:])
