"""The bundled case store on a free port, in the test's own process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from records.case_store.app import make_app
from records.case_store.cases import Cases, open_cases
from records.case_store.main import names_of
from telephony.config import load

TOKEN = "token-of-the-test"
CONFIGS = Path(__file__).resolve().parents[2] / "configs"


class CaseStoreServer:
    """A running case store: its address, and what is in it."""

    def __init__(self, url: str, cases: Cases) -> None:
        self.url = url
        self.cases = cases

    async def bodies(self) -> dict[str, bytes]:
        """Every stored record by its key."""
        return {case.key: case.body for case in await self.cases.latest(limit=1000)}


@contextlib.asynccontextmanager
async def case_store_server(folder: Path) -> AsyncIterator[CaseStoreServer]:
    """A case store whose database is in `folder`."""
    async with open_cases(folder / "case_store.sqlite3") as cases:
        runner = web.AppRunner(
            make_app(cases, TOKEN, names_of(load(CONFIGS))), access_log=None, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield CaseStoreServer(f"http://127.0.0.1:{runner.addresses[0][1]}", cases)
        finally:
            await runner.cleanup()
