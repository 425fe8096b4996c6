"""Run one role of a centre in the foreground, until SIGTERM or Ctrl-C.

`hotline up` and `hotline demo` start all roles of this machine by themselves; this is for one role on a
machine of its own, or under a service manager. It expects a machine that `hotline setup` has made ready.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path

import uvloop

from cli.paths import Paths
from telephony.config import ConfigError

ROLES = {
    "controller": "telephony.controller",
    "desk": "agent_desk.main",
    "records": "records.main",
    "casestore": "records.case_store.main",
}
"""Each role's module has `async def run(options)`; options are `var` and `configs`, two folders."""

LOG_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", choices=sorted(ROLES), help="which part of the centre")
    parser.add_argument("--var", type=Path, required=True, metavar="DIR", help="the centre's private folder")
    parser.add_argument("--configs", type=Path, metavar="DIR", help="the configuration; configs/ by default")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    if arguments.configs is None:
        arguments.configs = paths.configs
    module = importlib.import_module(ROLES[arguments.role])
    try:
        uvloop.run(until_told_to_stop(module.run(arguments)))
    except ConfigError as error:
        for fault in str(error).splitlines():
            print(f"hotline run {arguments.role}: {fault}", file=sys.stderr)
        return 1
    return 0


async def until_told_to_stop(role: Coroutine[object, object, None]) -> None:
    """Await a role; SIGTERM and SIGINT cancel it, and that is a clean end. Its own errors are raised."""
    task = asyncio.ensure_future(role)
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
