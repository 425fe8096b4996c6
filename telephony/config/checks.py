"""What a struct's types cannot say: references, overlaps, addresses, and what must be encrypted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telephony.config.categories import CategoriesFile
from telephony.config.hotline import HotlineFile
from telephony.config.kinds import numbers_of
from telephony.config.queues import QueuesFile
from telephony.config.reading import shown

Fault = tuple[str, str]

MOST_SEATS_OF_A_RANGE = 5000


def check_hotline(file: HotlineFile, folder: Path) -> Iterator[Fault]:
    """Yield the dotted key and the reason of every fault in ``hotline.toml`` as a whole."""
    try:
        ZoneInfo(file.hotline.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (
            "hotline.timezone",
            f'expected a time zone such as "Asia/Shanghai", got {shown(file.hotline.timezone)}',
        )
    yield from _check_addresses(file)
    yield from _check_ports(file)
    yield from _check_encryption(file, folder)
    yield from _check_trunks(file)
    yield from _check_seats(file)
    yield from _check_stores(file, folder)
    yield from _repeats((reason.id for reason in file.agents.pause_reasons), "agents.pause_reasons[{}].id")


def check_queues(file: QueuesFile) -> Iterator[Fault]:
    """Yield the dotted key and the reason of every fault in ``queues.toml`` as a whole."""
    if file.acd.default_language not in file.languages:
        yield "acd.default_language", _unknown("language", file.acd.default_language, file.languages)
    for name, queue in file.queues.items():
        key = f"queues.{name}"
        if queue.needs.skill not in file.skills:
            yield f"{key}.needs.skill", _unknown("skill", queue.needs.skill, file.skills)
        for place, hours in enumerate(queue.hours):
            if hours.open == hours.close:
                yield f"{key}.hours[{place}].close", f'expected another time than open = "{hours.open}"'
        for place, overflow in enumerate(queue.overflow):
            yield from _check_way_out(file, name, overflow.queue, f"{key}.overflow[{place}].queue")
        yield from _repeats((overflow.queue for overflow in queue.overflow), key + ".overflow[{}].queue")
        if queue.closed_overflow is not None:
            yield from _check_way_out(file, name, queue.closed_overflow, f"{key}.closed_overflow")
        if _closing_leads_back(file, name):
            yield f"{key}.closed_overflow", "leads back to this queue: callers would have nowhere to go"
    yield from _check_lines(file)


def check_categories(file: CategoriesFile) -> Iterator[Fault]:
    """Yield the dotted key and the reason of every fault in ``categories.toml`` as a whole."""
    taken: dict[str, str] = {}
    for place, category in enumerate(file.categories):
        keys = [(category.id, f"categories[{place}].id")]
        keys += [
            (child.id, f"categories[{place}].children[{n}].id") for n, child in enumerate(category.children)
        ]
        for identifier, key in keys:
            if identifier in taken:
                yield key, f"{shown(identifier)} is taken by {taken[identifier]}"
            taken.setdefault(identifier, key)


def _check_addresses(file: HotlineFile) -> Iterator[Fault]:
    for key, host in (("desk.host", file.desk.host), ("sip.host", file.sip.host)):
        if _is_loopback(host) is None:
            yield key, f'expected an IP address such as "127.0.0.1", got {shown(host)}'


def _check_ports(file: HotlineFile) -> Iterator[Fault]:
    sip = file.sip
    if sip.websocket_port == file.desk.port:
        yield "sip.websocket_port", f"expected another port than desk.port = {file.desk.port}"
    if sip.rtp_first % 2:
        yield "sip.rtp_first", f"expected an even port (RTP takes even ones), got {sip.rtp_first}"
    if sip.rtp_last < sip.rtp_first + 99:
        yield (
            "sip.rtp_last",
            f"expected at least 100 ports from sip.rtp_first = {sip.rtp_first}, got {sip.rtp_last}",
        )
    if sip.rtp_first <= sip.port <= sip.rtp_last:
        yield "sip.port", f"expected a port outside sip.rtp_first to sip.rtp_last, got {sip.port}"


def _check_seats(file: HotlineFile) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for kind, ranges in (("browser", file.seats.browser), ("phone", file.seats.phone)):
        for place, text in enumerate(ranges):
            key = f"seats.{kind}[{place}]"
            first, _, last = text.partition("-")
            if len(first) != len(last) or not 0 <= int(last) - int(first) < MOST_SEATS_OF_A_RANGE:
                yield key, f"expected 1 to {MOST_SEATS_OF_A_RANGE} numbers of equal length, got {shown(text)}"
                continue
            for number in numbers_of(text):
                if number in taken:
                    yield key, f"seat {number} is in {taken[number]} already"
                    break
                taken[number] = key


def _check_encryption(file: HotlineFile, folder: Path) -> Iterator[Fault]:
    desk = file.desk
    if (desk.tls_certificate is None) != (desk.tls_key is None):
        missing = "tls_certificate" if desk.tls_certificate is None else "tls_key"
        yield f"desk.{missing}", "is missing: a certificate and its key go together"
    for name, path in (("tls_certificate", desk.tls_certificate), ("tls_key", desk.tls_key)):
        yield from _check_file(f"desk.{name}", path, folder)
    if desk.tls_certificate is None and _is_loopback(desk.host) is False:
        yield (
            "desk.host",
            f"{desk.host} is reachable from other machines, so the desk needs TLS: "
            'set desk.tls_certificate and desk.tls_key, or use host = "127.0.0.1"',
        )


def _check_trunks(file: HotlineFile) -> Iterator[Fault]:
    networks = []
    for name, trunk in file.trunks.items():
        for place, address in enumerate(trunk.addresses):
            key = f"trunks.{name}.addresses[{place}]"
            try:
                networks.append((key, ip_network(address)))
            except ValueError:
                yield key, f'expected an IP address or network such as "192.0.2.0/28", got {shown(address)}'
    for (_, earlier), (key, later) in combinations(networks, 2):
        if earlier.version == later.version and earlier.overlaps(later):
            yield key, f"{later} overlaps {earlier}: an address belongs to one trunk, once"


def _check_stores(file: HotlineFile, folder: Path) -> Iterator[Fault]:
    # These reasons never repeat the address: it may hold a password.
    if file.database.url is not None and not file.database.url.startswith(
        ("sqlite+aiosqlite:///", "postgresql+asyncpg://")
    ):
        yield "database.url", "expected sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME"
    if file.redis.url is not None and not file.redis.url.startswith(("unix://", "redis://", "rediss://")):
        yield "redis.url", "expected unix://SOCKET, redis://HOST or rediss://HOST"
    for key, url, encrypted in (
        ("redis.url", file.redis.url, "rediss"),
        ("case_store.url", file.case_store.url, "https"),
    ):
        yield from _check_link(key, url, encrypted)
    yield from _check_file("case_store.token_file", file.case_store.token_file, folder)
    if file.case_store.retry_most_s < file.case_store.retry_first_s:
        yield "case_store.retry_most_s", f"expected at least retry_first_s = {file.case_store.retry_first_s}"


def _check_link(key: str, url: str | None, encrypted: str) -> Iterator[Fault]:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        yield key, "is not a well-formed address"
        return
    plain = encrypted[:-1]
    if encrypted == "https" and (parts.scheme not in ("http", "https") or not host):
        yield key, "expected https://HOST/PATH"
    elif parts.scheme == plain and host != "localhost" and not _is_loopback(host or ""):
        yield key, f"expected {encrypted}:// to another machine: what is sent holds citizens' data"


def _check_file(key: str, path: str | None, folder: Path) -> Iterator[Fault]:
    if path is not None and not (folder / path).is_file():
        yield key, f"no such file: {folder / path}"


def _check_lines(file: QueuesFile) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for name, line in file.lines.items():
        if line.queue not in file.queues:
            yield f"lines.{name}.queue", _unknown("queue", line.queue, file.queues)
        for place, number in enumerate(line.numbers):
            key = f"lines.{name}.numbers[{place}]"
            if number in owner:
                yield key, f"{shown(number)} is taken by {owner[number]}: a number belongs to one line, once"
            owner.setdefault(number, key)


def _check_way_out(file: QueuesFile, name: str, target: str, key: str) -> Iterator[Fault]:
    if target not in file.queues:
        yield key, _unknown("queue", target, file.queues)
    elif target == name:
        yield key, "expected another queue than this one"


def _closing_leads_back(file: QueuesFile, name: str) -> bool:
    seen: set[str] = set()
    place = file.queues[name].closed_overflow
    while place is not None and place not in seen and place in file.queues:
        seen.add(place)
        place = file.queues[place].closed_overflow
    return name in seen and file.queues[name].closed_overflow != name


def _repeats(values: Iterable[str], key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value in seen:
            yield key.format(place), f"{shown(value)} is there twice"
        seen.add(value)


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    return f"no such {kind}: {shown(name)}; expected one of {', '.join(known)}"


def _is_loopback(host: str) -> bool | None:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return None
