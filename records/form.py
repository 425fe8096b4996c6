"""What a citizen asks for, as the agent takes it down: the request form of a 12345 work order (工单)."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

import msgspec

from telephony.config import Category, Label


class Gender(enum.StrEnum):
    """How the caller is addressed."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class RequestType(enum.StrEnum):
    """What kind of request it is (诉求类型)."""

    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"


class Urgency(enum.StrEnum):
    """How soon somebody must act."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


# In Python a bare $ also matches before a last line feed; this end of text means the same in every dialect.
_END = r"(?![\s\S])"
_LINE = rf"^[^\x00-\x1f\x7f]*{_END}"

Line100 = Annotated[str, msgspec.Meta(max_length=100, pattern=_LINE)]
"""Text on one line, without control characters."""

Line200 = Annotated[str, msgspec.Meta(max_length=200, pattern=_LINE)]
Line300 = Annotated[str, msgspec.Meta(max_length=300, pattern=_LINE)]

Paragraphs = Annotated[
    str, msgspec.Meta(max_length=10_000, pattern=rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*{_END}")
]
"""Text with line breaks and tabs, without other control characters."""

PhoneNumber = Annotated[str, msgspec.Meta(max_length=32, pattern=rf"^[0-9+*#() -]*{_END}")]
CategoryId = Annotated[str, msgspec.Meta(pattern=rf"^[a-z][a-z0-9_]{{0,31}}{_END}")]
DistrictCode = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{6}}{_END}")]
StreetCode = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{9}}{_END}")]
RecordId = Annotated[str, msgspec.Meta(pattern=rf"^[0-9a-f]{{32}}{_END}")]

Moment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
        rf"(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,6}})?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}}))?{_END}"
    ),
]
"""An ISO 8601 date where only the day is known, else date and time with offset: 2026-05-01T08:30+08:00."""


class RequestForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form; None is what nobody has said yet.

    Attributes:
        contact_number: where to reach the citizen, when it is not the number that called.
        category: id of a top-level category in `configs/categories.toml`.
        subcategory: id of a second-level category under it.
        district: six-digit code of the district where it happens.
        street: nine-digit code of the street or township in that district.
        community: residential community or village.
        point: the exact spot (点位) as the caller describes it: a landmark, an entrance, or coordinates.
        event_time: when it happened.
        target: person, shop or agency that is complained of.
        confidential: whether the citizen's identity is kept from the agency that handles it.
        repeated: whether the citizen has asked for the same before.
        repeats: id of the earlier record, when it is known.
        time_limit_hours: within how many hours the agency has to answer.
    """

    contact_number: PhoneNumber | None = None
    name: Line100 | None = None
    gender: Gender | None = None
    request_type: RequestType | None = None
    category: CategoryId | None = None
    subcategory: CategoryId | None = None
    title: Line200 | None = None
    content: Paragraphs | None = None
    district: DistrictCode | None = None
    street: StreetCode | None = None
    community: Line100 | None = None
    address: Line300 | None = None
    point: Line200 | None = None
    event_time: Moment | None = None
    target: Line200 | None = None
    urgency: Urgency | None = None
    confidential: bool = False
    repeated: bool = False
    repeats: RecordId | None = None
    callback_wanted: bool = False
    time_limit_hours: Annotated[int, msgspec.Meta(ge=1, le=8760)] | None = None


class FormFault(msgspec.Struct, frozen=True):
    """Why `field` of a form cannot stay as it is, and what to do."""

    field: str
    message: Label


def form_faults(
    form: RequestForm, categories: Sequence[Category], streets: Mapping[str, Collection[str]]
) -> list[FormFault]:
    """Return what the types of the form's fields cannot say; an empty list when all is well.

    `categories` are the configured ones; `streets` maps each district's code to the codes of its streets.
    """
    return [*_category_faults(form, categories), *_place_faults(form, streets), *_other_faults(form)]


def _category_faults(form: RequestForm, categories: Sequence[Category]) -> list[FormFault]:
    category = next((known for known in categories if known.id == form.category), None)
    if form.category is not None and category is None:
        return [
            _fault("category", "没有这个分类,请从列表中选择", "no such category: choose one from the list")
        ]
    if form.subcategory is None:
        return []
    if category is None:
        return [_fault("category", "请先选择一级分类", "choose the category before the subcategory")]
    if form.subcategory not in {child.id for child in category.children}:
        return [
            _fault(
                "subcategory",
                "该分类下没有这个二级分类,请重新选择",
                "not in this category: choose one that is",
            )
        ]
    return []


def _place_faults(form: RequestForm, streets: Mapping[str, Collection[str]]) -> list[FormFault]:
    if form.district is not None and form.district not in streets:
        return [_fault("district", "没有这个区,请从列表中选择", "no such district: choose one from the list")]
    if form.street is None:
        return []
    if form.district is None:
        return [_fault("district", "请先选择区", "choose the district before the street")]
    if form.street not in streets[form.district]:
        return [
            _fault("street", "该区没有这个街道或乡镇,请重新选择", "not in this district: choose one that is")
        ]
    return []


def _other_faults(form: RequestForm) -> list[FormFault]:
    faults = []
    if form.event_time is not None and not _exists(form.event_time):
        faults.append(
            _fault("event_time", "没有这个时间,请检查日期和时间", "no such time: check date and time")
        )
    if form.repeats is not None and not form.repeated:
        faults.append(
            _fault(
                "repeated", "已填写重复的工单,请勾选“重复诉求”", "an earlier record is named: tick “repeated”"
            )
        )
    return faults


def _exists(moment: str) -> bool:
    try:
        datetime.datetime.fromisoformat(moment)
    except ValueError:
        return False
    return True


def _fault(field: str, zh: str, en: str) -> FormFault:
    return FormFault(field, Label(zh=zh, en=en))
