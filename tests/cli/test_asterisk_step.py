from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.paths import Paths
from cli.setup.asterisk import MODULE, AsteriskStep, assemble, is_good, parse_version, version_of
from cli.setup.step import SetupStopped
from telephony.asterisk import find_installation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("said", "version", "good"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6.17.60671434", (22, 10, 1), True),
        ("Asterisk 22.11.0", (22, 11, 0), True),
        ("Asterisk 22.9.3", (22, 9, 3), False),
        ("Asterisk 23.0.0", (23, 0, 0), False),
        ("Asterisk 20.19.0", (20, 19, 0), False),
        ("Asterisk certified/22.10-cert1", (22, 10), True),
        ("bash: asterisk: command not found", None, False),
    ],
)
def test_only_the_22_series_from_22_10_on_is_taken(
    said: str, version: tuple[int, ...] | None, good: bool
) -> None:
    assert parse_version(said) == version
    assert is_good(version) is good


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian package with the real Asterisk of this machine: program, loader, libraries, one module."""
    tree = Paths(ROOT, Path(os.environ.get("HOTLINE_HOME", ROOT / ".hotline"))).asterisk
    if not tree.is_dir():
        pytest.skip("this machine's own Asterisk is in use: there is no private one to pack")
    folder = tmp_path_factory.mktemp("package")
    root = folder / "root"
    program = find_installation(tree).program
    listed = run([*program[:-1], "--list", program[-1]])
    needed = {Path(word) for word in listed.split() if word.startswith(str(tree))}
    module = next(tree.glob(f"usr/lib/*/asterisk/modules/{MODULE}"))
    for file in {Path(program[0]), Path(program[-1]), module, *needed}:
        copied = root / file.relative_to(tree)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copied)
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(
        "Package: asterisk\nVersion: 1\nArchitecture: all\nMaintainer: A Test <test@example.org>\n"
        "Description: packed by a test\n"
    )
    run(["dpkg-deb", "--build", "-Znone", str(root), str(folder / "asterisk.deb")])
    return folder / "asterisk.deb"


ASSEMBLE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from cli.setup import asterisk

package, home, tree = map(Path, sys.argv[1:4])
setattr(asterisk, sys.argv[4], lambda *ignored: os.kill(os.getpid(), signal.SIGKILL))
asterisk.assemble([package], tree, home / "asterisk", home / "log", lambda doing: None)
"""


@pytest.mark.parametrize("killed_before", ["private_version", "_put_in_place"])
def test_a_set_up_killed_before_asterisk_was_whole_leaves_none_and_the_next_one_brings_it(
    package: Path, tmp_path: Path, killed_before: str
) -> None:
    paths = Paths(ROOT, tmp_path)
    tree = tmp_path / "asterisk.part" / "tree"
    killed = subprocess.run(
        [sys.executable, "-c", ASSEMBLE_AND_DIE, package, tmp_path, tree, killed_before],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (tree / "usr/sbin/asterisk").is_file()
    assert not paths.asterisk.exists()
    assert not AsteriskStep().is_done(paths)

    shutil.rmtree(tmp_path / "asterisk.part")
    version = assemble([package], tree, paths.asterisk, tmp_path / "log", lambda doing: None)
    assert is_good(version)
    assert AsteriskStep().is_done(paths)
    assert version_of(find_installation(paths.asterisk).program) == version


def test_an_asterisk_without_websocket_media_is_refused_with_what_to_do(
    package: Path, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    run(["dpkg-deb", "--raw-extract", str(package), str(root)])
    next(root.glob(f"usr/lib/*/asterisk/modules/{MODULE}")).unlink()
    lacking = tmp_path / "lacking.deb"
    run(["dpkg-deb", "--build", "-Znone", str(root), str(lacking)])
    target = tmp_path / "asterisk"
    with pytest.raises(SetupStopped, match=r"22\.10 or newer of the 22 series with chan_websocket"):
        assemble([lacking], tmp_path / "tree", target, tmp_path / "log", lambda doing: None)
    assert not target.exists()


def test_a_new_asterisk_takes_the_place_of_an_old_one_as_a_whole(package: Path, tmp_path: Path) -> None:
    target = tmp_path / "asterisk"
    target.mkdir()
    (target / "left-over").touch()
    assemble([package], tmp_path / "tree", target, tmp_path / "log", lambda doing: None)
    assert not (target / "left-over").exists()
    assert (target / "usr/sbin/asterisk").is_file()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["asterisk", "log"]


def run(words: list[str]) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout
