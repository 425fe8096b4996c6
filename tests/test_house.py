"""The house itself: who imports whom, and that the code is as checked as it says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "telephony": set(),
    "records": {"telephony"},
    "ivr": {"telephony", "records"},
    "languages": {"telephony", "records", "ivr"},
    "transfer": {"telephony", "records", "languages"},
    "agent_desk": {"telephony", "records", "ivr", "languages", "transfer"},
}
COMMANDS = {"cli", "benches"}
PRODUCT = [name for name in sorted(MAY_IMPORT.keys() | COMMANDS) if (ROOT / name).is_dir()]


def imported_houses(file: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level package of each import of this project's code, also of those inside functions."""
    ours = MAY_IMPORT.keys() | COMMANDS | {"tests"}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            if name.partition(".")[0] in ours:
                yield node.lineno, name.partition(".")[0]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_from_the_floors_below_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {house}"
        for file in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in file.parts
        for line, house in imported_houses(file)
        if house not in allowed
    ]
    assert not wrong


def test_no_package_of_the_product_needs_the_tests() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for package in sorted(MAY_IMPORT.keys() | COMMANDS)
        for file in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in file.parts
        for line, house in imported_houses(file)
        if house == "tests"
    ]
    assert not wrong


@pytest.mark.timeout(400)
def test_the_type_checker_has_nothing_to_say() -> None:
    said = check("mypy", "--no-error-summary", *PRODUCT)
    assert said.returncode == 0, said.stdout


def check(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", tool, *words],
        capture_output=True,
        text=True,
        timeout=380,
        cwd=ROOT,
        check=False,
    )
