"""Makes the pictures of docs/screenshots from a running hotline: python -m tests.system.take_screenshots"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from cli.callers.audio import recorded_speech
from cli.callers.media import Media
from cli.callers.seat_phone import Answers, SeatPhones
from cli.paths import find_paths
from records.people import Role
from tests.system.agent_browser import DeskPage, chromium
from tests.system.hotline import PASSWORD, Hotline, running_hotline

TARGET = find_paths().root / "docs" / "screenshots"
SKILLS = {"citizen": 3, "enterprise": 3, "elderly": 3, "urban": 2, "consumer": 2}
WAITING = (
    ("1234501", "01088886666", "北京晨光商贸有限公司"),
    ("12345", "13911112222", "陈秀英"),
    ("12319", "13655556666", ""),
    ("12345", "17700001111", "O'Brien <script>"),
)


async def main() -> None:
    speech = recorded_speech(find_paths().asterisk / "usr/share/asterisk/sounds")[0]
    TARGET.mkdir(parents=True, exist_ok=True)
    with Media() as media:
        async with running_hotline(media) as hotline, chromium(speech) as browser:
            sip = hotline.deployment.config.hotline.sip
            async with SeatPhones((sip.host, sip.port), media) as phones:
                await _take(hotline, phones, await DeskPage.open(browser, hotline.url), speech)


async def _take(hotline: Hotline, phones: SeatPhones, desk: DeskPage, speech: Path) -> None:
    await hotline.add_person("wang", name="王芳", skills=SKILLS)
    await hotline.add_person("boss", Role.SUPERVISOR, name="李主任")
    await _shoot(desk, "sign-in")
    async with contextlib.AsyncExitStack() as stack:
        for n, name in enumerate(("陈静", "刘洋"), start=1):
            await hotline.add_person(f"colleague{n}", name=name, team="乙组")
            seat = f"200{n}"
            await phones.register(seat, hotline.deployment.seat_password(seat), Answers(), speech)
            colleague = await stack.enter_async_context(hotline.client(f"colleague{n}", seat))
            await colleague.until(lambda desk: bool(desk.me.get("phone_reachable")))
            await colleague.ask("POST", "/api/agent/ready")
            await hotline.callers.call("12345", from_number=f"1380000000{n}", name="孙杰", says=speech)
            await colleague.until(lambda desk: desk.me.get("state") == "talking")
        await desk.sign_in("wang", PASSWORD)
        await desk.become_ready()
        await hotline.callers.call("12345", from_number="13800138000", name="张伟", says=speech)
        await desk.sees("answer")
        await _shoot(desk, "agent-ringing")
        await desk.click("answer")
        await desk.sees("hangup")
        for number, sender, name in WAITING:
            await hotline.callers.call(number, from_number=sender, name=name, says=speech)
        await hotline.until(lambda live: len(live.calls) == 7)
        await _write(desk)
        await _shoot(desk, "agent-talking")
        await desk.click("lang-switch")
        await _shoot(desk, "agent-talking-en")
        await desk.click("lang-switch")
        supervisor = await DeskPage.open(desk.page.context.browser, hotline.url)
        await supervisor.sign_in("boss", PASSWORD)
        await supervisor.sees("waiting-row")
        await _shoot(supervisor, "supervisor")
        await desk.click("hangup")
        await desk.sees("wrapup-clock")
        await _shoot(desk, "agent-wrap-up")


async def _write(desk: DeskPage) -> None:
    await desk.click("form-request_type-help")
    await desk.choose("form-subcategory", "道路照明")
    await desk.fill("form-title", "小区东门外路灯不亮")
    await desk.fill("form-content", "小区东门外三盏路灯已有三天不亮,夜间老人出行不便,希望尽快维修。")
    await desk.choose("form-street", "方庄")
    await desk.fill("form-address", "芳古园一区东门")
    await desk.fill("form-name", "张伟")
    await desk.sees("form-saved")


async def _shoot(desk: DeskPage, name: str) -> None:
    await desk.page.screenshot(path=TARGET / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
