"""Checks of the programs beside ours: Redis, Asterisk and its modules, the front end."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from cli.doctor.finding import Examined, Finding, fail, ok
from cli.setup.asterisk import is_good, show, version_of
from cli.setup.debian import find_program
from cli.setup.web import WebStep
from telephony.asterisk import AsteriskNotFound, find_installation

OLDEST_REDIS = 7
MODULE_LINE = re.compile(r"^\s*(?:load|require)\s*=>?\s*(\S+\.so)", re.MULTILINE)


def check_redis(examined: Examined) -> Iterator[Finding]:
    program = find_program("redis-server")
    if program is None:
        yield fail("Redis", "no redis-server", "Run: sudo apt-get install -y redis-server")
        return
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    match = re.search(r"\bv=(\d+)\.(\S+)", asked.stdout)
    if match is None or int(match[1]) < OLDEST_REDIS:
        yield fail("Redis", asked.stdout.strip() or "does not run", f"Install Redis {OLDEST_REDIS} or newer.")
    else:
        yield ok("Redis", f"{match[1]}.{match[2]}")


def check_asterisk(examined: Examined) -> Iterator[Finding]:
    try:
        installation = find_installation(examined.paths.asterisk)
    except AsteriskNotFound as error:
        yield fail("Asterisk", str(error), "Run: ./hotline setup")
        return
    version = version_of(installation.program)
    if not is_good(version):
        yield fail(
            "Asterisk",
            show(version),
            "Needs 22.10 or newer of the 22 series: remove this one, or put such a one in its place,"
            " then run: ./hotline setup",
        )
        return
    yield ok("Asterisk", f"{show(version)} ({installation.program[-1]})")
    wanted = MODULE_LINE.findall(_text_of_modules(examined))
    missing = [module for module in wanted if not (installation.modules / module).is_file()]
    if missing:
        yield fail(
            "Asterisk's modules",
            f"missing in {installation.modules}: {', '.join(missing)}",
            "Install the packages that bring them, or remove this Asterisk and run: ./hotline setup",
        )
    else:
        yield ok(
            "Asterisk's modules", f"all {len(wanted)} that configs/asterisk/modules.conf names are there"
        )


def check_front_end(examined: Examined) -> Iterator[Finding]:
    if not (examined.paths.web / "dist" / "index.html").is_file():
        yield fail("front end", "not built", "Run: ./hotline setup")
    elif not WebStep().is_done(examined.paths):
        yield fail("front end", "older than its sources", "Run: ./hotline setup")
    else:
        yield ok("front end", "built from its present sources")


def _text_of_modules(examined: Examined) -> str:
    try:
        return (examined.configs / "asterisk" / "modules.conf").read_text(encoding="utf-8")
    except OSError:
        return ""
