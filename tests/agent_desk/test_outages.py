"""The desk while something that it stands on is away, and when it is back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agent_desk.live import socket as live_socket
from records import audit
from telephony import commands
from tests.agent_desk.archive import finished_record
from tests.agent_desk.house import PASSWORD, House, open_house
from tests.agent_desk.lasting_redis import LastingRedis
from tests.records.locks import locked


async def test_pages_stay_signed_in_and_up_to_date_when_redis_restarts(
    short_folder: Path, tmp_path: Path
) -> None:
    redis_server = LastingRedis(short_folder)
    await redis_server.start()
    try:
        async with open_house(tmp_path, redis_server) as house:
            supervisor = await house.supervisor()
            async with supervisor.live() as live:
                before = await house.centre.call_comes_in()
                await live.until(lambda view: before.id in view.calls)
                await redis_server.stop()
                away = await supervisor.get("/api/session")
                assert (away.status, away.error, away.headers["Retry-After"]) == (503, "live-state-away", "2")
                await redis_server.start()
                await live.until(
                    lambda view: view.messages[-1]["type"] == "snapshot" and len(view.messages) > 1
                )
                assert before.id in live.calls
                after = await house.centre.call_comes_in("13911112222")
                await live.until(lambda view: after.id in view.calls)
            assert (await supervisor.get("/api/session")).status == 200
    finally:
        await redis_server.stop()


async def test_a_redis_that_forgot_everything_shows_no_ghosts(house: House) -> None:
    ghost = await house.centre.call_comes_in()
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.until(lambda view: ghost.id in view.calls)
        await house.redis_server.stop()
        await house.redis_server.start()
        del house.centre.centre.calls[ghost.id]
        await house.centre.rewrite()
        await live.until(lambda view: ghost.id not in view.calls)
    # Its memory held the sessions too.
    assert (await supervisor.get("/api/session")).status == 401
    assert (await supervisor.sign_in("super", PASSWORD)).status == 200


async def test_pages_are_told_to_come_back_later_when_redis_stays_away(house: House) -> None:
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.next()
        await house.redis_server.stop()
        assert await live.closed() == 1013
        health = await supervisor.get("/healthz")
        assert (health.status, health.json["live_state"]) == (503, "away")
    await house.redis_server.start()


async def test_without_a_controller_people_are_told_so_and_may_still_go_home(house: House) -> None:
    lan, person = await house.agent("lan")
    await house.hire("wei")
    newcomer = await house.browser()
    async with house.centre.on_strike():
        ready, late, left = await asyncio.gather(
            lan.post("/api/agent/ready"), newcomer.sign_in("wei", PASSWORD), lan.sign_out()
        )
        assert (ready.status, ready.error, ready.headers["Retry-After"]) == (503, "no-controller", "2")
        assert (late.status, late.error) == (503, "no-controller")
        assert (left.status, (await lan.get("/api/session")).status) == (204, 401)
    boss = await house.supervisor()
    async with boss.live() as live:
        await live.until(lambda view: person.id not in view.agents)
    assert commands.SignOut(agent_id=person.id) in house.centre.asked


async def test_with_the_database_locked_agents_go_on_working(house: House, tmp_path: Path) -> None:
    lan, _ = await house.ready_agent("lan")
    supervisor = await house.supervisor()
    record = await finished_record(house)
    async with locked(f"sqlite:///{tmp_path / 'hotline.sqlite3'}"):
        heard = asyncio.create_task(supervisor.get(f"/api/records/{record.call_id}/recording"))
        browser = await house.browser()
        newcomer = asyncio.create_task(browser.sign_in("super", PASSWORD))
        call = await house.centre.call_comes_in()
        await house.centre.phone_answers()
        async with lan.live() as live:
            await house.centre.caller_hangs_up(call)
            await live.until(lambda view: view.calls[call.id]["state"] == "wrap-up")
            done = await lan.post(f"/api/calls/{call.id}/confirm", {"form": {"title": "x"}, "version": 0})
            assert done.status == 204
            await live.until(lambda view: call.id not in view.calls)
        for answer in (await heard, await newcomer):
            assert (answer.status, answer.error) == (503, "database-busy")
            assert answer.headers["Retry-After"] == "5"
    assert (await browser.sign_in("super", PASSWORD)).status == 200
    assert (await supervisor.get(f"/api/records/{record.call_id}/recording")).status == 200
    heard_entries = [e for e in await audit.latest(house.database) if e.action == "recording-heard"]
    assert len(heard_entries) == 1


async def test_a_page_goes_on_at_another_desk_when_its_own_ends(house: House, tmp_path: Path) -> None:
    supervisor = await house.supervisor()
    call = await house.centre.call_comes_in()
    async with AsyncExitStack() as links:
        async with house.another_desk(tmp_path) as url:
            supervisor.url = url
            live = await links.enter_async_context(supervisor.live())
            await live.until(lambda view: call.id in view.calls)
        assert await live.closed() == 1012
    supervisor.url = house.url
    another = await house.centre.call_comes_in()
    async with supervisor.live(since=live.position) as resumed:
        assert (await resumed.next())["type"] == "changes"
        await resumed.until(lambda view: another.id in view.calls)
        assert call.id not in resumed.calls


async def test_signing_out_at_one_desk_closes_the_page_at_another(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_socket, "CHECK_S", 0.1)
    supervisor = await house.supervisor()
    async with house.another_desk(tmp_path) as url:
        supervisor.url = url
        async with supervisor.live() as live:
            await live.next()
            supervisor.url = house.url
            assert (await supervisor.sign_out()).status == 204
            assert await live.closed() == 4401


async def test_a_fault_of_the_desk_is_logged_and_tells_nothing_about_itself(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = await house.supervisor()

    async def broken(*_: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr(house.desk.drafts, "get", broken)
    call = await house.centre.call_comes_in()
    async with supervisor.live() as live:
        await live.until(lambda view: call.id in view.calls)
    answer = await supervisor.get(f"/api/calls/{call.id}/form")
    assert (answer.status, answer.error) == (500, "fault")
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text
