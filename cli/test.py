"""`hotline test`: pytest in this environment, over two processes unless told otherwise."""

from __future__ import annotations

import argparse
import os
import sys

from cli.paths import Paths

DEFAULTS = ("-n", "2", "--dist", "loadgroup")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pytest", nargs=argparse.REMAINDER, metavar="...", help="arguments of pytest")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Becomes pytest, so that its closing line is the last one and its exit code is ours."""
    os.chdir(paths.root)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *DEFAULTS, *arguments.pytest])
