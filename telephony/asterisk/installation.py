"""Where Asterisk's program, modules, sounds and music are on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = "usr/lib/x86_64-linux-gnu"


class AsteriskNotFound(Exception):
    """No Asterisk in the private folder and none on the system: `./hotline setup` brings one."""


class Installation(msgspec.Struct, frozen=True):
    """A runnable Asterisk.

    `program` is the argument list that starts it; a private installation runs through its own dynamic loader, so
    that the machine's libraries are never touched.
    """

    program: tuple[str, ...]
    modules: Path
    data: Path
    music: Path


def find_installation(private: Path) -> Installation:
    """Return the Asterisk unpacked under `private`, else the system's.

    Raises AsteriskNotFound.
    """
    libraries = private / LIBRARIES
    if (private / "usr/sbin/asterisk").exists():
        program = (
            str(private / LOADER),
            "--library-path",
            f"{libraries}:{libraries / 'asterisk'}",
            str(private / "usr/sbin/asterisk"),
        )
        share = private / "usr/share/asterisk"
        return Installation(program, libraries / "asterisk/modules", share, share / "moh")
    system = shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if system is None:
        raise AsteriskNotFound(f"no Asterisk under {private} and none on the system: run ./hotline setup")
    share = Path("/usr/share/asterisk")
    folders = (Path("/usr/lib/x86_64-linux-gnu/asterisk/modules"), Path("/usr/lib/asterisk/modules"))
    modules = next((folder for folder in folders if folder.is_dir()), folders[-1])
    return Installation((system,), modules, share, share / "moh")
