"""Headless Chromium with a microphone that speaks: somebody at the desk, as they click and look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = "/usr/bin/chromium"
VIEWPORT = {"width": 1366, "height": 768}
PATIENCE_MS = 20_000


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[Browser]:
    """Run Chromium whose microphone plays a wav file over and over."""
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-sandbox",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


class DeskPage:
    """One person's page of the desk."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    @classmethod
    async def open(cls, browser: Browser, url: str) -> DeskPage:
        """Open the desk in a browser context of its own: its own cookies, its own storage."""
        context = await browser.new_context(viewport=VIEWPORT, locale="zh-CN", permissions=["microphone"])
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(url)
        return cls(page, url)

    async def sign_in(self, username: str, password: str) -> None:
        """Fill in the sign-in form and wait for live state."""
        await self.fill("username", username)
        await self.fill("password", password)
        await self.click("submit")
        await self.sees("live-state")

    async def become_ready(self) -> None:
        """Wait for the phone, then become ready."""
        await self.shows("phone-state", "已注册")
        await self.click("state-button")
        await self.click("ready")
        await self.shows("state-button", "就绪")

    async def click(self, test_id: str) -> None:
        """Click a thing once it can be clicked."""
        await self.page.get_by_test_id(test_id).click()

    async def fill(self, test_id: str, text: str) -> None:
        """Type into a field."""
        await self.page.get_by_test_id(test_id).fill(text)

    async def choose(self, test_id: str, text: str) -> None:
        """Search in a list that opens below a field, and take what is found first."""
        field = self.page.get_by_test_id(test_id)
        await field.click()
        await field.locator("input").fill(text)
        await self.page.locator(".el-select-dropdown__item:visible").filter(has_text=text).first.click()

    async def sees(self, test_id: str) -> None:
        """Wait until a thing is to be seen."""
        await expect(self.page.get_by_test_id(test_id).first).to_be_visible(timeout=PATIENCE_MS)

    async def sees_no(self, test_id: str) -> None:
        """Wait until a thing is gone."""
        await expect(self.page.get_by_test_id(test_id)).to_have_count(0, timeout=PATIENCE_MS)

    async def shows(self, test_id: str, text: str) -> None:
        """Wait until a thing holds a text."""
        await expect(self.page.get_by_test_id(test_id).first).to_contain_text(text, timeout=PATIENCE_MS)

    async def close(self) -> None:
        """Close the page and everything that it had open, as a crash would: without a farewell."""
        await self.page.context.close()
