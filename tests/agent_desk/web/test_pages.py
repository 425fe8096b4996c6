"""Signing in, live state, and what is shown to whom."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from records.people import Person
from tests.agent_desk.house import PASSWORD, House
from tests.agent_desk.web.conftest import SignIn
from tests.agent_desk.web.deeds import ready, talking

pytestmark = pytest.mark.system

HOSTILE = """"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>{{7*7}}"""


async def test_a_wrong_password_is_said_and_the_right_one_lets_in(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await page.get_by_test_id("sign-out").click()
    await page.get_by_test_id("username").fill("wang")
    await page.get_by_test_id("password").fill("wrong")
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_test_id("sign-in-problem")).to_contain_text("用户名或密码不正确")
    await expect(page.get_by_test_id("password")).to_be_focused()


async def test_a_hostile_name_is_shown_as_the_text_that_it_is(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await talking(desk, page, name=HOSTILE)
    await expect(page.get_by_test_id("caller-name")).to_have_text(HOSTILE)
    assert "owned" not in await page.title()
    assert await page.locator("img").count() == 0


async def test_a_page_whose_link_was_lost_catches_up_without_a_reload(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await ready(page)
    await page.evaluate("window.untouched = true")
    await page.context.set_offline(True)
    await expect(page.get_by_test_id("live-state")).to_have_attribute("data-state", "lost")
    await desk.centre.call_comes_in("13911112222")
    await desk.centre.phone_answers()
    await page.context.set_offline(False)
    await expect(page.get_by_test_id("live-state")).to_have_attribute("data-state", "live")
    await expect(page.get_by_test_id("caller-number")).to_have_text("13911112222")
    assert await page.evaluate("window.untouched")


async def test_without_a_microphone_an_agent_does_not_become_ready_and_is_told_why(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang", microphone=False)
    await page.get_by_test_id("ready").click()
    await expect(page.get_by_test_id("microphone-fault")).to_contain_text("麦克风被浏览器禁用")
    await expect(page.get_by_test_id("state-button")).to_have_attribute("data-state", "not-ready")


async def test_a_supervisor_sees_who_waits_and_an_agent_only_how_many(
    desk: House, page_of: SignIn, agent: Person, chief: Person
) -> None:
    page, supervisor = await page_of("wang"), await page_of("chief")
    await desk.centre.call_comes_in("13911112222")
    await desk.centre.call_comes_in("13733334444", dialled="12319")

    rows = supervisor.get_by_test_id("waiting-row")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text("13911112222")
    await expect(rows.nth(1)).to_contain_text("12319城管热线")
    await expect(supervisor.get_by_test_id(f"agent-row-{agent.id}")).to_have_attribute(
        "data-state", "not-ready"
    )
    await expect(page.get_by_test_id("queue-row-citizen")).to_have_attribute("data-waiting", "1")
    await expect(page.get_by_test_id("queue-row-urban")).to_have_attribute("data-waiting", "1")
    assert "13911112222" not in await page.content()


async def test_every_word_changes_with_the_language_and_the_choice_is_kept(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await page.get_by_test_id("lang-switch").click()
    await expect(page.get_by_test_id("state-button")).to_contain_text("Not ready")
    await page.reload()
    await expect(page.get_by_test_id("state-button")).to_contain_text("Not ready")
    await expect(page.get_by_test_id("queue-row-elderly")).to_contain_text("Elderly")
    await page.get_by_test_id("not-ready").click()
    await expect(page.get_by_test_id("reason-meal")).to_have_text("Meal")


async def test_the_desk_is_dark_where_the_system_is_and_light_when_a_person_says_so(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("html")).to_have_class("dark")
    await page.get_by_test_id("theme-switch").click()
    await expect(page.locator("html")).not_to_have_class("dark")


async def test_a_second_window_leaves_the_phone_to_the_first_until_it_is_asked_to_take_it(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    first = await page_of("wang")
    await expect(first.get_by_test_id("phone-state")).not_to_have_attribute("data-state", "off")
    second = await first.context.new_page()
    await second.goto(desk.url)
    await second.get_by_test_id("take-over").click()
    await expect(second.get_by_test_id("phone-state")).not_to_have_attribute("data-state", "off")
    await expect(first.get_by_test_id("phone-state")).to_have_attribute("data-state", "off")


async def test_a_session_that_ends_elsewhere_leads_back_to_signing_in(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    elsewhere = await desk.browser()
    answer = await elsewhere.sign_in("wang", PASSWORD)
    assert answer.status == 200, answer.body
    await expect(page.get_by_test_id("username")).to_be_visible()
