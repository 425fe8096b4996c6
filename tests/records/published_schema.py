"""The published schema, as somebody else would check records by it."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from records.schema.published import PUBLISHED

_VALIDATOR = Draft202012Validator(
    json.loads(PUBLISHED.read_text(encoding="utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
)


def valid(document: bytes | str) -> Any:
    """Return a record's JSON as plain values. Raises jsonschema.ValidationError."""
    record = json.loads(document)
    _VALIDATOR.validate(record)
    return record


def fits(record: object) -> bool:
    """Whether plain values are a record by the published schema."""
    return bool(_VALIDATOR.is_valid(record))
