"""Asterisk: the system's where it is new enough, else Debian sid's packages unpacked into a private folder.

Unpacking needs no root and touches no package of the system: apt resolves against an empty package status of
its own, and dpkg-deb unpacks. The packages run through their own dynamic loader and C library.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.paths import Paths
from cli.setup.apt_sources import KEYRING, Source, debian_mirror, read_sources
from cli.setup.debian import find_program
from cli.setup.step import Say, SetupStopped, Stamp, fingerprint, run_logged

OLDEST = (22, 10)
"""WebSocket media, which every announcement and tap goes through, is missing or broken in older ones."""
NEXT_SERIES = (23, 0)
PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
MODULE = "chan_websocket.so"
SYSTEM_MODULES = ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/local/lib/asterisk/modules")
UNPACK_TIME_LIMIT_S = 1800.0
SUITE = "sid"
STAMP = "hotline.stamp"

Version = tuple[int, ...]


@dataclass(frozen=True)
class AsteriskStep:
    """Asterisk 22.10 or newer of the 22 series, with WebSocket media."""

    name: str = "asterisk"
    title: str = f"Asterisk {OLDEST[0]}.{OLDEST[1]}"

    def is_done(self, paths: Paths) -> bool:
        return Stamp(paths.asterisk / STAMP).matches(_wanted()) or self._system_stamp(paths).matches(
            _system_mark()
        )

    def do(self, paths: Paths, say: Say) -> str:
        program = system_program()
        if program is not None and is_good(system := version_of([program])) and _system_has_module():
            # A private one left from before would be preferred.
            shutil.rmtree(paths.asterisk, ignore_errors=True)
            self._system_stamp(paths).write(_system_mark())
            return f"the system's {show(system)} will do"
        return f"unpacked {show(unpack(paths, say))}"

    def _system_stamp(self, paths: Paths) -> Stamp:
        return Stamp(paths.stamps / "asterisk-system")


def system_program() -> str | None:
    return find_program("asterisk")


def is_good(version: Version | None) -> bool:
    return version is not None and OLDEST <= version < NEXT_SERIES


def show(version: Version | None) -> str:
    return ".".join(map(str, version)) if version else "of unknown version"


def parse_version(text: str) -> Version | None:
    """(22, 10, 1) from "Asterisk 22.10.1~dfsg+~cs6.17" ; None from anything else."""
    match = re.search(r"\bAsterisk (?:certified[/-])?(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def version_of(program: Sequence[str | Path]) -> Version | None:
    """What `asterisk -V` says; None when it does not run."""
    try:
        asked = subprocess.run([*program, "-V"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(asked.stdout)


def private_version(tree: Path) -> Version | None:
    """The version of the Asterisk under `tree`, run through its own loader; None when it does not run."""
    # Not at the top: set-up begins before the packages that this import needs are installed.
    from telephony.asterisk import find_installation

    if not (tree / "usr" / "sbin" / "asterisk").is_file():
        return None
    return version_of(find_installation(tree).program)


def unpack(paths: Paths, say: Say) -> Version:
    """Bring Debian sid's Asterisk into `paths.asterisk`; until it is whole and was seen to run, nothing is
    there.

    Raises SetupStopped.
    """
    mirror = debian_mirror(read_sources())
    if mirror is None:
        raise SetupStopped(
            "needs Asterisk 22.10 or newer of the 22 series, and apt's sources on this machine name no Debian"
            " mirror to take it from. Add one to /etc/apt/sources.list.d, or install such an Asterisk, then"
            " start again."
        )
    work = paths.home / "asterisk.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    log = paths.logs / "setup-asterisk.log"
    archives = _download(work, mirror, log, say)
    version = assemble(archives, work / "tree", paths.asterisk, log, say)
    shutil.rmtree(work)
    return version


def assemble(archives: Sequence[Path], tree: Path, target: Path, log: Path, say: Say) -> Version:
    """Unpack package files into `tree`, try what came of it, and only then rename it to `target`.

    Raises SetupStopped.
    """
    say(f"unpacking {len(archives)} packages")
    tree.mkdir(parents=True)
    for archive in archives:
        unpack_one: list[str | Path] = ["dpkg-deb", "--extract", archive, tree]
        run_logged(unpack_one, log, timeout=UNPACK_TIME_LIMIT_S, what=f"Unpacking {archive.name}")
    say("trying it")
    version = private_version(tree)
    if version is None or not is_good(version) or not any(tree.glob(f"usr/lib/*/asterisk/modules/{MODULE}")):
        raise SetupStopped(
            f"the Asterisk of Debian {SUITE} on this mirror is {show(version)}, not 22.10 or newer of the 22"
            f" series with {MODULE}. Install one so that `asterisk -V` says 22.10 or newer, then start again."
        )
    Stamp(tree / STAMP).write(_wanted())
    _put_in_place(tree, target)
    return version


def _download(work: Path, mirror: Source, log: Path, say: Say) -> list[Path]:
    """All packages that Asterisk needs down to its C library; apt has checked the archive's signature."""
    apt = ["apt-get", "-qq", *_private_apt(work, mirror)]
    say("reading package lists")
    run_logged([*apt, "update"], log, timeout=UNPACK_TIME_LIMIT_S, what=f"apt-get update of {SUITE}")
    say("downloading")
    run_logged(
        [*apt, "install", "--download-only", *PACKAGES],
        log,
        timeout=UNPACK_TIME_LIMIT_S,
        what=f"Downloading {', '.join(PACKAGES)} from {SUITE}",
    )
    return sorted((work / "cache" / "archives").glob("*.deb"))


def _private_apt(work: Path, mirror: Source) -> list[str]:
    """Options that make an apt of our own: its lists, cache and (empty) package status all under `work`.

    As options of the command, since these override what the machine's apt.conf says; its proxy stays in
    force.
    """
    for folder in ("state/lists/partial", "cache/archives/partial", "log", "empty.d"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    keyring = mirror.signed_by or KEYRING
    signed_by = f"signed-by={keyring} " if Path(keyring).is_file() else ""
    # A mirror may be a snapshot whose release file has expired; the signature is checked all the same.
    line = f"deb [{signed_by}check-valid-until=no] {mirror.uri} {SUITE} main\n"
    (work / "sources.list").write_text(line, encoding="utf-8")
    settings = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Log": work / "log",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "empty.d",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": work / "empty.d",
        "APT::Default-Release": "",
        "APT::Install-Recommends": "false",
        "APT::Get::Assume-Yes": "true",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "true",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _put_in_place(tree: Path, target: Path) -> None:
    """Rename, so that the target is at every moment absent, the old tree or the new one, never a part."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(tree, target)
    shutil.rmtree(old, ignore_errors=True)


def _wanted() -> str:
    return fingerprint([SUITE, shlex.join(PACKAGES), repr(OLDEST)])


def _system_mark() -> str:
    """Changes when the system's Asterisk is another than the one that was looked at."""
    program = system_program()
    if program is None:
        return "none"
    seen = os.stat(program)
    return fingerprint([program, repr((seen.st_size, seen.st_mtime_ns)), repr(OLDEST)])


def _system_has_module() -> bool:
    return any(any(Path("/").glob(f"{folder}/{MODULE}")) for folder in SYSTEM_MODULES)
