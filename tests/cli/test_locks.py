from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_registry_and_every_package_has_a_hash(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text and "--find-links" not in text
    pinned = [line for line in text.splitlines() if line[:1].isalnum()]
    assert pinned
    for line in pinned:
        assert "==" in line and line.endswith("\\"), f"{line!r} is not pinned by hash"


def test_tests_run_on_exactly_the_versions_that_are_shipped() -> None:
    def pins(name: str) -> set[str]:
        lines = (REQUIREMENTS / name).read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if line[:1].isalnum()}

    assert pins("base.lock") <= pins("dev.lock")


def test_the_front_end_lock_names_no_registry_either() -> None:
    locks = [
        file for file in ROOT.glob("agent_desk/**/package-lock.json") if "node_modules" not in file.parts
    ]
    for lock in locks:
        packages = json.loads(lock.read_text())["packages"]
        assert not [name for name, package in packages.items() if "resolved" in package]
        assert not [name for name, package in packages.items() if name and "integrity" not in package]
