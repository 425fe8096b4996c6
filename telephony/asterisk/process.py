"""One private Asterisk as a child process."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
from pathlib import Path

from telephony.asterisk.installation import Installation
from telephony.asterisk.site import Site, render

READY_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0


class AsteriskFailed(Exception):
    """Asterisk ended or did not become ready; the text holds the end of what it said."""


class Asterisk:
    """Starts Asterisk with a rendered configuration, waits until it is fully booted, stops it.

    Folders are made under `site.run`: `etc` is rendered anew at each start, `lib` (its database) is kept.
    """

    def __init__(self, site: Site, installation: Installation, templates: Path) -> None:
        self.site = site
        self._installation = installation
        self._templates = templates
        self._process: asyncio.subprocess.Process | None = None

    @property
    def configuration(self) -> Path:
        return self.site.run / "etc" / "asterisk.conf"

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running child. Raises AsteriskFailed when it was never started."""
        if self._process is None:
            raise AsteriskFailed("Asterisk was not started")
        return self._process

    async def start(self) -> None:
        """Render, start and wait until every module is up. Raises AsteriskFailed."""
        run = self.site.run
        self._claim_ports()
        for folder in ("lib/keys", "spool", "log"):
            (run / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        render(self.site, self._installation, self._templates, run / "etc")
        with (run / "log" / "console.log").open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *self._installation.program,
                "-C",
                str(self.configuration),
                "-f",
                "-n",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await self._booted()
        except BaseException as error:
            await self.stop()
            if isinstance(error, TimeoutError):
                raise AsteriskFailed(f"not ready after {READY_LIMIT_S:.0f} s:\n{self._said()}") from error
            raise

    async def command(self, line: str) -> str:
        """Run one console command over the control socket and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            *self._installation.program,
            "-C",
            str(self.configuration),
            "-rx",
            line,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 15.0)
        return output.decode(errors="replace")

    async def stop(self) -> None:
        """End Asterisk and every call on it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _booted(self) -> None:
        control = self.site.run / "asterisk.ctl"
        while True:
            if self.process.returncode is not None:
                raise AsteriskFailed(f"ended with {self.process.returncode}:\n{self._said()}")
            if control.exists() and "fully booted" in await self.command("core waitfullybooted"):
                return
            # Asterisk offers no event for "the control socket exists".
            await asyncio.sleep(0.05)

    def _claim_ports(self) -> None:
        """Asterisk starts without the ports that somebody else has, and would be deaf there."""
        site = self.site
        for name, kind, host, port in (
            ("SIP", socket.SOCK_DGRAM, site.sip_host, site.sip_port),
            ("SIP over WebSocket", socket.SOCK_STREAM, site.ws_host, site.ws_port),
            ("AMI", socket.SOCK_STREAM, "127.0.0.1", site.ami_port),
        ):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family, kind) as probe:
                if kind is socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError as error:
                    raise AsteriskFailed(f"{name} on {host} port {port}: {error.strerror}") from error

    def _said(self) -> str:
        log = self.site.run / "log" / "console.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""


def remove_run_folder(run: Path) -> None:
    """Delete what a stopped private Asterisk left behind."""
    shutil.rmtree(run, ignore_errors=True)
