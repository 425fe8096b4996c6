"""Signing in and out at the desk."""

from __future__ import annotations

import pytest

from agent_desk.sessions import SESSION
from records import audit, people
from records.people import Role
from telephony import commands
from tests.agent_desk.house import PASSWORD, House


async def test_an_agent_signs_in_and_gets_the_first_free_seat(house: House) -> None:
    await house.agent("lan")
    browser, person = await house.agent("wei")
    me = (await browser.get("/api/session")).json
    assert me["user"] == {
        "id": person.id,
        "username": "wei",
        "name": "wei 名",
        "role": "agent",
        "team": "一组",
    }
    assert me["seat"] == "1002"
    assert house.centre.centre.agents[person.id].skills == {"citizen": 3}


async def test_an_agent_gets_the_seat_that_they_ask_for_unless_somebody_sits_there(house: House) -> None:
    await house.agent("lan", seat="1007")
    await house.hire("wei")
    browser = await house.browser()
    refused = await browser.sign_in("wei", PASSWORD, "1007")
    assert (refused.status, refused.error) == (409, "seat-taken")
    assert (await browser.get("/api/session")).status == 401
    unknown = await browser.sign_in("wei", PASSWORD, "4711")
    assert (unknown.status, unknown.json["field"]) == (400, "seat")
    granted = await browser.sign_in("wei", PASSWORD, "1008")
    assert granted.json["seat"] == "1008"


async def test_seats_that_fill_up_meanwhile_are_passed_over(house: House) -> None:
    """The desk may not have heard yet that a seat was taken: the controller's word counts."""
    await house.agent("lan")
    journal = house.desk.feed.journal
    assert journal is not None
    journal.agents.clear()
    browser, _ = await house.agent("wei")
    assert (await browser.get("/api/session")).json["seat"] == "1002"


async def test_an_agent_who_signs_in_at_another_browser_keeps_the_seat_and_ends_the_first_session(
    house: House,
) -> None:
    first, person = await house.agent("lan")
    await first.post("/api/agent/ready")
    async with first.live() as live:
        await live.until(lambda view: person.id in view.agents)
        second = await house.browser()
        answer = await second.sign_in("lan", PASSWORD)
        assert answer.json["seat"] == "1001"
        assert await live.closed() == 4401
    assert (await first.get("/api/session")).status == 401
    assert (await second.get("/api/session")).status == 200
    assert house.centre.centre.agents[person.id].state == "ready"


async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(house: House) -> None:
    await house.hire("lan")
    browser = await house.browser()
    wrong = await browser.sign_in("lan", "not the password")
    unknown = await browser.sign_in("nobody", "not the password")
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body


async def test_a_barred_account_does_not_get_in_with_the_right_password(house: House) -> None:
    await house.hire("lan")
    await people.set_disabled(house.database, "lan", True)
    browser = await house.browser()
    assert (await browser.sign_in("lan", PASSWORD)).error == "bad-credentials"


async def test_the_username_is_taken_whatever_its_case(house: House) -> None:
    await house.hire("lan")
    browser = await house.browser()
    assert (await browser.sign_in(" LAN ", PASSWORD)).status == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    await house.hire("lan", Role.SUPERVISOR)
    browser = await house.browser()
    answer = await browser.sign_in("lan", PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    for flag in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert flag in cookie
    assert "Secure" not in cookie, "over plain HTTP on loopback a Secure cookie would never come back"


async def test_redis_holds_nothing_that_could_be_used_as_a_cookie(house: House) -> None:
    browser = await house.supervisor()
    (cookie,) = browser.session.cookie_jar
    async with house.redis_server.client() as redis:
        keys = [str(key) for key in await redis.keys("*")]
        values = [str(await redis.get(key)) for key in await redis.keys(f"{SESSION}*")]
    assert values
    assert all(cookie.value not in text for text in keys + values)


async def test_signing_in_changes_the_session_id(house: House) -> None:
    browser = await house.supervisor()
    (before,) = [cookie.value for cookie in browser.session.cookie_jar]
    await browser.sign_in("super", PASSWORD)
    (after,) = [cookie.value for cookie in browser.session.cookie_jar]
    assert before != after
    intruder = await house.browser()
    intruder.session.cookie_jar.update_cookies({"hotline_session": before})
    assert (await intruder.get("/api/session")).status == 401


async def test_signing_out_leaves_the_seat_and_ends_the_session(house: House) -> None:
    browser, person = await house.agent("lan")
    async with browser.live() as live:
        await live.until(lambda view: person.id in view.agents)
        assert (await browser.sign_out()).status == 204
        assert await live.closed() == 4401
    assert person.id not in house.centre.centre.agents
    assert (await browser.get("/api/session")).status == 401


async def test_an_agent_cannot_sign_out_of_a_call(house: House) -> None:
    browser, _ = await house.ready_agent("lan")
    await house.centre.call_comes_in()
    await house.centre.phone_answers()
    refused = await browser.sign_out()
    assert (refused.status, refused.error) == (409, "in-call")
    assert refused.json["message"]["zh"] == "请先结束当前通话并完成工单"
    assert (await browser.get("/api/session")).status == 200


async def test_another_person_at_the_same_browser_frees_the_first_ones_seat(house: House) -> None:
    browser, first = await house.agent("lan")
    await house.hire("boss", Role.SUPERVISOR)
    assert (await browser.sign_in("boss", PASSWORD)).status == 200
    async with browser.live() as live:
        await live.until(lambda view: first.id not in view.agents)
    assert commands.SignOut(agent_id=first.id) in house.centre.asked


async def test_every_sign_in_and_every_refusal_is_in_the_audit_trail(house: House) -> None:
    person = await house.hire("lan", Role.SUPERVISOR)
    browser = await house.browser()
    await browser.sign_in("lan", "wrong password")
    await browser.sign_in("lan", PASSWORD)
    await browser.sign_out()
    trail = await audit.latest(house.database)
    assert [(entry.action, entry.who) for entry in reversed(trail)] == [
        ("sign-in-refused", "lan"),
        ("signed-in", person.id),
        ("signed-out", person.id),
    ]
    assert {entry.address for entry in trail} == {"127.0.0.1"}


@pytest.mark.parametrize("username", ["lan", "no-such-person"])
async def test_guessing_is_made_slow_for_known_and_unknown_accounts_alike(
    house: House, username: str
) -> None:
    await house.hire("lan")
    browser = await house.browser()
    answers = [await browser.sign_in(username, f"guess number {number}") for number in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [423]
    assert answers[5].error == "locked"
    assert 0 < answers[5].json["seconds"] <= 30
    assert answers[5].headers["Retry-After"] == str(answers[5].json["seconds"])
    assert (await browser.sign_in("lan", PASSWORD)).status == (423 if username == "lan" else 200)
