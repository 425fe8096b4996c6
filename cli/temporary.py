"""A whole centre in a temporary folder on free ports of loopback: for tests and benches."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from cli.launcher import Launcher
from cli.paths import Paths
from telephony.deployment import open_deployment

RTP_PORTS = 1000
FIRST_RTP_PORT, LAST_RTP_PORT = 12000, 31000
SETTINGS = ("hotline.toml", "queues.toml")
PORT_KEYS = ("desk.port", "sip.port", "sip.websocket_port", "sip.ami_port", "case_store.bundled_port")


@contextlib.asynccontextmanager
async def temporary_centre(
    paths: Paths,
    *,
    changes: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    amend: Callable[[Path], None] | None = None,
) -> AsyncIterator[Launcher]:
    """Run a centre with the project's configuration; every file and process of it is gone afterwards.

    `changes` maps keys of hotline.toml ("agents.vanish_grace_s") to TOML values; `without` names parts that are
    not started. `amend` is given the centre's own copy of the configuration's folder before anything reads it.
    """
    folder = Path(tempfile.mkdtemp(prefix="hotline-"))
    try:
        with free_ports() as ports:
            configs = folder / "configs"
            shutil.copytree(paths.configs, configs)
            _write_settings(configs, {**ports, **(changes or {})})
            if amend is not None:
                amend(configs)
            launcher = Launcher(open_deployment(folder / "var", configs), configs, paths.asterisk)
            for name in without:
                launcher.parts.pop(name, None)
            try:
                await launcher.start()
                yield launcher
            finally:
                await launcher.stop()
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def free_ports() -> Iterator[dict[str, str]]:
    """Yield settings with ports that nobody else has, nor is given by another call while the block lasts."""
    with contextlib.ExitStack() as claims:
        settings: dict[str, str] = {}
        first = claims.enter_context(_claim(range(FIRST_RTP_PORT, LAST_RTP_PORT, RTP_PORTS)))
        settings["sip.rtp_first"], settings["sip.rtp_last"] = str(first), str(first + RTP_PORTS - 1)
        for key in PORT_KEYS:
            settings[key] = str(_free_port())
        yield settings


@contextlib.contextmanager
def _claim(firsts: range) -> Iterator[int]:
    """Hold one block of ports by an abstract socket's name, which the kernel frees with its holder."""
    choices = list(firsts)
    random.shuffle(choices)
    for first in choices:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
            try:
                claim.bind(f"\0hotline-rtp-{first}")
            except OSError:
                continue
            yield first
            return
    raise RuntimeError("every block of ports for media is taken: end some of the running centres")


def _free_port() -> int:
    """Return a port that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


def _write_settings(configs: Path, settings: dict[str, str]) -> None:
    """Set keys of the TOML files, in the sections that these have, replacing what stands there."""
    files = {configs / name: (configs / name).read_text(encoding="utf-8").splitlines() for name in SETTINGS}
    for dotted, value in settings.items():
        section, _, key = dotted.rpartition(".")
        lines = next(lines for lines in files.values() if f"[{section}]" in lines)
        start = lines.index(f"[{section}]") + 1
        end = next((n for n in range(start, len(lines)) if lines[n].startswith("[")), len(lines))
        place = next((n for n in range(start, end) if re.match(rf"{key}\s*=", lines[n])), None)
        if place is None:
            lines.insert(start, f"{key} = {value}")
        else:
            lines[place] = f"{key} = {value}"
    for file, lines in files.items():
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
