"""The real records role in a process of its own, to be killed at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 50.0
STOP_LIMIT_S = 8.0
"""After so long a launcher would kill it."""


class RecordsProcess:
    """One centre's records role: `start` after `kill` is what a launcher does."""

    def __init__(self, folder: Path, *, database: str, redis: str, case_store: str, token: str) -> None:
        self.recordings = folder / "recordings"
        self.recordings.mkdir()
        self._var = folder / "var"
        self._configs = folder / "configs"
        shutil.copytree(ROOT / "configs", self._configs)
        (folder / "token").write_text(token)
        settings: dict[str, dict[str, object]] = {
            "database": {"url": database},
            "redis": {"url": redis},
            "case_store": {"url": case_store, "token_file": str(folder / "token"), "timeout_s": 1},
            "recordings": {"folder": str(self.recordings)},
        }
        file = self._configs / "hotline.toml"
        file.write_text(_with(file.read_text(encoding="utf-8"), settings), encoding="utf-8")
        self._process: asyncio.subprocess.Process | None = None
        self.log = folder / "records.log"

    async def start(self) -> None:
        """Return when it works: it has migrated the database and begun to deliver."""
        said = self.log.read_text().count("records go to") if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "run", "records"),
                *("--var", str(self._var), "--configs", str(self._configs)),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(START_LIMIT_S):
            await self.has_said("records go to", said + 1)

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
async def records_process(
    folder: Path, *, database: str, redis: str, case_store: str, token: str
) -> AsyncIterator[RecordsProcess]:
    """A records role that is at work, and ended at the end."""
    process = RecordsProcess(folder, database=database, redis=redis, case_store=case_store, token=token)
    try:
        await process.start()
        yield process
    finally:
        process.kill()
        await process.gone()


def _with(toml: str, settings: dict[str, dict[str, object]]) -> str:
    """Set keys in the tables of a TOML text in which they are commented out or have a default."""
    for table, values in settings.items():
        for key, value in values.items():
            toml = re.sub(rf"(?m)^(# )?{key} = .*\n", "", toml) if key != "url" else toml
            shown = f'"{value}"' if isinstance(value, str) else str(value)
            toml = toml.replace(f"[{table}]\n", f"[{table}]\n{key} = {shown}\n", 1)
    return re.sub(r"(?m)^# url = .*\n", "", toml)
