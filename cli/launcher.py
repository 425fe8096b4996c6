"""Starts the parts of a centre on this machine and keeps them running.

The order is Redis, Asterisk, then the roles. A role that ends by itself is started again; so is Redis. Asterisk
carries the calls, so its end is the one that a centre cannot hide: it too is started again, and said loudly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientError, ClientSession, TCPConnector
from redis.exceptions import RedisError

from cli.open_files import allow_open_files
from telephony.asterisk import Asterisk, find_installation
from telephony.deployment import Deployment
from telephony.redis_client import connect

ROLES = ("controller", "desk", "records")
CASE_STORE = "casestore"
RESTART_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
# A role that ran so long has not failed at start: the next pause is the shortest again.
SETTLED_S = 10.0
STOP_LIMIT_S = 8.0
REDIS_READY_S = 10.0
HEALTHY_LIMIT_S = 60.0

log = logging.getLogger(__name__)


class NotStarted(Exception):
    """A part of the centre did not start; the text says which and where its log is."""


class Part:
    """A child process that is started again whenever it ends."""

    def __init__(self, name: str, command: list[str], logs: Path) -> None:
        self.name = name
        self._command = command
        self._log = logs / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int:
        """The process id of the present child; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    async def start(self) -> None:
        """Start the child, and the watch that starts it again; after `stop` too."""
        self._stopping = False
        await self._spawn()
        self._task = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """End the child until `start`; killed if it does not end by itself."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
            except TimeoutError:
                log.warning("%s did not end within %.0f s and is killed", self.name, STOP_LIMIT_S)
                process.kill()
                await process.wait()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _spawn(self) -> None:
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def _keep_running(self) -> None:
        loop, pause = asyncio.get_running_loop(), RESTART_PAUSE_S
        while self._process is not None:
            began = loop.time()
            code = await self._process.wait()
            if self._stopping:
                break
            if loop.time() - began > SETTLED_S:
                pause = RESTART_PAUSE_S
            log.warning("%s ended with %d; starting it again (log: %s)", self.name, code, self._log)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            await self._spawn()


class Launcher:
    """All parts of one centre. `parts` names those that run as child processes of their own."""

    def __init__(self, deployment: Deployment, configs: Path, private_asterisk: Path) -> None:
        self.deployment = deployment
        logs = deployment.var / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        self.asterisk = Asterisk(deployment.site, find_installation(private_asterisk), configs / "asterisk")
        self.parts: dict[str, Part] = {}
        if deployment.config.hotline.redis.url is None:
            self.parts["redis"] = Part("redis", _redis_command(deployment), logs)
        roles = (CASE_STORE, *ROLES) if deployment.bundles_case_store else ROLES
        for role in roles:
            command = [sys.executable, "-m", "cli", "run", role]
            command += ["--var", str(deployment.var), "--configs", str(configs)]
            self.parts[role] = Part(role, command, logs)

    async def start(self) -> None:
        """Start everything; returns once Redis and Asterisk are up and the roles were started.

        Raises NotStarted, AsteriskFailed.
        """
        allow_open_files()
        for name, part in self.parts.items():
            await part.start()
            if name == "redis":
                await self._redis_ready()
                await self.asterisk.start()
        if "redis" not in self.parts:
            await self.asterisk.start()

    async def until_healthy(self) -> None:
        """Return once the desk answers that all is well, and the bundled case store answers.

        Raises NotStarted after HEALTHY_LIMIT_S.
        """
        urls = [f"{self.deployment.desk_url}/healthz"]
        if CASE_STORE in self.parts:
            urls.append(f"{self.deployment.case_store_url}/healthz")
        try:
            # The desk's certificate may be the operator's own: this asks whether it answers, and tells it nothing.
            async with (
                asyncio.timeout(HEALTHY_LIMIT_S),
                ClientSession(connector=TCPConnector(ssl=False)) as session,
            ):
                for url in urls:
                    await _until_it_answers(session, url)
        except TimeoutError:
            raise NotStarted(
                f"not healthy after {HEALTHY_LIMIT_S:.0f} s: see {self.deployment.var / 'logs'}"
            ) from None

    async def stop(self) -> None:
        """End everything, in the reverse order."""
        for name, part in reversed(self.parts.items()):
            if name == "redis":
                await self.asterisk.stop()
            await part.stop()
        await self.asterisk.stop()

    async def _redis_ready(self) -> None:
        redis = connect(self.deployment.redis_url)
        try:
            async with asyncio.timeout(REDIS_READY_S):
                while True:
                    with contextlib.suppress(RedisError, OSError):
                        await redis.ping()
                        return
                    # Redis offers no event for "ready" to somebody who is not connected.
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log_file = self.deployment.var / "logs" / "redis.log"
            raise NotStarted(f"Redis is not ready after {REDIS_READY_S:.0f} s: see {log_file}") from None
        finally:
            await redis.aclose()


async def _until_it_answers(session: ClientSession, url: str) -> None:
    while True:
        with contextlib.suppress(ClientError):
            async with session.get(url) as response:
                if response.status == 200:
                    return
        # A server offers no event for "ready" to somebody who cannot reach it yet.
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def launched(deployment: Deployment, configs: Path, private_asterisk: Path) -> AsyncIterator[Launcher]:
    """Run a centre for as long as the block lasts."""
    launcher = Launcher(deployment, configs, private_asterisk)
    try:
        await launcher.start()
        yield launcher
    finally:
        await launcher.stop()


def _redis_command(deployment: Deployment) -> list[str]:
    """A Redis that only this user reaches, and that keeps what it knows through its own restart."""
    program = shutil.which("redis-server") or "redis-server"
    folder = deployment.var / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    return [
        program,
        *("--port", "0"),
        *("--unixsocket", str(deployment.redis_socket), "--unixsocketperm", "600"),
        *("--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--daemonize", "no", "--loglevel", "notice"),
    ]
