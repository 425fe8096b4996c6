"""Check that Asterisk starts with what the configuration renders to, and complains of nothing."""

from __future__ import annotations

import asyncio
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cli.doctor.finding import Examined, Finding, fail, ok
from cli.temporary import free_ports
from telephony.asterisk import Asterisk, AsteriskFailed, AsteriskNotFound, find_installation
from telephony.config import Config
from telephony.deployment import Deployment, Secrets

COMPLAINT = re.compile(r"\bERROR\[")
COMPLAINTS_SHOWN = 5


def check_rendered(examined: Examined) -> Iterator[Finding]:
    """Starts a throw-away Asterisk with the configured seats and trunks on free ports; takes a few seconds."""
    if examined.config is None:
        return
    subject = "Asterisk's configuration"
    with tempfile.TemporaryDirectory(prefix="hotline-doctor-") as folder:
        try:
            complaints = asyncio.run(_try_out(examined, examined.config, Path(folder)))
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


async def _try_out(examined: Examined, config: Config, folder: Path) -> list[str]:
    installation = find_installation(examined.paths.asterisk)
    made_up = Secrets(*(secrets.token_hex(32) for _ in Secrets.__struct_fields__))
    recordings = folder / "recordings"
    recordings.mkdir()
    with free_ports() as ports:
        site = msgspec.structs.replace(
            Deployment(folder, config, made_up).site,
            recordings=recordings,
            sip_host="127.0.0.1",
            ws_host="127.0.0.1",
            sip_port=int(ports["sip.port"]),
            ws_port=int(ports["sip.websocket_port"]),
            ami_port=int(ports["sip.ami_port"]),
            rtp_first=int(ports["sip.rtp_first"]),
            rtp_last=int(ports["sip.rtp_last"]),
        )
        asterisk = Asterisk(site, installation, examined.configs / "asterisk")
        await asterisk.start()
        await asterisk.stop()
    said = (site.run / "log" / "messages.log").read_text(errors="replace").splitlines()
    return [line for line in said if COMPLAINT.search(line)]
