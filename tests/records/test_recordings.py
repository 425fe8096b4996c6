"""Recordings: finished or not, how long, and their hash."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path

import pytest

from records import recordings
from records.recordings import RecordingFile, Recordings, recording_name
from records.schema import MissingRecording
from tests.records.wav import unfinished, wav, write_recording

LONG_AGO = 1_767_225_600.0


async def test_a_finished_recording_is_described_at_once(tmp_path: Path) -> None:
    written = write_recording(tmp_path, "call-1", seconds=1.5)
    began = time.monotonic()
    found = await Recordings(tmp_path).finished("call-1", time.time())
    assert time.monotonic() - began < recordings.WAIT_S / 2
    assert found == RecordingFile(
        name="call-1.wav",
        sha256=hashlib.sha256(written).hexdigest(),
        seconds=1.5,
        bytes=len(written),
        complete=True,
    )


async def test_a_recording_that_is_still_written_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, file, looks = wav(2), tmp_path / "call-1.wav", []

    def look(path: Path) -> bool:
        looks.append(finished := is_finished(path))
        if len(looks) == 1:
            file.write_bytes(wav(0))
        elif len(looks) == 2:
            file.write_bytes(unfinished(whole)[:20_000])
        else:
            file.write_bytes(whole)
        return finished

    is_finished = recordings._is_finished
    monkeypatch.setattr(recordings, "_is_finished", look)
    monkeypatch.setattr(recordings, "LOOK_EVERY_S", 0.001)
    found = await Recordings(tmp_path).finished("call-1", time.time())
    assert looks == [False, False, False, True]
    assert isinstance(found, RecordingFile)
    assert (found.complete, found.seconds) == (True, 2.0)


async def test_a_recording_that_the_switch_could_not_finish_is_kept_as_it_is(tmp_path: Path) -> None:
    left = unfinished(wav(3))[:32_044]
    (tmp_path / "call-1.wav").write_bytes(left)
    found = await Recordings(tmp_path).finished("call-1", LONG_AGO)
    assert found == RecordingFile(
        name="call-1.wav",
        sha256=hashlib.sha256(left).hexdigest(),
        seconds=2.0,
        bytes=32_044,
        complete=False,
    )


@pytest.mark.parametrize("left", [b"", b"RIFF", b"not a recording at all", wav(1)[:30], b"\xff" * 5000])
async def test_what_is_no_recording_is_said_so(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "call-1.wav").write_bytes(left)
    assert await Recordings(tmp_path).finished("call-1", LONG_AGO) is MissingRecording.UNREADABLE


async def test_a_call_without_a_recording_is_said_so(tmp_path: Path) -> None:
    assert await Recordings(tmp_path).finished("call-1", LONG_AGO) is MissingRecording.NOT_FOUND


async def test_a_clock_that_runs_ahead_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "WAIT_S", 0.05)
    async with asyncio.timeout(5):
        found = await Recordings(tmp_path).finished("call-1", time.time() + 3600)
    assert found is MissingRecording.NOT_FOUND


@pytest.mark.parametrize("call_id", ["", "../call", "a/b", ".hidden", "call\x00", "x" * 65, "call\n", "通话"])
def test_only_an_id_of_ours_becomes_a_file_name(call_id: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        recording_name(call_id)
