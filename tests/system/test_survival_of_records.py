"""Redis, the database or the case store fail during calls: nobody notices on the telephone, each record comes once."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.callers import Media
from cli.callers.desk_client import DeskClient
from records.people import Role
from telephony.call import CallState
from tests.records.case_store_server import TOKEN, case_store_server
from tests.records.flaky_proxy import Fault, flaky_proxy
from tests.records.locks import locked
from tests.system.faults import kill, until_logged
from tests.system.hotline import Hotline, running_hotline
from tests.system.once import by_number, kept_calls, one_record_of_each
from tests.system.staff import staff_of
from tests.system.voices import WANG_HZ, hears, hears_music, voice

DELIVERY_LIMIT_S = 30.0

pytestmark = pytest.mark.system


async def test_redis_is_killed_and_later_away_for_so_long_that_it_forgets_everything(
    hotline: Hotline, media: Media, tmp_path: Path
) -> None:
    redis = hotline.launcher.parts["redis"]
    async with staff_of(hotline, media) as staff:
        wang = await staff.ready_agent("wang", says=voice(tmp_path, WANG_HZ))
        first = await hotline.callers.call("12345", from_number="13800000001")
        await hears(first, WANG_HZ)
        second = await hotline.callers.call("12345", from_number="13800000002")
        place = (await hotline.knows("13800000002")).waiting_since
        await kill(redis)
        await wang.presses("hold")
        await hears_music(first)
        await wang.presses("resume")
        await hears(first, WANG_HZ)

        await redis.stop()
        shutil.rmtree(hotline.deployment.var / "redis")
        (hotline.deployment.var / "redis").mkdir(mode=0o700)
        third = await hotline.callers.call("12345", from_number="13800000003")
        await hears_music(third)
        await first.hang_up()
        await redis.start()
        await hotline.launcher.until_healthy()
        live = await hotline.until(lambda live: len(live.calls) == 3)
        waiting = await hotline.knows("13800000002")
        assert (waiting.state, waiting.waiting_since) == ("waiting", place)
        assert live.agents[wang.id].state == "wrap-up"
        await staff.sign_in_again(wang)
        await wang.confirm()
        await wang.becomes("talking")
        assert wang.desk.call["caller_number"] == "13800000002"
        await hears(second, WANG_HZ)
        await wang.serve()
        await wang.serve()
        cases = by_number(await one_record_of_each(hotline, live.calls))
        assert [cases[f"1380000000{n}"]["end_reason"] for n in (1, 2, 3)] == [
            "caller-hung-up",
            "agent-hung-up",
            "agent-hung-up",
        ]
        assert cases["13800000001"]["durations"]["hold_s"] > 0


async def test_agents_work_on_while_the_database_is_locked(hotline: Hotline, media: Media) -> None:
    database_url = hotline.deployment.database_url
    async with staff_of(hotline, media) as staff:
        wang = await staff.ready_agent("wang")
        async with locked(database_url):
            await hotline.callers.call("12345", from_number="13800000001")
            await wang.serve()
            await hotline.callers.call("12345", from_number="13800000002")
            await wang.serve()
            live = await hotline.live()
            assert [call.state for call in live.calls.values()] == [CallState.CLOSED] * 2
            for call_id in live.calls:
                await until_logged(hotline, "records", f"record of {call_id}: trying again", times=2)
            assert await kept_calls(database_url) == []
            assert wang.state == "ready"
        cases = await one_record_of_each(hotline, live.calls)
        assert all(case["confirmation"]["confirmed"] for case in cases.values())


async def test_the_case_store_is_down_then_broken_then_too_slow_and_gets_each_record_once(
    media: Media, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    async with case_store_server(tmp_path) as store, flaky_proxy(store.url) as proxy:
        settings = {
            "case_store__url": f'"{proxy.url}"',
            "case_store__token_file": f'"{token}"',
            "case_store__timeout_s": "1",
            "case_store__retry_most_s": "1",
        }
        async with running_hotline(media, **settings) as hotline:
            await hotline.add_person("chen", role=Role.SUPERVISOR)
            async with hotline.client("chen") as supervisor:
                await proxy.down()
                first = await abandoned_call(hotline, "13800000001")
                await until_delivery(supervisor, first, state="pending", attempts=2)
                await proxy.up()
                await until_delivery(supervisor, first, state="delivered")

                proxy.fault = Fault.ANSWER
                second = await abandoned_call(hotline, "13800000002")
                pending = await until_delivery(supervisor, second, state="pending", attempts=2)
                assert "500" in pending["last_error"]
                assert list(await store.bodies()) == [first]
                proxy.fault = Fault.NONE
                await until_delivery(supervisor, second, state="delivered")

                proxy.fault = Fault.LOSE_ANSWER
                third = await abandoned_call(hotline, "13800000003")
                pending = await until_delivery(supervisor, third, state="pending", attempts=2)
                assert "no answer within 1 s" in pending["last_error"]
                assert third in await store.bodies()
                proxy.fault = Fault.NONE
                await until_delivery(supervisor, third, state="delivered")
            await hotline.until(lambda live: not live.calls)
            kept = await kept_calls(hotline.deployment.database_url)
        assert await store.cases.count() == 3
        assert sorted(await store.bodies()) == sorted(kept) == sorted((first, second, third))


async def abandoned_call(hotline: Hotline, number: str) -> str:
    """Somebody calls and soon hangs up; return the call's id."""
    caller = await hotline.callers.call("12345", from_number=number)
    call = await hotline.knows(number)
    await hears_music(caller)
    await caller.hang_up()
    return call.id


async def until_delivery(
    supervisor: DeskClient, call_id: str, *, state: str, attempts: int = 1
) -> dict[str, Any]:
    """Wait until the supervisor's page shows the delivery in that state, after so many attempts at least."""
    async with asyncio.timeout(DELIVERY_LIMIT_S):
        while True:
            for delivery in await supervisor.ask("GET", "/api/deliveries"):
                shown = (delivery["call_id"], delivery["state"])
                if shown == (call_id, state) and delivery["attempts"] >= attempts:
                    return dict(delivery)
            # The page asks for deliveries too: live state does not hold them.
            await asyncio.sleep(0.2)
