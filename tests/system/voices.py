"""Voices that can be told apart: each agent is a tone that no music is like."""

from __future__ import annotations

from pathlib import Path

from cli.callers import Caller, level_dbov, tone, tone_share, write_wav

WANG_HZ, LI_HZ = 1000.0, 700.0
HEAR_LIMIT_S = 20.0
SOUND_DBOV = -50.0


def voice(folder: Path, frequency_hz: float) -> Path:
    """Return a recording of that voice in `folder`."""
    path = folder / f"{frequency_hz:.0f}.wav"
    write_wav(path, tone(frequency_hz, 2.0))
    return path


async def hears(caller: Caller, frequency_hz: float, within_s: float = HEAR_LIMIT_S) -> None:
    """Wait until the caller hears that voice. Raises NotHeard."""
    await caller.hears(lambda pcm: tone_share(pcm, frequency_hz) > 0.8, within_s)


async def hears_one_of(caller: Caller, *frequencies_hz: float, within_s: float = HEAR_LIMIT_S) -> float:
    """Wait until the caller hears one of these voices, and return which. Raises NotHeard."""
    pcm = await caller.hears(
        lambda pcm: any(tone_share(pcm, frequency_hz) > 0.8 for frequency_hz in frequencies_hz), within_s
    )
    return max(frequencies_hz, key=lambda frequency_hz: tone_share(pcm, frequency_hz))


async def hears_music(caller: Caller, within_s: float = HEAR_LIMIT_S) -> None:
    """Wait until the caller hears something that is no agent. Raises NotHeard."""
    await caller.hears(
        lambda pcm: (
            level_dbov(pcm) > SOUND_DBOV
            and all(tone_share(pcm, frequency_hz) < 0.2 for frequency_hz in (WANG_HZ, LI_HZ))
        ),
        within_s,
    )
