"""A whole hotline for one test: real Redis, Asterisk, controller, desk, records and case store, and SIP callers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
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
