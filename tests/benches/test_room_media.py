"""What the bench of calls takes for good audio, and what not: two ports that really talk over loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benches._room_media import AGENT_HZ, CALLER_HZ, heard_since, lost
from benches._rooms import Room
from cli.callers.audio import packets, tone, write_wav
from cli.callers.media import Media, RtpPort

HOST = "127.0.0.1"
SECOND = 50
"""Packets."""


@pytest.fixture
def media() -> Iterator[Media]:
    with Media() as media:
        yield media


def voice(folder: Path, frequency_hz: float) -> tuple[bytes, ...]:
    path = folder / f"{frequency_hz:.0f}.wav"
    write_wav(path, tone(frequency_hz, 2.0))
    return packets(path)


def room(media: Media, callers_voice: tuple[bytes, ...], agents_voice: tuple[bytes, ...]) -> Room:
    """A caller and an agent without a switch between them, who have been together for a while."""
    caller, agent = media.open(HOST, 2.0), media.open(HOST, 2.0)
    caller.start((HOST, agent.number), callers_voice)
    agent.start((HOST, caller.number), agents_voice)
    parties: list[Any] = [SimpleNamespace(media=port) for port in (caller, agent)]
    return Room(*parties, joined_at=time.monotonic() - 60, answered_s=0.0, joined_s=0.0)


def port_of(party: object) -> RtpPort:
    return cast(RtpPort, cast(Any, party).media)


async def test_a_room_in_which_both_talk_has_no_fault(media: Media, tmp_path: Path) -> None:
    since = time.monotonic()
    one = room(media, voice(tmp_path, CALLER_HZ), voice(tmp_path, AGENT_HZ))
    await port_of(one.caller).more(2 * SECOND, 10.0)
    heard = heard_since([one], since, lost([one]))
    assert (heard.lost, heard.deaf_callers, heard.deaf_agents) == (0, 0, 0)
    assert 20 <= heard.largest_gap_ms < 1000


async def test_an_agent_who_falls_silent_is_a_gap_as_long_as_the_silence(
    media: Media, tmp_path: Path
) -> None:
    since = time.monotonic()
    one = room(media, voice(tmp_path, CALLER_HZ), voice(tmp_path, AGENT_HZ))
    caller, agent = port_of(one.caller), port_of(one.agent)
    await caller.more(SECOND, 10.0)
    agent.say(())
    await agent.more(SECOND, 10.0)
    assert heard_since([one], since, 0).largest_gap_ms > 700
    agent.say(voice(tmp_path, AGENT_HZ))
    await caller.more(SECOND, 10.0)
    assert heard_since([one], since, 0).largest_gap_ms > 700


async def test_whoever_hears_somebody_else_is_deaf(media: Media, tmp_path: Path) -> None:
    since = time.monotonic()
    one = room(media, voice(tmp_path, CALLER_HZ), voice(tmp_path, 2000.0))
    await port_of(one.caller).more(2 * SECOND, 10.0)
    heard = heard_since([one], since, 0)
    assert (heard.deaf_callers, heard.deaf_agents) == (1, 0)


async def test_what_came_before_the_span_does_not_count(media: Media, tmp_path: Path) -> None:
    one = room(media, voice(tmp_path, CALLER_HZ), ())
    agent, caller = port_of(one.agent), port_of(one.caller)
    await agent.more(SECOND, 10.0)
    agent.say(voice(tmp_path, AGENT_HZ))
    await caller.more(1, 10.0)
    since = time.monotonic()
    await asyncio.gather(caller.more(SECOND, 10.0), agent.more(SECOND, 10.0))
    assert heard_since([one], since, 0).largest_gap_ms < 500
