"""An agent's own state, call and phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from telephony import commands
from telephony.commands import AnyCommand
from tests.agent_desk.house import House


async def test_an_agent_goes_on_a_break_and_comes_back(house: House) -> None:
    browser, person = await house.ready_agent("lan")
    async with browser.live() as live:
        await live.until(lambda view: view.agents[person.id]["state"] == "ready")
        assert (await browser.post("/api/agent/not-ready", {"reason": "meal"})).status == 204
        await live.until(lambda view: view.agents[person.id]["reason"] == "meal")
        assert (await browser.post("/api/agent/ready")).status == 204
        await live.until(lambda view: view.agents[person.id]["state"] == "ready")


async def test_a_reason_that_nobody_configured_is_refused_by_name(house: House) -> None:
    browser, _ = await house.agent("lan")
    answer = await browser.post("/api/agent/not-ready", {"reason": "shopping"})
    assert (answer.status, answer.json["field"]) == (400, "reason")
    assert "shopping" not in answer.json["message"]["zh"]


async def test_an_agent_whose_phone_is_lost_is_told_so_in_both_languages(house: House) -> None:
    browser, _ = await house.agent("lan")
    await house.centre.phone_is_lost("1001")
    answer = await browser.post("/api/agent/ready")
    assert (answer.status, answer.error) == (409, "phone-lost")
    assert answer.json["message"] == {
        "zh": "座席话机未连接,请稍候或刷新页面",
        "en": "the phone at your seat is not connected: wait for it, or reload",
    }


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("hold", commands.Hold),
        ("recording/pause", commands.PauseRecording),
        ("recording/resume", commands.ResumeRecording),
        ("rejoin", commands.Rejoin),
        ("hang-up", commands.HangUp),
    ],
)
async def test_each_button_of_a_call_asks_for_what_it_says(
    house: House, path: str, wish: Callable[..., AnyCommand]
) -> None:
    browser, person = await house.ready_agent("lan")
    idle = await browser.post(f"/api/agent/{path}")
    assert (idle.status, idle.error) == (409, "no-call")
    await house.centre.call_comes_in()
    await house.centre.phone_answers()
    await browser.post(f"/api/agent/{path}")
    assert house.centre.asked[-1] == wish(agent_id=person.id)


async def test_a_held_caller_is_taken_back(house: House) -> None:
    browser, _ = await house.ready_agent("lan")
    call = await house.centre.call_comes_in()
    await house.centre.phone_answers()
    async with browser.live() as live:
        assert (await browser.post("/api/agent/hold")).status == 204
        await live.until(lambda view: view.calls[call.id]["held"])
        assert (await browser.post("/api/agent/resume")).status == 204
        await live.until(lambda view: not view.calls[call.id]["held"])
        (span,) = live.calls[call.id]["holds"]
        assert span["until"] >= span["since"]


async def test_the_softphone_gets_its_own_seats_password_and_no_other(house: House) -> None:
    browser, _ = await house.agent("lan", seat="1033")
    assert (await browser.get("/api/phone")).json == {
        "seat": "1033",
        "sip_uri": "sip:1033@127.0.0.1",
        "ws_url": "ws://127.0.0.1:8088/ws",
        "password": "secret-of-1033",
        "display_name": "lan 名",
    }


async def test_a_seat_with_a_phone_of_its_own_gives_no_password_to_a_page(house: House) -> None:
    browser, _ = await house.agent("lan", seat="2001")
    answer = await browser.get("/api/phone")
    assert (answer.status, answer.error) == (404, "no-softphone")
    assert b"secret" not in answer.body
