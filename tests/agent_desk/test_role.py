"""The desk as a process of its own, the way the launcher starts it."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agent_desk.main import tls_context
from records import people
from records.database import Database
from records.people import Profile, Role
from telephony.config import load
from telephony.live import Commit, LiveWriter
from tests.agent_desk.browser import Browser
from tests.agent_desk.house import CONFIGS, PASSWORD, PASSWORD_HASH
from tests.records.calls import talking_call
from tests.redis_server import RedisServer

STOP_LIMIT_S = 3.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configs_with(folder: Path, **desk: object) -> Path:
    """The project's configuration, with other settings under [desk]."""
    folder.mkdir()
    for file in CONFIGS.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    lines = "".join(f"{key} = {value}\n" for key, value in desk.items())
    text = (folder / "hotline.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[desk\]\n(?:[^\[\n].*\n|\n)*", f"[desk]\n{lines}\n", text)
    (folder / "hotline.toml").write_text(text, encoding="utf-8")
    return folder


@asynccontextmanager
async def desk_process(var: Path, configs: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "cli", "run", "desk", "--var", str(var), "--configs", str(configs)),
        cwd=CONFIGS.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_up(process: asyncio.subprocess.Process) -> None:
    """Return when the process has said where it is."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while line := await process.stderr.readline():
            if b"the desk is at" in line:
                return
    raise AssertionError("the desk ended by itself")


async def test_the_desk_ends_within_three_seconds_of_being_told(
    short_folder: Path, tmp_path: Path, redis_server: RedisServer
) -> None:
    port = free_port()
    configs = configs_with(tmp_path / "configs", host='"127.0.0.1"', port=port)
    async with desk_process(short_folder, configs) as process:
        await until_up(process)
        database = Database(f"sqlite+aiosqlite:///{short_folder / 'hotline.sqlite3'}")
        await database.migrate()
        await people.add(
            database, Profile(username="super", name="班长", role=Role.SUPERVISOR), PASSWORD_HASH
        )
        await database.close()
        async with redis_server.client() as redis:
            await LiveWriter(redis).write(Commit(calls=[talking_call(id="call-1")]))
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            browser = Browser(f"http://127.0.0.1:{port}", session)
            assert (await browser.sign_in("super", PASSWORD)).status == 200
            async with browser.live() as live:
                await live.until(lambda view: "call-1" in view.calls)
                process.send_signal(signal.SIGTERM)
                began = time.monotonic()
                assert await live.closed() == 1012
                assert await asyncio.wait_for(process.wait(), 30) == 0
                assert time.monotonic() - began < STOP_LIMIT_S
        assert process.stdout is not None
        assert await process.stdout.read() == b""


async def test_a_port_that_somebody_else_has_is_told_of(
    short_folder: Path, tmp_path: Path, redis_server: RedisServer
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        configs = configs_with(tmp_path / "configs", host='"127.0.0.1"', port=port)
        async with desk_process(short_folder, configs) as process:
            _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert str(port) in errors.decode()
    assert "address already in use" in errors.decode()


async def test_the_desk_serves_https_where_a_certificate_is_configured(
    short_folder: Path, tmp_path: Path, redis_server: RedisServer
) -> None:
    certificate, key = tmp_path / "desk.crt", tmp_path / "desk.key"
    openssl = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await openssl.wait() == 0
    port = free_port()
    configs = configs_with(
        tmp_path / "configs",
        host='"127.0.0.1"',
        port=port,
        tls_certificate=f'"{certificate}"',
        tls_key=f'"{key}"',
    )
    trust = ssl.create_default_context(cafile=str(certificate))
    async with desk_process(short_folder, configs) as process:
        await until_up(process)
        connector = aiohttp.TCPConnector(ssl=trust)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"https://127.0.0.1:{port}/api/settings") as answer,
        ):
            assert answer.status == 200
            assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
            assert "wss://127.0.0.1:8088" in answer.headers["Content-Security-Policy"]
    assert tls_context(load(CONFIGS)) is None


@pytest.mark.parametrize("broken", ["areas.json", "hotline.toml"])
async def test_a_broken_configuration_is_refused_by_name(
    short_folder: Path, tmp_path: Path, broken: str
) -> None:
    configs = configs_with(tmp_path / "configs", host='"127.0.0.1"', port=free_port())
    (configs / broken).write_text("[broken")
    async with desk_process(short_folder, configs) as process:
        _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert broken in errors.decode()
