"""What a set-up step is, and the stamps that say that one was done."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cli.paths import Paths

EXIT_PERSON_NEEDED = 3
"""Exit code when a person must do what is printed, then start again."""


class SetupStopped(Exception):
    """Set-up cannot go on by itself. The message says what a person does next."""


Say = Callable[[str], None]
"""Shows what a step is doing at the moment, in a few words."""


class Step(Protocol):
    """One thing that the machine needs."""

    @property
    def name(self) -> str:
        """Short and fit for a file name: names the stamp and the log."""

    @property
    def title(self) -> str:
        """What a person reads on the progress line."""

    def is_done(self, paths: Paths) -> bool:
        """Whether there is nothing to do. Called on every start: a few milliseconds at most."""

    def do(self, paths: Paths, say: Say) -> str:
        """Do it; safe to repeat after being killed anywhere. Returns a word or two on the outcome.

        Raises SetupStopped.
        """


@dataclass(frozen=True)
class Stamp:
    """A file that holds the hash of what a step was last made from."""

    path: Path

    def matches(self, fingerprint: str) -> bool:
        try:
            return self.path.read_text() == fingerprint
        except OSError:
            return False

    def write(self, fingerprint: str) -> None:
        """Appears whole or not at all, whenever the process is killed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(self.path.name + ".part")
        partial.write_text(fingerprint)
        os.replace(partial, self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def fingerprint(parts: Iterable[str | bytes | Path]) -> str:
    """SHA-256 over texts and files' contents, in order; a missing file counts as such."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            content = part.read_bytes() if part.is_file() else b"(missing)"
        else:
            content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def run_logged(
    argv: Sequence[str | Path],
    log: Path,
    *,
    timeout: float,
    what: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program with its output appended to `log`. `timeout` in seconds.

    Raises SetupStopped, with the end of the log, when it fails, is missing or takes too long.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        start = sink.tell()
        try:
            done = subprocess.run(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else {**os.environ, **env},
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            raise SetupStopped(f"{what}: the program {argv[0]} is missing") from None
        except subprocess.TimeoutExpired:
            raise SetupStopped(
                f"{what} took over {timeout:.0f} s. Its output is in {log}; start again."
            ) from None
    if done.returncode != 0:
        with log.open("rb") as written:
            written.seek(start)
            tail = written.read().decode(errors="replace").splitlines()[-15:]
        raise SetupStopped(
            "\n".join([f"{what} failed (exit {done.returncode}); all of it is in {log}", *tail])
        )
