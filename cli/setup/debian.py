"""Debian packages that bring a program: installed with apt where we may, named with the command where not."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cli.paths import Paths
from cli.setup.step import Say, SetupStopped, run_logged

INSTALL_TIME_LIMIT_S = 1800.0
APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}
# A redis or postgresql package may try to start its service, which is never used here. Where no service can
# be started, that must not fail the installation.
APT_OPTIONS = ("-y", "-qq", "-o", "DPkg::Lock::Timeout=300")


@dataclass(frozen=True)
class Package:
    """A Debian package and how to see cheaply that what it brings is there.

    `program` is looked for in PATH and the sbin folders; `path`, for anything else, is a glob below /.
    """

    name: str
    program: str | None = None
    path: str | None = None

    def is_present(self) -> bool:
        if self.program:
            return find_program(self.program) is not None
        assert self.path is not None
        return any(Path("/").glob(self.path))


REDIS = Package("redis-server", program="redis-server")
SIPP = Package("sip-tester", program="sipp")
ESPEAK = Package("espeak-ng", program="espeak-ng")
CHROMIUM = Package("chromium", program="chromium")
CHINESE_FONTS = Package("fonts-noto-cjk", path="usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
POSTGRESQL = Package("postgresql", path="usr/lib/postgresql/*/bin/initdb")


@dataclass(frozen=True)
class DebianPackages:
    """The packages of one purpose; done when what each brings is on the machine, whoever installed it."""

    name: str
    title: str
    packages: tuple[Package, ...]

    def is_done(self, paths: Paths) -> bool:
        return not self._missing()

    def do(self, paths: Paths, say: Say) -> str:
        wanted = [package.name for package in self._missing()]
        log = paths.logs / f"setup-{self.name}.log"
        try:
            install(wanted, log, say)
        except SetupStopped:
            # A package whose service would not start is unpacked and works for us all the same.
            if self._missing():
                raise
        still = [package.name for package in self._missing()]
        if still:
            raise SetupStopped(f"apt installed {' '.join(still)}, yet what it brings is not found; see {log}")
        return "installed " + " ".join(wanted)

    def _missing(self) -> list[Package]:
        return [package for package in self.packages if not package.is_present()]


def find_program(name: str) -> str | None:
    """The program's path; the folders of administrators' programs count too, which a person's PATH lacks."""
    return shutil.which(
        name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    )


def install(packages: Iterable[str], log: Path, say: Say) -> None:
    """Install by apt-get, as root or through a sudo that asks for no password.

    Raises SetupStopped, with the command to run by hand where this user may not.
    """
    wanted = list(packages)
    command = ["apt-get", "install", *APT_OPTIONS, *wanted]
    if find_program("apt-get") is None:
        raise SetupStopped(
            f"needs {', '.join(wanted)}, and this machine has no apt-get. Install them, then start again."
        )
    prefix = _right_to_install()
    if prefix is None:
        by_hand = shlex.join(["sudo", "apt-get", "install", "-y", *wanted])
        raise SetupStopped(f"needs packages that only root may install. Run:\n  {by_hand}\nthen start again.")
    say("reading package lists")
    run_logged(
        [*prefix, "apt-get", "update", "-qq"],
        log,
        timeout=INSTALL_TIME_LIMIT_S,
        what="apt-get update",
    )
    say("installing " + " ".join(wanted))
    run_logged(
        [*prefix, "env", *(f"{name}={value}" for name, value in APT_ENVIRONMENT.items()), *command],
        log,
        timeout=INSTALL_TIME_LIMIT_S,
        what=shlex.join(command),
    )


def _right_to_install() -> list[str] | None:
    """What goes before a command that needs root: nothing as root, a sudo that asks nothing, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, timeout=30, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None
