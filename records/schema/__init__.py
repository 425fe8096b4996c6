"""The record of a finished call, and its published JSON Schema."""

from __future__ import annotations

from records.schema.record import (
    Caller,
    Channel,
    Confirmation,
    Durations,
    MissingRecording,
    Pause,
    Record,
    RecordedParty,
    Recording,
)

__all__ = [
    "Caller",
    "Channel",
    "Confirmation",
    "Durations",
    "MissingRecording",
    "Pause",
    "Record",
    "RecordedParty",
    "Recording",
]
