"""Check that Asterisk starts with what the configuration renders to, and complains of nothing."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from cli.doctor.finding import Examined, Finding, fail, ok
from telephony.asterisk import (
    Asterisk,
    AsteriskFailed,
    AsteriskNotFound,
    Seat,
    Site,
    Trunk,
    find_installation,
)

COMPLAINT = re.compile(r"\bERROR\[")
COMPLAINTS_SHOWN = 5


def check_rendered(examined: Examined) -> Iterator[Finding]:
    """Starts a throw-away Asterisk on free loopback ports with the configured trunks; takes a few seconds."""
    if examined.config is None:
        return
    subject = "Asterisk's configuration"
    trunks = tuple(Trunk(name, trunk.addresses) for name, trunk in examined.config.hotline.trunks.items())
    with tempfile.TemporaryDirectory(prefix="hotline-doctor-") as folder:
        try:
            complaints = asyncio.run(_try_out(examined, trunks, Path(folder)))
        except AsteriskNotFound:
            # The check of Asterisk itself says so.
            return
        except (AsteriskFailed, ValueError, KeyError, OSError) as error:
            yield fail(subject, str(error), "Mend what it names in configs/asterisk or in hotline.toml.")
            return
    if complaints:
        shown = "\n".join(complaints[:COMPLAINTS_SHOWN])
        yield fail(subject, f"{len(complaints)} errors at start:\n{shown}", "Mend them in configs/asterisk.")
    else:
        yield ok(subject, "rendered, started and stopped without a complaint")


async def _try_out(examined: Examined, trunks: tuple[Trunk, ...], folder: Path) -> list[str]:
    installation = find_installation(examined.paths.asterisk)
    ports = _free_ports(3)
    recordings = folder / "recordings"
    recordings.mkdir()
    site = Site(
        run=folder,
        recordings=recordings,
        sip_port=ports[0],
        ws_port=ports[1],
        ami_port=ports[2],
        ami_secret=secrets.token_hex(16),
        seats=(Seat("2001", secrets.token_hex(16)), Seat("2002", secrets.token_hex(16), kind="phone")),
        trunks=trunks,
    )
    asterisk = Asterisk(site, installation, examined.configs / "asterisk")
    await asterisk.start()
    await asterisk.stop()
    said = (folder / "log" / "messages.log").read_text(errors="replace").splitlines()
    return [line for line in said if COMPLAINT.search(line)]


def _free_ports(count: int) -> list[int]:
    """Loopback ports free at this moment, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
