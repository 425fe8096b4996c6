"""The request form, from the first word typed to the confirmed record."""

from __future__ import annotations

from records.drafts import Drafts
from tests.agent_desk.browser import Browser
from tests.agent_desk.house import House

NOISE = {"title": "夜间施工噪声", "content": "每晚十点后仍在施工", "district": "110105", "category": "order"}


async def in_a_call(house: House, username: str = "lan") -> tuple[Browser, str]:
    """An agent who talks with a caller, and the call's id."""
    browser, _ = await house.ready_agent(username)
    await house.centre.call_comes_in()
    call = await house.centre.phone_answers()
    async with browser.live() as live:
        await live.until(lambda view: view.calls[call.id]["state"] == "talking")
    return browser, call.id


async def in_wrap_up(house: House) -> tuple[Browser, str]:
    """An agent whose caller has left."""
    browser, call_id = await in_a_call(house)
    async with browser.live() as live:
        await house.centre.caller_hangs_up(house.centre.centre.calls[call_id])
        await live.until(lambda view: view.calls[call_id]["state"] == "wrap-up")
    return browser, call_id


async def test_a_form_is_saved_while_it_is_written_and_confirmed_in_wrap_up(house: House) -> None:
    browser, call_id = await in_wrap_up(house)
    address = f"/api/calls/{call_id}"
    empty = (await browser.get(f"{address}/form")).json
    assert (empty["version"], empty["form"]["title"]) == (0, None)
    saved = await browser.put(f"{address}/form", {"form": {"title": "夜间"}, "version": 0})
    assert (saved.status, saved.json["version"]) == (200, 1)
    async with browser.live() as live:
        await live.until(lambda view: call_id in view.calls)
        confirmed = await browser.post(f"{address}/confirm", {"form": NOISE, "version": 1})
        assert (confirmed.status, confirmed.body) == (204, b"")
        await live.until(lambda view: call_id not in view.calls)
        (agent,) = live.agents.values()
        assert agent["state"] == "ready"
    async with house.redis_server.client() as redis:
        draft = await Drafts(redis).get(call_id)
    assert draft.form.title == NOISE["title"]
    assert draft.confirmed_by == agent["id"]


async def test_a_form_that_does_not_fit_together_is_saved_but_not_confirmed(house: House) -> None:
    browser, call_id = await in_wrap_up(house)
    half = {"street": "110101001"}
    saved = await browser.put(f"/api/calls/{call_id}/form", {"form": half, "version": 0})
    assert saved.status == 200
    refused = await browser.post(f"/api/calls/{call_id}/confirm", {"form": half, "version": 1})
    assert (refused.status, refused.json["field"]) == (400, "form.district")
    assert refused.json["message"]["zh"] == "请先选择区"
    assert house.centre.centre.calls[call_id].state == "wrap-up"


async def test_a_field_that_is_too_long_or_unknown_is_named(house: House) -> None:
    browser, call_id = await in_a_call(house)
    for form, field in (({"title": "x" * 201}, "form.title"), ({"titel": "x"}, "form.titel"), (None, "form")):
        answer = await browser.put(f"/api/calls/{call_id}/form", {"form": form, "version": 0})
        assert (answer.status, answer.json["field"]) == (400, field)


async def test_two_windows_on_one_form_do_not_overwrite_each_other(house: House) -> None:
    browser, call_id = await in_a_call(house)
    address = f"/api/calls/{call_id}/form"
    await browser.put(address, {"form": {"title": "first"}, "version": 0})
    second = await browser.put(address, {"form": {"title": "second"}, "version": 0})
    assert (second.status, second.error) == (409, "version")
    assert second.json["draft"]["form"]["title"] == "first"
    assert second.json["draft"]["version"] == 1


async def test_a_form_is_not_confirmed_while_the_caller_still_talks(house: House) -> None:
    browser, call_id = await in_a_call(house)
    answer = await browser.post(f"/api/calls/{call_id}/confirm", {"form": NOISE, "version": 0})
    assert (answer.status, answer.error) == (409, "not-in-wrap-up")
    assert (await browser.get(f"/api/calls/{call_id}/form")).json["version"] == 0


async def test_confirming_again_after_the_controllers_answer_was_lost_does_no_harm(house: House) -> None:
    """The form was confirmed, then the controller died before it answered."""
    browser, call_id = await in_wrap_up(house)
    agent_id = house.centre.centre.calls[call_id].agent_id
    form = {"form": NOISE, "version": 0}
    saved = (await browser.put(f"/api/calls/{call_id}/form", form)).json
    draft = await house.desk.drafts.get(call_id)
    await house.desk.drafts.save(call_id, draft.form, saved["version"], confirmed_by=agent_id)
    again = await browser.post(f"/api/calls/{call_id}/confirm", {"form": NOISE, "version": 1})
    assert again.status == 204
    assert house.centre.centre.calls[call_id].state == "closed"


async def test_another_agents_form_looks_like_none_at_all(house: House) -> None:
    _, call_id = await in_a_call(house, "lan")
    other, _ = await house.agent("wei")
    none_at_all = await other.get("/api/calls/no-such-call/form")
    for answer in (
        await other.get(f"/api/calls/{call_id}/form"),
        await other.put(f"/api/calls/{call_id}/form", {"form": NOISE, "version": 0}),
        await other.post(f"/api/calls/{call_id}/confirm", {"form": NOISE, "version": 0}),
    ):
        assert (answer.status, answer.body) == (404, none_at_all.body)


async def test_a_supervisor_may_finish_an_agents_form(house: House) -> None:
    _, call_id = await in_wrap_up(house)
    supervisor = await house.supervisor()
    answer = await supervisor.post(f"/api/calls/{call_id}/confirm", {"form": NOISE, "version": 0})
    assert answer.status == 204
    me = (await supervisor.get("/api/session")).json["user"]["id"]
    async with house.redis_server.client() as redis:
        assert (await Drafts(redis).get(call_id)).confirmed_by == me


async def test_a_form_comes_after_its_record_too_late(house: House) -> None:
    browser, call_id = await in_wrap_up(house)
    await browser.post(f"/api/calls/{call_id}/confirm", {"form": NOISE, "version": 0})
    late = await browser.put(f"/api/calls/{call_id}/form", {"form": {"title": "late"}, "version": 1})
    assert late.status in (404, 409)
    async with house.redis_server.client() as redis:
        assert (await Drafts(redis).get(call_id)).form.title == NOISE["title"]
