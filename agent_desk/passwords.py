"""Passwords: argon2id, computed beside the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128
AT_ONCE = 2
"""One computation takes 64 MiB and about 0.1 s of a core: calls on the same machine go first."""
MOST_WAITING = 64


class BadPassword(ValueError):
    """The password may not be used; the text says why."""


class TooManySignIns(Exception):
    """More sign-ins than this process takes on at a time: ask again in a few seconds."""


_hasher = argon2.PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
"""What is computed for an account that does not exist, so that its answer takes as long."""


def hash_password(password: str) -> str:
    """Return what is stored of a password. Takes about 0.1 s. Raises BadPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPassword(f"a password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}")
    if len(set(password)) < SHORTEST // 2:
        raise BadPassword(f"a password has at least {SHORTEST // 2} different characters")
    return _hasher.hash(_normal(password))


class Passwords:
    """Checks passwords in threads of its own; `close` ends them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether the password is the one of which `stored` was kept; None is nobody's.

        Raises TooManySignIns when MOST_WAITING others wait already.
        """
        if self._waiting >= MOST_WAITING:
            raise TooManySignIns
        self._waiting += 1
        try:
            check = partial(_matches, _normal(password), stored)
            return await asyncio.get_running_loop().run_in_executor(self._threads, check)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the computations that run end, and drop those that wait."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _matches(password: str, stored: str | None) -> bool:
    try:
        right = _hasher.verify(_NOBODY if stored is None else stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def _normal(password: str) -> str:
    """The same characters typed on another keyboard are the same password (NFKC)."""
    return unicodedata.normalize("NFKC", password)
