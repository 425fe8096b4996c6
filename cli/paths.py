"""Where the project's files and this machine's private files are.

Standard library only: this is imported before any package is installed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """The two folders that everything else lies in."""

    root: Path
    """The project: a clone, or the folder that the installed packages are in."""
    home: Path
    """What set-up makes and what a running centre writes; never committed."""

    @property
    def venv(self) -> Path:
        return self.home / "venv"

    @property
    def stamps(self) -> Path:
        return self.home / "stamps"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def asterisk(self) -> Path:
        """The private Asterisk tree, present only where the system's is not new enough."""
        return self.home / "asterisk"

    @property
    def configs(self) -> Path:
        """The configuration that a command uses when it is given no other."""
        return self.root / "configs"

    @property
    def web(self) -> Path:
        return self.root / "agent_desk" / "web"

    @property
    def is_clone(self) -> bool:
        """False when the code runs from an installed package."""
        return (self.root / "requirements" / "base.lock").is_file()

    @property
    def owns_python(self) -> bool:
        """True when this interpreter is the one in `venv`, whose packages are ours to change."""
        return Path(sys.prefix) == self.venv


def find_paths() -> Paths:
    """The project's root from this file's place; home from HOTLINE_HOME.

    Without HOTLINE_HOME, home is `.hotline` of a clone, or the user's state folder for an installed package.
    """
    root = Path(__file__).resolve().parent.parent
    named = os.environ.get("HOTLINE_HOME")
    if named:
        return Paths(root, Path(named).absolute())
    if (root / "requirements" / "base.lock").is_file():
        return Paths(root, root / ".hotline")
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Paths(root, Path(state) / "hotline")
