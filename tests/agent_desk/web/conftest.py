"""Pages of the desk in headless Chromium, and the house that serves them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright

from cli.paths import find_paths
from records.people import Person, Role
from tests.agent_desk.house import PASSWORD, House, open_house
from tests.redis_server import RedisServer

PATIENCE_MS = 15_000
VIEWPORT = ViewportSize(width=1366, height=768)

SignIn = Callable[..., Awaitable[Page]]


@pytest.fixture
async def desk(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[House]:
    """A desk with the front end as it was built."""
    dist = find_paths().web / "dist"
    assert (dist / "index.html").is_file(), "the front end is not built: run ./hotline setup"
    async with open_house(tmp_path, redis_server, dist) as house:
        yield house


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """A browser with a microphone that beeps; a page has it only with permission."""
    program = shutil.which("chromium")
    assert program is not None, "Chromium is not installed: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--use-fake-device-for-media-stream", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
def refused_by_policy() -> list[str]:
    """What the content security policy kept pages from doing, as the browser's console tells."""
    return []


@pytest.fixture
async def page_of(desk: House, chromium: Browser, refused_by_policy: list[str]) -> AsyncIterator[SignIn]:
    """Opens the page of somebody who signs in through the form; nothing on it may offend the policy."""

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused_by_policy.append(message.text)

    async def sign_in(username: str, *, microphone: bool = True) -> Page:
        permissions = ["microphone"] if microphone else []
        context = await chromium.new_context(viewport=VIEWPORT, locale="zh-CN", permissions=permissions)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("console", heard)
        await page.goto(desk.url)
        await page.get_by_test_id("username").fill(username)
        await page.get_by_test_id("password").fill(PASSWORD)
        await page.get_by_test_id("submit").click()
        await page.locator("[data-testid=live-state][data-state=live]").wait_for()
        return page

    yield sign_in
    assert refused_by_policy == []


@pytest.fixture
async def agent(desk: House) -> Person:
    return await desk.hire("wang")


@pytest.fixture
async def chief(desk: House) -> Person:
    return await desk.hire("chief", Role.SUPERVISOR)
