"""The record's JSON Schema, for those who receive records: made from the types, kept beside them.

After a change: python -m records.schema.published
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import msgspec

from records.schema.record import Record

PUBLISHED = Path(__file__).with_name("record-v1.json")


def json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) of the record as the code has it."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:hotline:record:1",
        "title": "Record of a call to the hotline, version 1",
    }
    schema = head | msgspec.json.schema(Record)
    for definition in schema["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(json_schema(), encoding="utf-8")
