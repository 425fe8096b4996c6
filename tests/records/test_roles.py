"""The roles `records` and `casestore` as a launcher starts them, with nothing configured but free ports."""

from __future__ import annotations

import json
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from aiohttp.test_utils import unused_port

from telephony.live import Commit, LiveWriter
from tests.records.calls import closed_call
from tests.records.played_controller import PlayedController
from tests.records.role_process import Centre, RoleProcess
from tests.records.wav import write_recording
from tests.redis_server import RedisServer


async def test_a_call_arrives_in_the_bundled_case_store_by_itself(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    port = unused_port()
    tables: dict[str, dict[str, str | int]] = {
        "redis": {"url": redis_server.url},
        "case_store": {"bundled_port": port},
    }
    centre, call = Centre(tmp_path, tables), closed_call()
    write_recording(centre.recordings, call.id)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_server.client())
        controller = PlayedController(redis)
        await stack.enter_async_context(controller.at_work())
        store = RoleProcess(centre, "casestore", ready="case store at")
        records = RoleProcess(centre, "records", ready="records go to")
        await stack.enter_async_context(store.at_work())
        await stack.enter_async_context(records.at_work())
        await LiveWriter(redis).write(Commit(calls=[call]))
        await controller.forgot(call.id)
        await records.has_said(f"record of call {call.id} delivered")
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(f"http://127.0.0.1:{port}/healthz") as answer,
        ):
            assert await answer.json() == {"ok": True, "cases": 1}
        assert await store.stop() == 0
        assert await records.stop() == 0
    with sqlite3.connect(centre.var / "case_store.sqlite3") as cases:
        ((key, body),) = cases.execute("SELECT key, body FROM cases").fetchall()
    cases.close()
    assert key == call.id
    assert json.loads(body)["recording"]["complete"] is True
