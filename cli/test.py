"""Run the tests with pytest in this project's environment, over two processes unless told otherwise.

Everything after the word `test` goes to pytest, for instance: hotline test tests/telephony -k room
"""

from __future__ import annotations

import argparse
import os
import sys

from cli.paths import Paths
from cli.setup.step import SetupStopped

DEFAULTS = ("-n", "2", "--dist", "loadgroup")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rest",
        nargs="*",
        metavar="PYTEST_ARGUMENT",
        help="whatever pytest takes: files, -k, -x, -n 0 ...; -n 2 is the default",
    )


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Becomes pytest, so that its closing line is the last one and its exit code is ours."""
    if not (paths.root / "tests").is_dir():
        raise SetupStopped(
            "the tests are in the project's clone, not in the installed package: ./hotline test"
        )
    os.chdir(paths.root)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *DEFAULTS, *arguments.rest])
