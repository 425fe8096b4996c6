"""A private PostgreSQL cluster on a Unix socket, for tests; it refuses root, so then it runs as nobody."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
# Several clusters on a small machine must not take its shared memory.
SETTINGS = (
    "listen_addresses=",
    "max_connections=40",
    "shared_buffers=16MB",
    "fsync=off",
    "log_min_messages=fatal",
)


class PostgresCluster:
    """One cluster; `restart` loses no data, but every connection."""

    def __init__(self, folder: Path) -> None:
        """Make a cluster in `folder`, which is empty and short of path."""
        self._folder = folder
        self._data = folder / "data"
        self._programs = _find_programs()
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        arguments = [
            "-D",
            str(self._data),
            "-U",
            "hotline",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run(
            self._as_user("initdb", *arguments), check=True, capture_output=True, timeout=START_LIMIT_S
        )
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The database's address for `records.database`."""
        return f"postgresql+asyncpg://hotline@/{database}?host={self._folder}"

    def start(self) -> None:
        """Return when it takes connections."""
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        arguments = ["-D", str(self._data), "-k", str(self._folder), *settings]
        self._process = subprocess.Popen(self._as_user("postgres", *arguments))
        limit = time.monotonic() + START_LIMIT_S
        ready = [str(self._programs / "pg_isready"), "-q", "-h", str(self._folder), "-U", "hotline"]
        while subprocess.run(ready, check=False, timeout=START_LIMIT_S).returncode:
            if time.monotonic() > limit or self._process.poll() is not None:
                self.stop()
                raise RuntimeError("PostgreSQL does not start")
            # A server that starts has no other way of saying that it is ready.
            time.sleep(0.02)

    def stop(self) -> None:
        """End it without waiting for its clients."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            # SIGINT is PostgreSQL's "fast shutdown": clients are thrown out, what is committed stays.
            self._process.send_signal(2)
        self._process.wait(STOP_LIMIT_S)

    def make_database(self, name: str, template: str = "template0") -> None:
        """Make a database: a copy of another, or an empty one."""
        asyncio.run(self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever still uses it."""
        asyncio.run(self._execute(f'DROP DATABASE "{name}" WITH (FORCE)'))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(host=str(self._folder), user="hotline", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _as_user(self, program: str, *arguments: str) -> list[str]:
        words = [str(self._programs / program), *arguments]
        if os.geteuid() != 0:
            return words
        who = (f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups")
        return ["setpriv", *who, *words]


def _find_programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError("no PostgreSQL server found: install the Debian package postgresql")
    return versions[-1].parent
