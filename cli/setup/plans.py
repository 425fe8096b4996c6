"""Which command needs which steps. Python packages come first: later steps use them."""

from __future__ import annotations

from cli.setup.asterisk import AsteriskStep
from cli.setup.debian import CHINESE_FONTS, CHROMIUM, ESPEAK, POSTGRESQL, REDIS, SIPP, DebianPackages
from cli.setup.python import PythonPackages
from cli.setup.step import Step
from cli.setup.web import WebStep

PYTHON: tuple[Step, ...] = (PythonPackages("base"),)
"""What importing the project's own code needs."""

_PARTS: tuple[Step, ...] = (DebianPackages("redis", "Redis", (REDIS,)), AsteriskStep(), WebStep())

RUN: tuple[Step, ...] = (*PYTHON, *_PARTS)
"""What a centre in operation needs."""

_CALLERS = (SIPP, ESPEAK, CHINESE_FONTS)

DEMO: tuple[Step, ...] = (*RUN, DebianPackages("callers", "Simulated callers", _CALLERS))
"""That, and simulated callers who speak."""

TEST: tuple[Step, ...] = (
    PythonPackages("dev"),
    *_PARTS,
    DebianPackages("test", "Callers, browser, PostgreSQL", (*_CALLERS, CHROMIUM, POSTGRESQL)),
)
"""Everything: tests and benches drive real callers, a real browser and a real PostgreSQL."""
