"""The command line: `hotline COMMAND ...`.

Each command is a module `cli.<name>` with `add_arguments(parser)` and `run(arguments, paths) -> int`, imported only
when it is the one that was asked for, and after set-up has brought what it needs.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from cli.paths import Paths, find_paths
from cli.setup import plans
from cli.setup.run import bring_up_to
from cli.setup.step import EXIT_PERSON_NEEDED, SetupStopped, Step


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace, paths: Paths) -> int: ...


@dataclass(frozen=True)
class Command:
    """One word after `hotline`: where its code is and which set-up it needs."""

    help: str
    steps: tuple[Step, ...]


COMMANDS = {
    "test": Command("run the tests; what follows goes to pytest", plans.TEST),
    "setup": Command("bring this machine to where every command runs, or compile the locks anew", ()),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    paths = find_paths()
    name = next((word for word in words if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="hotline", description="The telephone side of a 12345 citizen hotline.")
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    try:
        for known, command in COMMANDS.items():
            chosen = choices.add_parser(known, help=command.help, description=command.help)
            if known == name:
                bring_up_to(paths, command.steps)
                module = cast(CommandModule, importlib.import_module(f"cli.{known}"))
                module.add_arguments(chosen)
        arguments, rest = parser.parse_known_args(words)
        return module.run(arguments, paths)
    except SetupStopped as stopped:
        print(f"hotline: {stopped}", file=sys.stderr)
        return EXIT_PERSON_NEEDED
