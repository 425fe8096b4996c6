"""What an agent does at the desk during a call, in a real browser, and what the caller hears of it."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from cli.callers.audio import level_dbov, tone, tone_share, write_wav
from cli.callers.caller import Caller
from records.people import Role
from telephony.agent import AgentState
from telephony.call import CallState
from tests.system.agent_browser import DeskPage, chromium
from tests.system.hotline import PASSWORD, Hotline

AGENT_HZ = 1000.0

pytestmark = pytest.mark.system


@pytest.fixture
async def desk(hotline: Hotline, tmp_path: Path) -> AsyncIterator[DeskPage]:
    """An agent's page; the agent says a tone that no speech and no music is like."""
    microphone = tmp_path / "microphone.wav"
    write_wav(microphone, tone(AGENT_HZ, 5.0))
    await hotline.add_person("wang", name="王芳")
    async with chromium(microphone) as browser:
        desk = await DeskPage.open(browser, hotline.url)
        await desk.sign_in("wang", PASSWORD)
        yield desk


async def talking(hotline: Hotline, desk: DeskPage, speech: Path) -> Caller:
    """Let a citizen call and the agent answer."""
    await desk.become_ready()
    caller = await hotline.callers.call("12345", from_number="13800138000", says=speech)
    await desk.click("answer")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    return caller


async def test_on_hold_the_caller_hears_music_and_the_agent_comes_back(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    caller = await talking(hotline, desk, speech)
    await desk.click("hold")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) < 0.1 and level_dbov(pcm) > -50)
    await desk.click("resume")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    assert caller.media.heard.lost == 0
    await caller.hang_up()
    await desk.sees("wrapup-clock")


async def test_muted_the_agent_is_not_heard_and_stays_in_the_call(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    caller = await talking(hotline, desk, speech)
    await desk.click("mute")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) < 0.1)
    await desk.click("mute")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    await caller.hang_up()


async def test_private_details_are_not_recorded_and_the_record_says_when(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    caller = await talking(hotline, desk, speech)
    await desk.click("record-pause")
    paused = await hotline.until(lambda live: next(iter(live.calls.values())).recording_paused)
    packets = caller.media.heard.packets
    await caller.media.more(100, within_s=10.0)
    await desk.click("record-resume")
    await hotline.until(lambda live: not next(iter(live.calls.values())).recording_paused)
    assert caller.media.heard.packets >= packets + 100
    await caller.hang_up()
    await desk.sees("wrapup-clock")
    await desk.click("confirm")
    await desk.click("confirm-anyway")
    (case,) = await hotline.until_cases(1)
    assert len(case["recording"]["pauses"]) == 1
    (call_id,) = paused.calls
    silence_s = longest_silence_s(hotline.deployment.recordings / f"{call_id}.wav")
    assert silence_s == pytest.approx(2.0, abs=1.0)


async def test_a_page_loaded_anew_takes_its_call_up_again(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    caller = await talking(hotline, desk, speech)
    await desk.fill("form-title", "路灯不亮")
    await desk.sees("form-saved")
    await desk.page.reload()
    await desk.sees("hangup")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8, within_s=20.0)
    assert await desk.page.get_by_test_id("form-title").input_value() == "路灯不亮"
    (call,) = (await hotline.live()).calls.values()
    assert call.state is CallState.TALKING
    await desk.click("hangup")
    assert (await caller.ended()).by == "hotline"


async def test_keys_that_the_agent_presses_reach_the_caller(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    caller = await talking(hotline, desk, speech)
    await desk.click("keypad")
    for key in "42":
        await desk.click(f"dtmf-{key}")
    async with asyncio.timeout(10.0):
        while caller.media.heard.keys != "42":
            await caller.media.more(1, within_s=5.0)
    await caller.hang_up()


async def test_a_refused_caller_keeps_the_place_and_the_agent_becomes_not_ready(
    hotline: Hotline, desk: DeskPage
) -> None:
    await desk.become_ready()
    caller = await hotline.callers.call("12345", from_number="13800138000")
    await desk.click("refuse")
    live = await hotline.until(
        lambda live: any(agent.state is AgentState.NOT_READY for agent in live.agents.values())
    )
    (call,) = live.calls.values()
    assert call.state is CallState.WAITING
    assert call.waiting_since == call.offered_at
    assert caller.up


async def test_a_supervisor_sees_who_waits_and_what_agents_do(
    hotline: Hotline, desk: DeskPage, speech: Path
) -> None:
    await hotline.add_person("boss", Role.SUPERVISOR, name="李主任")
    supervisor = await DeskPage.open(desk.page.context.browser, hotline.url)
    await supervisor.sign_in("boss", PASSWORD)
    (agent_id,) = (await hotline.live()).agents
    row = f"agent-row-{agent_id}"
    await supervisor.shows(row, "王芳")
    first = await talking(hotline, desk, speech)
    await hotline.callers.call("12345", from_number="13900139000")
    await supervisor.shows("waiting-row", "13900139000")
    await supervisor.shows(row, "通话中")
    await first.hang_up()
    await supervisor.shows(row, "话后")


def longest_silence_s(recording: Path) -> float:
    """Return the longest time of digital silence in a recording."""
    with wave.open(str(recording)) as file:
        quiet = np.abs(np.frombuffer(file.readframes(file.getnframes()), np.int16)) <= 8
        rate = file.getframerate()
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(np.int8), [0]))))
    return float(np.max(edges[1::2] - edges[::2], initial=0)) / rate
