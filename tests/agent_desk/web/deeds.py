"""What agents do at their page, and what callers do to it."""

from __future__ import annotations

from playwright.async_api import Page, expect

from telephony.call import Call
from tests.agent_desk.house import House


async def ready(page: Page) -> None:
    """Press the button, and see that it worked."""
    await page.get_by_test_id("ready").click()
    await expect(page.get_by_test_id("state-button")).to_have_attribute("data-state", "ready")


async def talking(desk: House, page: Page, **caller: str) -> Call:
    """Bring the agent at `page` a caller, and have their phone answer."""
    await ready(page)
    await desk.centre.call_comes_in(**caller)
    call = await desk.centre.phone_answers()
    await expect(page.get_by_test_id("call-panel")).to_have_attribute("data-phase", "talking")
    return call


async def saved(page: Page) -> None:
    """Return when the page says that everything is saved."""
    await expect(page.get_by_test_id("form-saved")).to_have_attribute("data-state", "clean")


async def fill_in(page: Page) -> None:
    """Say what an agency needs to know."""
    await page.get_by_test_id("form-request_type-help").click()
    await search(page, "form-subcategory", "物业管理")
    await page.get_by_test_id("form-title").fill("垃圾无人清运")
    await page.get_by_test_id("form-content").fill("12 号楼下垃圾站\n自上周起无人清运")
    await search(page, "form-street", "望京")


async def search(page: Page, field: str, text: str) -> None:
    """Type into a list that opens below a field, and take what is found first."""
    await page.get_by_test_id(field).click()
    await page.keyboard.type(text)
    await expect(page.locator(".el-select-dropdown__item:visible").first).to_contain_text(text)
    await page.keyboard.press("Enter")
