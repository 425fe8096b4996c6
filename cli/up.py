"""Run the centre on this machine, from the configuration: Redis, Asterisk, controller, desk, records.

Runs in the foreground until Ctrl-C or SIGTERM; parts that end by themselves are started again. Logs of the parts
are in logs/ of the private folder.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from cli.launcher import Launcher, NotStarted, launched
from cli.paths import Paths
from cli.run import LOG_FORMAT
from telephony.asterisk import AsteriskFailed, AsteriskNotFound
from telephony.config import ConfigError, load
from telephony.deployment import Deployment, open_deployment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--configs", type=Path, metavar="DIR", help="the configuration; configs/ by default")
    parser.add_argument(
        "--var", type=Path, metavar="DIR", help="the private folder, where not the configured one"
    )


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    configs = (arguments.configs or paths.configs).resolve()
    try:
        deployment = open_deployment(private_folder(arguments.var, configs, paths), configs)
        asyncio.run(_run(deployment, configs, paths))
    except ConfigError as error:
        for fault in str(error).splitlines():
            print(f"hotline up: {fault}", file=sys.stderr)
        return 1
    except (NotStarted, AsteriskFailed, AsteriskNotFound, OSError) as error:
        print(
            f"hotline up: {error}\nhotline up: `hotline doctor` checks machine and configuration",
            file=sys.stderr,
        )
        return 1
    return 0


def private_folder(asked: Path | None, configs: Path, paths: Paths) -> Path:
    """Return where the centre keeps everything: as asked, as configured, else inside the home of set-up.

    Raises ConfigError.
    """
    if asked is not None:
        return asked
    named = load(configs).hotline.hotline.data
    return configs / named if named else paths.home / "var"


async def _run(deployment: Deployment, configs: Path, paths: Paths) -> None:
    async with launched(deployment, configs, paths.asterisk) as launcher:
        announce(launcher)
        await told_to_stop()


def announce(launcher: Launcher) -> None:
    """Print where the centre is."""
    deployment, sip = launcher.deployment, launcher.deployment.config.hotline.sip
    print(f"desk        {deployment.desk_url}")
    print(f"SIP trunk   {sip.host}:{sip.port} (UDP)")
    print(f"case store  {deployment.case_store_url}")
    print(f"logs        {deployment.var / 'logs'}", flush=True)


async def told_to_stop() -> None:
    """Return on SIGTERM or Ctrl-C."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    print("stopping", flush=True)
