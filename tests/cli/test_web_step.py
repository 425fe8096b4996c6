from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.paths import Paths
from cli.setup.step import SetupStopped
from cli.setup.web import WebStep, node_version

BUILD = """\
const fs = require("fs");
fs.mkdirSync("dist", { recursive: true });
fs.copyFileSync("src/page.html", "dist/index.html");
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A clone whose front end is small, yet built by the real npm."""
    web = tmp_path / "clone" / "agent_desk" / "web"
    (web / "src").mkdir(parents=True)
    (web / "src" / "page.html").write_text("<p>first</p>")
    (web / "build.js").write_text(BUILD)
    package = {"name": "desk", "version": "1.0.0", "scripts": {"build": "node build.js"}}
    (web / "package.json").write_text(json.dumps(package))
    lock = {"name": "desk", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (web / "package-lock.json").write_text(json.dumps(lock))
    return Paths(root=tmp_path / "clone", home=tmp_path / "home")


def build(paths: Paths) -> str:
    return WebStep().do(paths, lambda doing: None)


def test_the_front_end_is_built_once_and_again_when_a_source_changed(paths: Paths) -> None:
    step = WebStep()
    assert not step.is_done(paths)
    build(paths)
    assert step.is_done(paths)
    assert (paths.web / "dist" / "index.html").read_text() == "<p>first</p>"

    (paths.web / "src" / "page.html").write_text("<p>second</p>")
    assert not step.is_done(paths)
    build(paths)
    assert step.is_done(paths)
    assert (paths.web / "dist" / "index.html").read_text() == "<p>second</p>"


def test_what_the_build_itself_writes_is_no_reason_to_build_again(paths: Paths) -> None:
    build(paths)
    (paths.web / "dist" / "more.js").touch()
    (paths.web / "node_modules" / "left").mkdir(parents=True)
    assert WebStep().is_done(paths)


def test_a_front_end_that_was_removed_is_built_again(paths: Paths) -> None:
    build(paths)
    (paths.web / "dist" / "index.html").unlink()
    assert not WebStep().is_done(paths)


def test_a_build_that_fails_is_told_and_tried_again_at_the_next_start(paths: Paths) -> None:
    (paths.web / "build.js").write_text("console.error('desk.ts(3): no such name'); process.exit(2)")
    with pytest.raises(SetupStopped, match="no such name"):
        build(paths)
    assert not WebStep().is_done(paths)
    (paths.web / "build.js").write_text(BUILD)
    build(paths)
    assert WebStep().is_done(paths)


def test_an_installed_package_has_nothing_to_build(tmp_path: Path) -> None:
    assert WebStep().is_done(Paths(root=tmp_path, home=tmp_path / "home"))


@pytest.mark.parametrize(
    ("said", "version"), [("v24.19.0\n", 24), ("v20.20.2", 20), ("v18.0.0-nightly", 18), ("", None)]
)
def test_node_tells_its_version(said: str, version: int | None) -> None:
    assert node_version(said) == version
