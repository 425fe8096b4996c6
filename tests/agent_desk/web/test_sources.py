"""The front end's sources: their types, and the tests of its pure parts, which need no browser."""

from __future__ import annotations

import asyncio
import os
import shutil

import pytest

from cli.paths import find_paths

WEB = find_paths().web
LIMIT_S = 100.0


@pytest.mark.parametrize(
    "program",
    [("vue-tsc/bin/vue-tsc.js", "--noEmit"), ("vitest/vitest.mjs", "run", "--no-color")],
    ids=["types-fit", "units-pass"],
)
async def test_the_front_ends_own_checks_find_nothing(program: tuple[str, ...]) -> None:
    packaged = find_paths().home / "node" / "bin"
    node = shutil.which("node", path=os.pathsep.join([str(packaged), os.environ["PATH"]]))
    script, *words = program
    assert node is not None, "no Node.js: run ./hotline setup"
    assert (WEB / "node_modules" / script).is_file(), (
        "the front end's packages are missing: run ./hotline setup"
    )
    process = await asyncio.create_subprocess_exec(
        *(node, str(WEB / "node_modules" / script), *words),
        cwd=WEB,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, output.decode(errors="replace")
