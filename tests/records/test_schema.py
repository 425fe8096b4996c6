"""The record's schema is what is published, and what is published is what is taken."""

from __future__ import annotations

import copy
import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from records.assembly import assemble
from records.drafts import Draft
from records.form import RequestForm
from records.recordings import RecordingFile
from records.schema import Record
from records.schema.published import PUBLISHED, json_schema
from telephony.call import Span
from tests.records.calls import OFFERED_AT, closed_call
from tests.records.published_schema import fits, valid

FORM = RequestForm(
    title="暖气不热", category="public_service", district="110101", time_limit_hours=24, repeated=True
)


def example() -> dict[str, Any]:
    """A record with something in every field."""
    call = closed_call(recording_pauses=[Span(since=OFFERED_AT + 20, until=OFFERED_AT + 25)])
    recording = RecordingFile(
        name=f"{call.id}.wav", sha256="0" * 64, seconds=60.0, bytes=960044, complete=True
    )
    draft = Draft(
        form=FORM, version=3, confirmed_by="agent-1", confirmed_at=OFFERED_AT + 99, edited_at=OFFERED_AT
    )
    record = assemble(call, draft, recording, record_id="a" * 32, zone=ZoneInfo("Asia/Shanghai"))
    decoded: dict[str, Any] = json.loads(msgspec.json.encode(record))
    return decoded


EXAMPLE = example()


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where everything is in nested lists and dicts."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += paths(item, (*path, key))
    return found


def taken(record: object) -> bool:
    """Whether the case store takes it."""
    try:
        msgspec.json.decode(json.dumps(record), type=Record)
    except msgspec.ValidationError:
        return False
    return True


def test_the_published_schema_is_that_of_the_code() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == json_schema(), "run: python -m records.schema.published"


def test_a_record_says_when_in_the_hotlines_own_time() -> None:
    assert valid(json.dumps(EXAMPLE)) == EXAMPLE
    assert EXAMPLE["offered_at"] == "2026-01-01T08:00:00+08:00"
    assert EXAMPLE["recording"]["pauses"] == [
        {"since": "2026-01-01T08:00:20+08:00", "until": "2026-01-01T08:00:25+08:00"}
    ]


@given(
    path=st.sampled_from(paths(EXAMPLE)),
    value=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(min_value=-(2**53), max_value=2**53),
        st.text(max_size=40),
        st.sampled_from(
            ["phone", "agent", "2026-01-01", "2026-01-01T00:00:00Z", "0" * 32, "0" * 32 + "\n", "x" * 65]
        ),
        st.lists(st.integers(), max_size=2),
        st.just({}),
    ),
    remove=st.booleans(),
)
def test_the_case_store_takes_exactly_what_the_published_schema_allows(
    path: tuple[str | int, ...], value: object, remove: bool
) -> None:
    record = copy.deepcopy(EXAMPLE)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    assert taken(record) == fits(record), record
