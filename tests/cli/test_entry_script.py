"""The root script in clones of its own, each with an empty home."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECOND_START_LIMIT_S = 5.0


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script, the locks and the command's code, as a clone has them."""
    folder = tmp_path_factory.mktemp("a clone")
    shutil.copy2(ROOT / "hotline", folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copytree(ROOT / "cli", folder / "cli", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def start(
    clone: Path, *words: str, home: Path, python: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOTLINE_HOME": str(home)}
    environment.pop("PYTHONPATH", None)
    if python is not None:
        environment["PATH"] = python
    return subprocess.run(
        [str(clone / "hotline"), *words],
        capture_output=True,
        text=True,
        timeout=110,
        cwd="/",
        env=environment,
        check=False,
    )


def test_a_fresh_clone_makes_its_environment_once_and_then_starts_at_once(
    clone: Path, tmp_path: Path
) -> None:
    first = start(clone, "setup", "--help", home=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "making a Python environment" in first.stderr
    assert "Python packages ... installed" in first.stderr
    assert "usage: hotline setup" in first.stdout

    began = time.monotonic()
    second = start(clone, "setup", "--help", home=tmp_path)
    assert time.monotonic() - began < SECOND_START_LIMIT_S
    assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")


def test_an_environment_that_was_cut_off_in_the_making_is_made_anew(clone: Path, tmp_path: Path) -> None:
    half = tmp_path / "venv"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").write_text("half a file")
    (half / "bootstrap.lock").write_text("half a lock")
    said = start(clone, "--help", home=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "usage: hotline COMMAND" in said.stdout


@pytest.fixture
def path_without_python(tmp_path: Path) -> str:
    """A PATH with what every Debian has, but no Python, no sudo and a user who is not root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in ("sh", "dirname", "readlink", "mkdir", "flock", "cmp", "cp"):
        found = shutil.which(program)
        assert found
        (folder / program).symlink_to(found)
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    return str(folder)


def test_a_machine_without_python_is_told_the_command_that_brings_it(
    clone: Path, tmp_path: Path, path_without_python: str
) -> None:
    said = start(clone, "--help", home=tmp_path / "home", python=path_without_python)
    assert said.returncode == 3
    assert "sudo apt-get install -y python3 python3-venv" in said.stderr
