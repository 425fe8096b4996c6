from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.telephony.ami.fake_asterisk import FakeAsterisk
from tests.telephony.ami.private_asterisk import PrivateAsterisk


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    """A real Asterisk of this run's own."""
    private = PrivateAsterisk(tmp_path_factory.mktemp("ast"))
    private.start()
    yield private
    private.stop()


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    """A server that does what the test says."""
    async with FakeAsterisk().listening() as server:
        yield server
