from __future__ import annotations

from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
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
