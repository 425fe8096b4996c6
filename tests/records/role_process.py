"""A role of a real centre in a process of its own, to be killed at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 50.0
STOP_LIMIT_S = 8.0
"""After so long a launcher would kill it."""


class Centre:
    """A folder with the configuration and the private data of one centre, whose roles are started one by one.

    `settings` has the keys of each table of hotline.toml that is not as in the project's own; the tables
    database, redis, case_store and recordings hold nothing else.
    """

    def __init__(self, folder: Path, settings: dict[str, dict[str, str | int]]) -> None:
        self.recordings = folder / "recordings"
        self.recordings.mkdir()
        self.var = folder / "var"
        self.configs = folder / "configs"
        shutil.copytree(ROOT / "configs", self.configs)
        file = self.configs / "hotline.toml"
        tables = settings | {"recordings": {"folder": str(self.recordings)}}
        file.write_text(_replaced(file.read_text(encoding="utf-8"), tables), encoding="utf-8")


class RoleProcess:
    """One role; `start` after `kill` is what a launcher does. `ready` is what its log says when it works."""

    def __init__(self, centre: Centre, role: str, ready: str) -> None:
        self.log = centre.var.with_name(f"{role}.log")
        self._ready = ready
        self._command = (
            *(sys.executable, "-m", "cli", "run", role),
            *("--var", str(centre.var), "--configs", str(centre.configs)),
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it works."""
        times = self.log.read_text().count(self._ready) if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=ROOT, stdout=log, stderr=log
            )
        await self.has_said(self._ready, times + 1)

    async def has_said(self, text: str, times: int = 1) -> None:
        """Return when the log has `text` so many times; fails when the process has ended."""
        assert self._process is not None
        async with asyncio.timeout(START_LIMIT_S):
            while self.log.read_text().count(text) < times:
                assert self._process.returncode is None, self.log.read_text()
                # Another process tells nobody what it wrote.
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End it as a loss of power would."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def gone(self) -> None:
        """Return when the killed process has ended."""
        assert self._process is not None
        await asyncio.wait_for(self._process.wait(), START_LIMIT_S)

    async def stop(self) -> int:
        """End it as a launcher does, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), STOP_LIMIT_S)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Have it run for as long as the context lasts."""
        try:
            await self.start()
            yield
        finally:
            self.kill()
            await self.gone()


def _replaced(toml: str, tables: dict[str, dict[str, str | int]]) -> str:
    """Return a TOML text with these tables in the place of its own."""
    kept, dropping = [], False
    for line in toml.splitlines():
        if line.startswith("["):
            dropping = line.strip("[]") in tables
        if not dropping:
            kept.append(line)
    for table, values in tables.items():
        kept.append(f"[{table}]")
        kept += [
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            for key, value in values.items()
        ]
    return "\n".join(kept) + "\n"
