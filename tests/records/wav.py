"""Recordings as the switch writes them, for tests."""

from __future__ import annotations

import struct
from pathlib import Path

RATE = 8000


def wav(seconds: float) -> bytes:
    """A finished recording: 8 kHz, mono, 16 bits; a ramp, so that no two parts are alike."""
    samples = bytes(place % 251 for place in range(int(RATE * seconds) * 2))
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    chunks = (
        b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def unfinished(recording: bytes) -> bytes:
    """The same while it is written: the header does not yet know its length."""
    return recording[:4] + bytes(4) + recording[8:40] + bytes(4) + recording[44:]


def write_recording(folder: Path, call_id: str, seconds: float = 1.0) -> bytes:
    """Leave a finished recording of a call in `folder`, and return what is in it."""
    recording = wav(seconds)
    (folder / f"{call_id}.wav").write_bytes(recording)
    return recording
