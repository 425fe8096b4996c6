"""A real Asterisk of one test's own: the project's configuration, free ports, everything in a temporary folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cli.paths import find_paths
from cli.temporary import free_ports
from telephony.asterisk import Asterisk, Seat, Site, Trunk, find_installation

NEVER_STALE = 9_999_999_999
TRUNK = ("127.0.0.2",)
PHONES = tuple(Seat(str(number), f"secret-{number}", "phone") for number in range(2001, 2006))


@asynccontextmanager
async def running_asterisk(
    folder: Path, *, seats: tuple[Seat, ...] = PHONES, dialplan: str = "", modules: tuple[str, ...] = ()
) -> AsyncIterator[Asterisk]:
    """Run Asterisk with the project's templates until the block ends; callers enter their room and stay in it.

    `dialplan` is added to extensions.conf, `modules` are loaded besides the project's own.
    """
    templates = folder / "templates"
    shutil.copytree(find_paths().root / "configs/asterisk", templates)
    with (templates / "extensions.conf").open("a") as extensions:
        extensions.write(f"\n{dialplan}\n")
    with (templates / "modules.conf").open("a") as loaded:
        loaded.writelines(f"load = {module}.so\n" for module in modules)
    (folder / "recordings").mkdir()
    with free_ports() as ports:
        site = Site(
            run=folder / "run",
            recordings=folder / "recordings",
            sip_port=int(ports["sip.port"]),
            ws_port=int(ports["sip.websocket_port"]),
            ami_port=int(ports["sip.ami_port"]),
            rtp_first=int(ports["sip.rtp_first"]),
            rtp_last=int(ports["sip.rtp_last"]),
            ami_secret="only-for-this-test",
            seats=seats,
            trunks=(Trunk("test", TRUNK),),
        )
        private = Path(os.environ.get("HOTLINE_ASTERISK") or find_paths().asterisk)
        asterisk = Asterisk(site, find_installation(private), templates)
        await asterisk.start()
        try:
            # What a living controller does.
            await asterisk.command(f"dialplan set global HEARTBEAT {NEVER_STALE}")
            yield asterisk
        finally:
            await asterisk.stop()
