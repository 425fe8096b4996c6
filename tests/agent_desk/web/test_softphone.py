"""The softphone in a real call: what the agent's page does when sound, window or hands change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cli.callers.audio import tone, tone_share, write_wav
from cli.callers.media import Media
from telephony.call import LegOutcome, PartyRole
from telephony.live import Live
from tests.system.agent_browser import DeskPage, chromium
from tests.system.hotline import PASSWORD, Hotline, running_hotline

pytestmark = pytest.mark.system

AGENT_HZ = 1000.0
# A browser says that the way of the sound is dead; what JsSIP does then is what is tested.
SOUND_IS_LOST = """() => {
    const connection = window.connections.at(-1)
    Object.defineProperty(connection, 'iceConnectionState', { get: () => 'failed' })
    connection.getSenders().forEach((sender) => sender.replaceTrack(null))
    connection.dispatchEvent(new Event('iceconnectionstatechange'))
}"""
KEEP_CONNECTIONS = """
    window.connections = []
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...given) { super(...given); window.connections.push(this) }
    }
"""


@pytest.fixture
async def hotline() -> AsyncIterator[Hotline]:
    with Media() as media:
        async with running_hotline(media) as hotline:
            await hotline.add_person("wang")
            yield hotline


@pytest.fixture
async def desk(hotline: Hotline, tmp_path: Path) -> AsyncIterator[DeskPage]:
    """An agent who is ready, whose microphone hears a tone that no speech and no music is like."""
    microphone = tmp_path / "microphone.wav"
    write_wav(microphone, tone(AGENT_HZ, 5.0))
    async with chromium(microphone) as browser:
        desk = await DeskPage.open(browser, hotline.url)
        await desk.page.add_init_script(KEEP_CONNECTIONS)
        await desk.page.reload()
        await desk.sign_in("wang", PASSWORD)
        await desk.become_ready()
        yield desk


def agent_joined_twice(live: Live) -> bool:
    (call,) = live.calls.values()
    joined = [
        party
        for party in call.parties
        if party.role is PartyRole.AGENT and party.outcome is LegOutcome.JOINED
    ]
    return len(joined) == 2


async def test_a_call_whose_sound_is_lost_is_taken_up_again_and_never_ended(
    hotline: Hotline, desk: DeskPage
) -> None:
    caller = await hotline.callers.call("12345", from_number="13800138000")
    await desk.click("answer")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)

    await desk.page.evaluate(SOUND_IS_LOST)

    await hotline.until(agent_joined_twice)
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    assert not caller.over
    await desk.click("hangup")
    assert (await caller.ended()).by == "hotline"


async def test_another_window_takes_a_call_over_and_the_caller_stays(
    hotline: Hotline, desk: DeskPage
) -> None:
    caller = await hotline.callers.call("12345", from_number="13800138000")
    await desk.click("answer")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)

    window = await desk.page.context.new_page()
    await window.goto(hotline.url)
    await window.get_by_test_id("take-over").click()
    await expect(window.get_by_test_id("mute")).to_be_enabled()
    await expect(desk.page.get_by_test_id("phone-state")).to_have_attribute("data-state", "off")
    await desk.page.close()

    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    await window.get_by_test_id("hangup").click()
    assert (await caller.ended()).by == "hotline"


async def test_an_agent_who_wishes_so_answers_without_a_click_until_they_wish_otherwise(
    hotline: Hotline, desk: DeskPage
) -> None:
    await desk.click("auto-answer")
    caller = await hotline.callers.call("12345", from_number="13800138000")
    await caller.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
    await desk.page.keyboard.press("Shift+F2")
    await caller.ended()
    await desk.click("auto-answer")
    await desk.click("confirm")
    await desk.click("confirm-anyway")
    second = await hotline.callers.call("12345", from_number="13900139000")
    await expect(desk.page.get_by_test_id("answer")).to_be_enabled()
    await desk.page.keyboard.press("F2")
    await second.hears(lambda pcm: tone_share(pcm, AGENT_HZ) > 0.8)
