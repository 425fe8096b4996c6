"""Bring this machine to where every command runs, tests and benches included.

Set-up of each command happens by itself; this does all of it at once, for instance to prepare a machine that
will lose its network. With --lock, resolve requirements/*.in into the locks anew instead.
"""

from __future__ import annotations

import argparse

from cli.paths import Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--run-only", action="store_true", help="only what a centre in operation needs")
    what.add_argument(
        "--lock", action="store_true", help="compile the locks after a change of requirements/*.in"
    )
    parser.add_argument("--upgrade", action="store_true", help="with --lock: take the newest versions")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    # Not at the top: cli.setup is also the package of the steps, which these modules import.
    from cli.setup import plans
    from cli.setup.bring_up import bring_up_to
    from cli.setup.python import compile_locks

    if arguments.lock:
        for lock in compile_locks(paths, upgrade=arguments.upgrade):
            print(lock.relative_to(paths.root))
        return 0
    bring_up_to(paths, plans.RUN if arguments.run_only else plans.TEST)
    print(f"ready: {paths.home}")
    return 0
