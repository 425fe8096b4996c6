"""Python packages, from hash-locked requirements into the private environment."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from cli.paths import Paths
from cli.setup.step import Say, SetupStopped, Stamp, fingerprint, run_logged

INSTALL_TIME_LIMIT_S = 1200.0


@dataclass(frozen=True)
class PythonPackages:
    """Everything that one lock file names, as this environment's packages.

    `lock` is "base" (what runs) or "dev" (that, and what tests and benches need), or "node".
    """

    lock: str

    @property
    def name(self) -> str:
        return f"python-{self.lock}"

    @property
    def title(self) -> str:
        return {"base": "Python packages", "dev": "Python packages for tests", "node": "Node.js"}[self.lock]

    def is_done(self, paths: Paths) -> bool:
        if not (paths.is_clone and paths.owns_python):
            return True
        return self._stamp(paths).matches(self._fingerprint(paths))

    def do(self, paths: Paths, say: Say) -> str:
        say("installing")
        stamp = self._stamp(paths)
        stamp.remove()
        run_logged(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable),
                *("--require-hashes", "--only-binary", ":all:", "--no-config", "-r", self._file(paths)),
            ],
            paths.logs / f"setup-{self.name}.log",
            timeout=INSTALL_TIME_LIMIT_S,
            what=f"Installing {self._file(paths).name}",
            env=index_of_pip(),
        )
        stamp.write(self._fingerprint(paths))
        return "installed"

    def _file(self, paths: Paths) -> Path:
        return paths.root / "requirements" / f"{self.lock}.lock"

    def _stamp(self, paths: Paths) -> Stamp:
        # Inside the environment, so that it goes when the environment is made anew.
        return Stamp(paths.venv / f"{self.name}.stamp")

    def _fingerprint(self, paths: Paths) -> str:
        return fingerprint([self._file(paths)])


def index_of_pip() -> dict[str, str]:
    """The package index that this machine's pip is set to, as environment for uv, which does not read that.

    Empty where pip has none, or uv has its own.
    """
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    return {"UV_DEFAULT_INDEX": index} if index else {}


def compile_locks(paths: Paths, *, upgrade: bool) -> list[Path]:
    """Resolve requirements/*.in into locks with hashes and without any address.

    Keeps the versions of the present locks unless `upgrade`. Returns the locks. base.lock constrains
    dev.lock, so that tests run what is shipped. Raises SetupStopped.
    """
    folder = paths.root / "requirements"
    compile_one = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"),
        *(
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--no-emit-index-url",
            "--no-header",
            "--no-config",
        ),
        *(["--upgrade"] if upgrade else []),
    ]
    locks = {
        "bootstrap": ["bootstrap.in"],
        "base": ["base.in"],
        "dev": ["base.in", "dev.in", "-c", "base.lock"],
        "node": ["node.in"],
    }
    for lock, sources in locks.items():
        run_logged(
            [*compile_one, *sources, "-o", f"{lock}.lock"],
            paths.logs / "setup-lock.log",
            timeout=INSTALL_TIME_LIMIT_S,
            what=f"Resolving {sources[0]}",
            cwd=folder,
            env=index_of_pip(),
        )
        if "://" in (folder / f"{lock}.lock").read_text():
            raise SetupStopped(
                f"requirements/{lock}.lock names an address; give no index or URL in the .in files"
            )
    return [folder / f"{lock}.lock" for lock in locks]
