"""A whole hotline for one test: real Redis, Asterisk, controller, desk, records and case store, and SIP callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from cli.callers.audio import recorded_speech
from cli.callers.media import Media
from cli.paths import find_paths
from tests.system.hotline import Hotline, running_hotline


@pytest.fixture(scope="session")
def speech() -> Path:
    """A recording of a person who speaks."""
    return recorded_speech(find_paths().asterisk / "usr/share/asterisk/sounds")[0]


@pytest.fixture
def media() -> Iterator[Media]:
    with Media() as media:
        yield media


@pytest.fixture
async def hotline(media: Media) -> AsyncIterator[Hotline]:
    async with running_hotline(media) as hotline:
        yield hotline


@pytest.fixture
def eventually() -> Callable[[Callable[[], Awaitable[bool]], float], Awaitable[None]]:
    """Ask again until it is so: for what lies outside the centre and sends no events."""

    async def wait(is_so: Callable[[], Awaitable[bool]], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not await is_so():
                await asyncio.sleep(0.1)

    return wait
