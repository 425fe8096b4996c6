"""The Debian mirror that this machine uses, read from apt's own source lists in both their formats.

Formats: sources.list(5), "ONE-LINE-STYLE FORMAT" and "DEB822-STYLE FORMAT".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ONE_LINE = re.compile(
    r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>(?!cdrom:)\S+)\s+(?P<suite>\S+)(?P<components>(\s+\S+)*)$"
)
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Suites beside a release: their mirrors may lie elsewhere and carry no other suite.
SIDE_SUITE = re.compile(r"(-security|-updates|-backports|-proposed|/updates)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """One archive of binary packages. `signed_by` is a keyring's path, or None for apt's default."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str | None


def read_sources(apt: Path = Path("/etc/apt")) -> list[Source]:
    """The enabled binary sources, in apt's order: sources.list, then sources.list.d by name."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found: list[Source] = []
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.suffix == ".list":
            found.extend(parse_one_line(text))
        elif file.suffix == ".sources":
            found.extend(parse_deb822(text))
    return found


def parse_one_line(text: str) -> Iterator[Source]:
    """`deb [signed-by=/a.gpg] URI SUITE COMPONENT...`, with # comments."""
    for line in text.splitlines():
        match = ONE_LINE.match(line.partition("#")[0].strip())
        if match is None:
            continue
        options = dict(word.partition("=")[::2] for word in (match["options"] or "").split())
        yield Source(
            uri=match["uri"],
            suites=(match["suite"],),
            components=tuple(match["components"].split()),
            signed_by=_keyring(options.get("signed-by")),
        )


def parse_deb822(text: str) -> Iterator[Source]:
    """Paragraphs of `Field: value`, values going on in indented lines; `Enabled: no` switches one off."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields = _fields(paragraph)
        enabled = fields.get("enabled", "yes").lower() not in {
            "no",
            "false",
            "0",
            "off",
            "disable",
            "without",
        }
        if not enabled or "deb" not in fields.get("types", "").split():
            continue
        for uri in fields.get("uris", "").split():
            yield Source(
                uri=uri,
                suites=tuple(fields.get("suites", "").split()),
                components=tuple(fields.get("components", "").split()),
                signed_by=_keyring(fields.get("signed-by")),
            )


def debian_mirror(sources: list[Source]) -> Source | None:
    """The source that carries a whole Debian release, and so also sid; None when there is none."""
    for source in sources:
        releases = [suite for suite in source.suites if not SIDE_SUITE.search(suite)]
        if "main" in source.components and releases:
            return source
    return None


def _fields(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = fields.get(name, "") + "\n" + line.strip()
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _keyring(value: str | None) -> str | None:
    # A key written out in the list itself is no path: apt's default keyrings serve instead.
    return value if value and value.startswith("/") and "\n" not in value else None
