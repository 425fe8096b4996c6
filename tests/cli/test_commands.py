from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


def hotline(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"usage: hotline {command}" in said
    # Beyond the usage line and the options: what the command is for.
    assert len(said.partition("\n\n")[2].split()) > 10


def test_the_overview_names_every_command_and_what_exit_codes_mean() -> None:
    said = hotline("--help")
    assert said.returncode == 0
    for name, command in COMMANDS.items():
        assert f"  {name} " in said.stdout
        assert command.summary in said.stdout
    assert "Exit codes" in said.stdout


def test_no_command_at_all_is_wrong_usage_and_shows_the_overview() -> None:
    said = hotline()
    assert said.returncode == 2
    assert "usage: hotline COMMAND" in said.stderr


def test_an_unknown_command_is_named_with_those_there_are() -> None:
    said = hotline("dial")
    assert said.returncode == 2
    assert "no command 'dial'" in said.stderr
    assert "doctor" in said.stderr


RUN_TESTS = """
import argparse, sys
from pathlib import Path
from cli.paths import Paths
from cli.test import run

here = Path.cwd()
sys.exit(run(argparse.Namespace(rest=sys.argv[1:]), Paths(here, here)))
"""


@pytest.mark.parametrize(("chosen", "code", "closing"), [("one", 1, "1 failed"), ("two", 0, "1 passed")])
def test_pytest_gets_what_follows_the_word_test_and_its_exit_code_is_ours(
    tmp_path: Path, chosen: str, code: int, closing: str
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        "def test_one():\n    assert 1 == 2\n\ndef test_two():\n    pass\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", RUN_TESTS, "tests", "-k", chosen],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert said.returncode == code
    assert closing in said.stdout.splitlines()[-1]
