"""The main story: a citizen calls, an agent in a real browser answers, and one record arrives."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cli.callers.audio import level_dbov, tone, tone_share, write_wav
from tests.system.agent_browser import DeskPage, chromium
from tests.system.hotline import PASSWORD, Hotline

AGENT_HZ, CALLER_HZ = 1000.0, 440.0

pytestmark = pytest.mark.system


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """What the agent says: a tone that no speech and no music is like."""
    path = tmp_path / "microphone.wav"
    write_wav(path, tone(AGENT_HZ, 5.0))
    return path


async def test_a_call_from_the_trunk_to_the_case_store(
    hotline: Hotline, microphone: Path, speech: Path
) -> None:
    await hotline.add_person("wang", name="王芳")
    async with chromium(microphone) as browser:
        desk = await DeskPage.open(browser, hotline.url)
        await desk.sign_in("wang", PASSWORD)
        caller = await hotline.callers.call("12345", from_number="13800138000", name="张三", says=speech)
        await caller.answered()
        await caller.hears(lambda pcm: level_dbov(pcm) > -50)
        waiting = await hotline.until(lambda live: bool(live.calls))
        await desk.become_ready()

        await desk.shows("caller-number", "13800138000")
        await desk.shows("caller-name", "张三")
        await desk.click("answer")
        await desk.sees("hangup")
        await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)

        await desk.click("form-request_type-help")
        await desk.choose("form-subcategory", "道路照明")
        await desk.choose("form-street", "方庄")
        await desk.fill("form-title", "小区路灯不亮")
        await desk.fill("form-content", "<b>三号楼</b>门口的路灯坏了")
        await desk.click("hangup")
        assert (await caller.ended()).by == "hotline"
        await desk.sees("wrapup-clock")
        await desk.click("confirm")
        (case,) = await hotline.until_cases(1)
    (call_id,) = waiting.calls
    assert case["call_id"] == call_id
    recording = hotline.deployment.recordings / f"{call_id}.wav"
    assert case["recording"]["sha256"] == hashlib.sha256(recording.read_bytes()).hexdigest()
    assert case["recording"]["complete"] is True
    form = case["form"]
    assert (form["category"], form["subcategory"]) == ("construction", "construction_lighting")
    assert form["content"] == "<b>三号楼</b>门口的路灯坏了"
    assert case["confirmation"]["confirmed"] is True
    assert case["offered_at"] <= case["answered_at"] <= case["ended_at"] <= case["closed_at"]
    # RTP counted both ways, at the caller: 50 packets a second each.
    talked_s = case["durations"]["talk_s"]
    assert caller.media.sent >= 40 * talked_s
    assert caller.media.heard.packets >= 40 * talked_s
    assert caller.media.heard.lost == 0
