"""What the request form takes, and what it says when it does not."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from records.form import RequestForm, form_faults
from telephony.config import load

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
CATEGORIES = load(CONFIGS).categories
STREETS = {"110101": ["110101001", "110101002"], "110102": ["110102001"]}


def fields_at_fault(form: RequestForm) -> list[str]:
    return [fault.field for fault in form_faults(form, CATEGORIES, STREETS)]


def test_a_complete_form_is_taken_as_it_is() -> None:
    form = RequestForm(
        contact_number="010-6512 3456*802",
        name="张三 O'Brien <b>",
        category="public_service",
        subcategory="public_service_heating",
        content="暖气不热。\n\t室温 14 度。",
        district="110101",
        street="110101002",
        event_time="2026-01-01T08:30+08:00",
        repeated=True,
        repeats="0" * 32,
        time_limit_hours=24,
    )
    assert fields_at_fault(form) == []
    assert msgspec.json.decode(msgspec.json.encode(form), type=RequestForm) == form


def test_an_empty_form_is_taken_too() -> None:
    assert fields_at_fault(RequestForm()) == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (RequestForm(category="weather"), "category"),
        (RequestForm(subcategory="public_service_heating"), "category"),
        (RequestForm(category="housing", subcategory="public_service_heating"), "subcategory"),
        (RequestForm(district="310101"), "district"),
        (RequestForm(street="110101001"), "district"),
        (RequestForm(district="110102", street="110101001"), "street"),
        (RequestForm(event_time="2026-02-30"), "event_time"),
        (RequestForm(event_time="2026-02-03T25:00Z"), "event_time"),
        (RequestForm(repeats="0" * 32), "repeated"),
    ],
)
def test_what_does_not_fit_together_is_named_in_both_languages(form: RequestForm, field: str) -> None:
    (fault,) = form_faults(form, CATEGORIES, STREETS)
    assert fault.field == field
    assert fault.message.zh
    assert fault.message.en


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact_number", "13800138000; DROP TABLE"),
        ("contact_number", "1" * 33),
        ("name", "two\nlines"),
        ("name", "line feed at the end\n"),
        ("title", "nul\x00"),
        ("content", "bell\x07"),
        ("content", "字" * 10_001),
        ("category", "Housing"),
        ("district", "1101011"),
        ("district", "110101\n"),
        ("street", "110101"),
        ("event_time", "yesterday"),
        ("event_time", "2026-01-01T08:30"),
        ("gender", "f"),
        ("urgency", ""),
        ("confidential", "yes"),
        ("repeats", "../../etc/passwd"),
        ("time_limit_hours", 0),
        ("colour", "red"),
    ],
)
def test_a_value_that_no_field_can_hold_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}|`{field}`"):
        msgspec.json.decode(json.dumps({field: value}), type=RequestForm)
