"""What a check found, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

import msgspec

from cli.paths import Paths
from telephony.config import Config


class Level(Enum):
    """How bad: `warn` is worth mending, `fail` keeps the hotline from working or from being safe."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor: what was looked at, what was seen, and the remedy where one is needed."""

    subject: str
    level: Level
    seen: str
    remedy: str = ""


class Examined(msgspec.Struct, frozen=True):
    """What the checks look at. `config` is None where it is broken: that is a finding already."""

    paths: Paths
    configs: Path
    var: Path
    config: Config | None


Check = Callable[[Examined], Iterator[Finding]]
"""One subject; yields nothing where it does not apply, and never raises because what it looks at is wrong."""


def ok(subject: str, seen: str) -> Finding:
    return Finding(subject, Level.OK, seen)


def warn(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(subject, Level.WARN, seen, remedy)


def fail(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(subject, Level.FAIL, seen, remedy)
