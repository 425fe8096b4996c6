"""The command line: `hotline COMMAND ...`.

Each command is a module `cli.<name>` with `add_arguments(parser)` and `run(arguments, paths) -> int`,
imported only when it is the one that was asked for, and after set-up has brought what it needs.
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
from cli.setup.bring_up import bring_up_to
from cli.setup.step import EXIT_PERSON_NEEDED, SetupStopped, Step

DESCRIPTION = (
    "The telephone side of a 12345 citizen hotline: everything between the trunk and the case store."
)
EPILOGUE = """\
Set-up happens by itself, before the command, and only what the command needs. It is kept in .hotline of the
clone, or in the folder that HOTLINE_HOME names.

Exit codes: 0 done; 1 the command found something wrong; 2 wrong usage; 3 a person must do what is printed.
`hotline COMMAND --help` tells what a command takes."""
EXIT_USAGE = 2


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes; the module's docstring is its description."""

    def run(self, arguments: argparse.Namespace, paths: Paths) -> int:
        """Carry the command out; returns the process's exit code."""


@dataclass(frozen=True)
class Command:
    """One word after `hotline`.

    `raw` commands get everything after the word, unread, as `arguments.rest`.
    """

    summary: str
    steps: tuple[Step, ...]
    raw: bool = False


COMMANDS = {
    "demo": Command("start a whole centre here, with simulated citizens who call", plans.DEMO),
    "up": Command("run the centre on this machine, from the configuration", plans.RUN),
    "users": Command("make, list and change the accounts of people", plans.PYTHON),
    "doctor": Command("check this machine and a configuration, and name what is wrong", plans.PYTHON),
    "test": Command("run the tests", plans.TEST, raw=True),
    "bench": Command("run a benchmark", plans.TEST),
    "run": Command("run one role of a centre in the foreground", plans.PYTHON),
    "setup": Command("bring this machine to where every command runs", ()),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help"}:
        print(overview(), file=sys.stdout if words else sys.stderr)
        return 0 if words else EXIT_USAGE
    name, rest = words[0], words[1:]
    command = COMMANDS.get(name)
    if command is None:
        print(f"hotline: no command {name!r}; there are: {', '.join(COMMANDS)}", file=sys.stderr)
        return EXIT_USAGE
    paths = find_paths()
    try:
        asks_for_help = bool({"-h", "--help"} & set(rest[:1] if command.raw else rest))
        bring_up_to(paths, plans.PYTHON if asks_for_help else command.steps)
        module = cast(CommandModule, importlib.import_module(f"cli.{name}"))
        return module.run(_parse(name, command, module, rest, asks_for_help), paths)
    except SetupStopped as stopped:
        print(f"hotline: {stopped}", file=sys.stderr)
        return EXIT_PERSON_NEEDED
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """The help of `hotline` itself: every command with one line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: hotline COMMAND ...", "", DESCRIPTION, "", *lines, "", EPILOGUE])


def _parse(
    name: str, command: Command, module: CommandModule, rest: list[str], asks_for_help: bool
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"hotline {name}",
        description=cast(object, module).__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    if command.raw and not asks_for_help:
        return argparse.Namespace(rest=rest)
    return parser.parse_args(rest)
