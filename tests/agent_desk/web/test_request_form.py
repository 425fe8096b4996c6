"""An agent takes a request down."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from records.people import Person
from telephony.call import CallState
from tests.agent_desk.house import House
from tests.agent_desk.web.conftest import SignIn
from tests.agent_desk.web.deeds import fill_in, saved, talking

pytestmark = pytest.mark.system


async def test_what_an_agent_writes_is_saved_by_itself_and_is_there_after_a_reload(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    await talking(desk, page)
    await fill_in(page)
    await saved(page)

    await page.reload()

    await expect(page.get_by_test_id("form-title")).to_have_value("垃圾无人清运")
    await expect(page.get_by_test_id("form-content")).to_have_value("12 号楼下垃圾站\n自上周起无人清运")
    await expect(page.get_by_test_id("form-street")).to_contain_text("望京街道")
    await expect(page.get_by_test_id("form-request_type-help").locator("input")).to_be_checked()


async def test_a_street_leads_to_its_district_and_a_subcategory_to_its_category(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    call = await talking(desk, page)
    await fill_in(page)
    await expect(page.get_by_test_id("form-district")).to_contain_text("朝阳区")
    await expect(page.get_by_test_id("form-category")).to_contain_text("住房")
    await saved(page)
    form = (await desk.desk.drafts.get(call.id)).form
    assert (form.category, form.subcategory) == ("housing", "housing_property")
    assert (form.district, form.street) == ("110105", "110105026")


async def test_what_a_supervisor_writes_meanwhile_is_kept_beside_the_agents_words(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    call = await talking(desk, page)
    await page.get_by_test_id("form-title").fill("垃圾无人清运")
    await saved(page)
    chief = await desk.supervisor()
    draft = (await chief.get(f"/api/calls/{call.id}/form")).json
    draft["form"]["target"] = "某物业公司"
    answer = await chief.put(
        f"/api/calls/{call.id}/form", {"form": draft["form"], "version": draft["version"]}
    )
    assert answer.status == 200, answer.body

    await page.get_by_test_id("form-address").fill("南湖东园二区 12 号楼")

    await expect(page.get_by_test_id("form-target")).to_have_value("某物业公司")
    await saved(page)
    form = (await desk.desk.drafts.get(call.id)).form
    assert (form.title, form.target, form.address) == ("垃圾无人清运", "某物业公司", "南湖东园二区 12 号楼")


async def test_the_form_is_saved_once_the_live_state_is_in_reach_again(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    call = await talking(desk, page)
    await page.context.set_offline(True)
    await page.get_by_test_id("form-title").fill("断网时写的")
    await expect(page.get_by_test_id("form-saved")).to_have_attribute("data-state", "failed")
    await page.context.set_offline(False)
    await saved(page)
    assert (await desk.desk.drafts.get(call.id)).form.title == "断网时写的"


async def test_wrap_up_names_what_is_missing_then_confirms_and_makes_the_agent_ready(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    call = await talking(desk, page)
    await expect(page.get_by_test_id("confirm")).to_be_disabled()
    await desk.centre.caller_hangs_up(call)
    await expect(page.get_by_test_id("wrapup-clock")).to_be_visible()

    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("form-missing")).to_contain_text(
        "诉求类型、一级分类、标题、诉求内容、区"
    )
    await fill_in(page)
    await expect(page.get_by_test_id("form-missing")).to_have_count(0)
    await page.keyboard.press("Control+Enter")

    await expect(page.get_by_test_id("state-button")).to_have_attribute("data-state", "ready")
    draft = await desk.desk.drafts.get(call.id)
    assert draft.confirmed_by == agent.id
    assert draft.form.title == "垃圾无人清运"
    assert desk.centre.centre.calls[call.id].state is CallState.CLOSED


async def test_an_agent_confirms_an_empty_form_all_the_same_and_takes_a_break(
    desk: House, page_of: SignIn, agent: Person
) -> None:
    page = await page_of("wang")
    call = await talking(desk, page)
    await desk.centre.caller_hangs_up(call)
    await page.get_by_test_id("confirm-not-ready").click()
    await page.get_by_test_id("confirm-reason-meal").click()
    await page.get_by_test_id("confirm-anyway").click()
    await expect(page.get_by_test_id("state-button")).to_have_attribute("data-state", "not-ready")
    await expect(page.get_by_test_id("state-button")).to_contain_text("用餐")
    assert (await desk.desk.drafts.get(call.id)).confirmed_by == agent.id
