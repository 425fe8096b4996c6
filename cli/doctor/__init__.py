"""Check this machine and a configuration, and name what is wrong and what mends it.

Exit code 1 when something fails; warnings alone leave it 0. Nothing is changed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from cli.doctor.configuration import check_encryption, check_secrets, load_configuration
from cli.doctor.finding import Check, Examined, Finding, Level
from cli.doctor.machine import check_clock, check_disk, check_packages, check_python
from cli.doctor.network import check_media_ports, check_ports
from cli.doctor.programs import check_asterisk, check_front_end, check_redis
from cli.doctor.rendered import check_rendered
from cli.doctor.stores import check_database, check_live_state
from cli.paths import Paths
from cli.up import private_folder

SIGNS = {Level.OK: "ok  ", Level.WARN: "WARN", Level.FAIL: "FAIL"}

CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_redis,
    check_asterisk,
    check_front_end,
    check_disk,
    check_clock,
    check_ports,
    check_media_ports,
    check_encryption,
    check_secrets,
    check_live_state,
    check_database,
    check_rendered,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--configs", type=Path, metavar="DIR", help="the configuration; configs/ by default")
    parser.add_argument(
        "--var", type=Path, metavar="DIR", help="the private folder; as configured by default"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array of findings")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    levels = []
    findings = examine(paths, arguments.configs or paths.configs, arguments.var)
    if arguments.json:
        found = list(findings)
        levels = [finding.level for finding in found]
        print(msgspec.json.encode(found).decode())
    else:
        for finding in findings:
            levels.append(finding.level)
            print(as_text(finding), flush=True)
        counts = {level: levels.count(level) for level in Level}
        print(f"{counts[Level.OK]} ok, {counts[Level.WARN]} warnings, {counts[Level.FAIL]} failed")
    return 1 if Level.FAIL in levels else 0


def examine(
    paths: Paths, configs: Path, var: Path | None, checks: Sequence[Check] = CHECKS
) -> Iterator[Finding]:
    """Every finding, as soon as it is there. `var` is the private folder, where not the configured one."""
    config, findings = load_configuration(configs)
    yield from findings
    private = private_folder(var, configs, paths) if config else var or paths.home / "var"
    examined = Examined(paths=paths, configs=configs, var=private, config=config)
    for check in checks:
        yield from check(examined)


def as_text(finding: Finding) -> str:
    """One line, and a second one with the remedy where there is one."""
    line = f"{SIGNS[finding.level]}  {finding.subject}: {finding.seen}"
    return f"{line}\n      -> {finding.remedy}" if finding.remedy else line
