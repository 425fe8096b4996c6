from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cli.paths import Paths
from cli.setup.debian import DebianPackages, Package
from cli.setup.step import SetupStopped

PATHS = Paths(Path(), Path())
NOWHERE = Package("no-such-package", program="no-such-program")
SHELL = Package("dash", program="sh")
SERVERS = Package("some-server", path="usr/lib/no-such-folder/*/bin/server")


def test_a_machine_that_has_every_program_needs_nothing() -> None:
    assert DebianPackages("shell", "A shell", (SHELL,)).is_done(PATHS)


@pytest.mark.parametrize("package", [NOWHERE, SERVERS])
def test_a_machine_that_lacks_one_is_not_done(package: Package) -> None:
    assert not DebianPackages("some", "Some", (SHELL, package)).is_done(PATHS)


@pytest.fixture
def as_a_user_without_rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH with nothing of administrators' but apt-get, and a user who is not root."""
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\nexit 99\n")
    apt.chmod(apt.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.mark.usefixtures("as_a_user_without_rights")
def test_a_user_who_may_not_install_is_told_the_exact_command(tmp_path: Path) -> None:
    with pytest.raises(SetupStopped) as stopped:
        DebianPackages("callers", "Callers", (NOWHERE, SERVERS)).do(
            Paths(tmp_path, tmp_path), lambda doing: None
        )
    assert "sudo apt-get install -y no-such-package some-server\n" in str(stopped.value)
