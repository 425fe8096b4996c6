"""What every test is held to: it leaves no task of its own running, and no process. And Redis, for who wants it."""

from __future__ import annotations

import asyncio
import inspect
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def no_task_outlives_its_test(request: pytest.FixtureRequest) -> None:
    """Asks for the watch only where there is a loop to watch."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("watched_loop")


@pytest.fixture
async def watched_loop() -> AsyncIterator[None]:
    """Set up before the test's own fixtures and so torn down after them: by then every task has ended."""
    yield
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"tasks that nobody awaited: {left}"


@pytest.fixture(scope="session", autouse=True)
def no_process_outlives_the_tests() -> Iterator[None]:
    """Fails the last test when a process that some test started still runs."""
    before = children()
    yield
    left = {pid: command for pid, command in children().items() if pid not in before}
    assert not left, f"processes that nobody ended: {left}"


def children() -> dict[int, str]:
    """The running child processes of this one, with their command lines (proc(5))."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found[int(folder.name)] = command
    return found


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for Unix sockets, whose paths must be short: pytest's own are too long."""
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        yield Path(folder)


@pytest.fixture
async def redis_server(short_folder: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(short_folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with redis_server.client() as client:
        yield client
