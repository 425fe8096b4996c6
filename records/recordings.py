"""Recordings as the switch leaves them: whether a file is finished, how long it is, and its hash."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import struct
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from records.schema import MissingRecording

WAIT_S = 10.0
"""So long after its call closed, a recording that is not finished will not be finished any more."""

LOOK_EVERY_S = 0.2

_HEADER_BYTES = 4096
_CALL_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


class RecordingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A recording on disk; the fields are those of `records.schema.Recording`."""

    name: str
    sha256: str
    seconds: float
    bytes: int
    complete: bool


def recording_name(call_id: str) -> str:
    """Return the name of a call's recording. Raises ValueError when the id cannot be part of a file name."""
    if not _CALL_ID.fullmatch(call_id):
        raise ValueError(
            f"call id {call_id!r} cannot name a file: letters, digits, '.', '_' and '-' are allowed"
        )
    return f"{call_id}.wav"


class Recordings:
    """The folder that the switch records into. The loop is never held up: files are read in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def finished(self, call_id: str, closed_at: float) -> RecordingFile | MissingRecording:
        """Return the recording of a call that closed at `closed_at` (epoch seconds), once it is finished.

        After WAIT_S it is returned as it stands, `complete` false, or what is missing of it.
        """
        path = self._folder / recording_name(call_id)
        until = min(closed_at, time.time()) + WAIT_S
        while time.time() < until:
            if await asyncio.to_thread(_is_finished, path):
                break
            # Files have no event that works on every file system.
            await asyncio.sleep(LOOK_EVERY_S)
        return await asyncio.to_thread(_read, path)


def _is_finished(path: Path) -> bool:
    """A finished file has a header that agrees with its size; one without sound may not have been begun."""
    try:
        with path.open("rb") as file:
            layout = _layout(file)
    except (OSError, _NotWav):
        return False
    return layout.complete and layout.seconds > 0


def _read(path: Path) -> RecordingFile | MissingRecording:
    try:
        with path.open("rb") as file:
            layout = _layout(file)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256")
            size = file.tell()
    except FileNotFoundError:
        return MissingRecording.NOT_FOUND
    except (OSError, _NotWav):
        return MissingRecording.UNREADABLE
    return RecordingFile(
        name=path.name,
        sha256=digest.hexdigest(),
        seconds=layout.seconds,
        bytes=size,
        complete=layout.complete and layout.bytes == size,
    )


class _NotWav(Exception):
    pass


class _Layout(msgspec.Struct, frozen=True):
    bytes: int
    seconds: float
    complete: bool


def _layout(file: BinaryIO) -> _Layout:
    """Read the header (RIFF WAVE, PCM). Seconds are of the sound that is there, whatever the header says."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(_HEADER_BYTES)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise _NotWav
    riff_bytes = struct.unpack_from("<I", head, 4)[0]
    rate, place = 0, 12
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        place += 8
        if name == b"fmt " and place + 16 <= len(head):
            rate = struct.unpack_from("<I", head, place + 8)[0]
        if name == b"data" and rate:
            return _Layout(size, round((size - place) / rate, 3), riff_bytes + 8 == size == place + length)
        place += length + length % 2
    raise _NotWav
