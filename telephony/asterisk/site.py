"""What one Asterisk is told: the templates of configs/asterisk with this site's values in them."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

import msgspec

from telephony.asterisk.installation import Installation

PLACEHOLDER = re.compile(r"@\{(\w+)\}")
# What may stand in a rendered line: anything else could begin a line or a section of its own.
UNSAFE = re.compile(r"[\r\n\0;\[\]]")
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Trunk(msgspec.Struct, frozen=True):
    """A carrier's gateway: calls come only from `addresses` (IPv4 or IPv6, single or CIDR)."""

    name: str
    addresses: tuple[str, ...]


class Seat(msgspec.Struct, frozen=True):
    """A place to work: its number, its SIP password and its phone.

    A `browser` is the desk's softphone (SIP over WebSocket, Opus, DTLS-SRTP); a `phone` is a hard phone (SIP
    over UDP, A-law).
    """

    number: str
    secret: str
    kind: Literal["browser", "phone"] = "browser"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One Asterisk: folders, ports, secrets, seats and trunks.

    `recordings` must exist. With a certificate SIP over WebSocket is encrypted, and only so. Times are whole
    seconds: `heartbeat_limit` after which a new caller is served without the controller, `abandoned_after` after
    which callers who are alone in a room are.
    """

    run: Path
    recordings: Path
    system_name: str = "hotline"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    ws_host: str = "127.0.0.1"
    ws_port: int = 8088
    rtp_first: int = 20000
    rtp_last: int = 29999
    ami_port: int = 5038
    ami_user: str = "controller"
    ami_secret: str
    seats: tuple[Seat, ...]
    trunks: tuple[Trunk, ...]
    tls_cert: Path | None = None
    tls_key: Path | None = None
    heartbeat_limit: int = 3
    abandoned_after: int = 10


def render(site: Site, installation: Installation, templates: Path, target: Path) -> Path:
    """Write Asterisk's configuration into `target` and return the path of its asterisk.conf.

    Raises ValueError naming the value that may not stand in a configuration file, KeyError for a placeholder
    that no value is for.
    """
    values = _values(site, installation, target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for template in sorted(templates.glob("*.conf")):
        text = PLACEHOLDER.sub(lambda match: values[match[1]], template.read_text(encoding="utf-8"))
        file = target / template.name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    return target / "asterisk.conf"


def _values(site: Site, installation: Installation, target: Path) -> dict[str, str]:
    tls = site.tls_cert is not None and site.tls_key is not None
    plain = {
        "etc": target,
        "run": site.run,
        "modules": installation.modules,
        "data": installation.data,
        "music": installation.music,
        "recordings": site.recordings,
        "system_name": site.system_name,
        "sip_host": site.sip_host,
        "sip_port": site.sip_port,
        "ws_host": site.ws_host,
        "ws_port": site.ws_port,
        "rtp_first": site.rtp_first,
        "rtp_last": site.rtp_last,
        "ami_port": site.ami_port,
        "ami_user": site.ami_user,
        "ami_secret": site.ami_secret,
        "plain_enable": "no" if tls else "yes",
        "tls_enable": "yes" if tls else "no",
        "ws_protocol": "wss" if tls else "ws",
        "tls_cert": site.tls_cert or "",
        "tls_key": site.tls_key or "",
        "heartbeat_limit": site.heartbeat_limit,
        "abandoned_after": site.abandoned_after,
    }
    values = {name: _safe(name, str(value)) for name, value in plain.items()}
    seats = sorted(site.seats, key=lambda seat: seat.number)
    values["seats"] = "\n\n".join(_seat(seat) for seat in seats)
    values["trunks"] = "\n\n".join(_trunk(trunk) for trunk in site.trunks)
    values["alone_members"] = "\n".join(f"member => PJSIP/{_number(seat.number)}" for seat in seats)
    return values


def _seat(seat: Seat) -> str:
    number, secret = _number(seat.number), _safe(f"password of seat {seat.number}", seat.secret)
    return (
        f"[{number}]({seat.kind})\nauth = {number}\naors = {number}\ncallerid = {number} <{number}>\n"
        f"[{number}](seat-aor)\n"
        f"[{number}]\ntype = auth\nauth_type = userpass\nusername = {number}\npassword = {secret}"
    )


def _trunk(trunk: Trunk) -> str:
    if not NAME.fullmatch(trunk.name):
        raise ValueError(f"trunk name {trunk.name!r}: use at most 32 small letters, digits and _")
    matches = "\n".join(f"match = {ip_network(address, strict=False)}" for address in trunk.addresses)
    return (
        f"[trunk-{trunk.name}](trunk)\naors = trunk-{trunk.name}\n"
        f"[trunk-{trunk.name}]\ntype = aor\n"
        f"[trunk-{trunk.name}]\ntype = identify\nendpoint = trunk-{trunk.name}\n{matches}"
    )


def _number(number: str) -> str:
    if not re.fullmatch(r"[0-9]{2,8}", number):
        raise ValueError(f"seat {number!r}: a seat's number is 2 to 8 digits")
    return number


def _safe(name: str, value: str) -> str:
    if UNSAFE.search(value):
        raise ValueError(f"{name}: may not hold line breaks, semicolons or brackets")
    return value
