"""What people see of the case store: a list and a case, in Chinese or English. All text is escaped here."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Mapping, Sequence

import msgspec

from records import labels
from records.case_store.cases import Case
from records.schema import Record
from telephony.config import Label

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_LIST_URL = "/?lang={language}"

_TITLE = Label(zh="工单库", en="Case store")
_EMPTY = Label(zh="还没有收到记录。", en="No record has come yet.")
_COUNT = Label(zh="共 {} 件", en="{} cases")
_OLDER = Label(zh="更早的记录", en="Older")
_BACK = Label(zh="返回列表", en="Back to the list")
_DOCUMENT = Label(zh="记录全文", en="The whole record")
_YES = Label(zh="是", en="Yes")
_NO = Label(zh="否", en="No")

_HEADINGS = {
    "case": Label(zh="编号", en="Case"),
    "offered_at": Label(zh="来电时间", en="Called at"),
    "caller": Label(zh="来电", en="Caller"),
    "request_type": Label(zh="类型", en="Type"),
    "category": Label(zh="分类", en="Category"),
    "title": Label(zh="标题", en="Title"),
    "urgency": Label(zh="紧急程度", en="Urgency"),
    "end_reason": Label(zh="结束原因", en="Ended"),
    "confirmed": Label(zh="已确认", en="Confirmed"),
}

_DETAILS = {
    "content": Label(zh="内容", en="Content"),
    "place": Label(zh="地点", en="Place"),
    "event_time": Label(zh="发生时间", en="Time of the event"),
    "target": Label(zh="被反映对象", en="Complained of"),
    "contact_number": Label(zh="联系电话", en="Contact number"),
    "agent": Label(zh="坐席", en="Agent"),
    "times": Label(zh="等待 / 通话 / 保持 / 话后", en="Wait / talk / hold / wrap-up"),
    "recording": Label(zh="录音", en="Recording"),
    "received_at": Label(zh="收到时间", en="Received at"),
}


class Names(msgspec.Struct, frozen=True):
    """What people call the ids of categories, and the codes of districts and streets."""

    categories: Mapping[str, Label]
    places: Mapping[str, str]


class Pages:
    """Makes the pages."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def list(self, language: str, cases: Sequence[tuple[Case, Record]], count: int, *, is_full: bool) -> str:
        """Return a page of cases, of `count` in all; `is_full` when there may be older ones."""
        if not cases:
            return _page(language, f"<p>{_say(_EMPTY, language)}</p>", path="/")
        head = "".join(f"<th>{_say(label, language)}</th>" for label in _HEADINGS.values())
        rows = "".join(self._row(language, case, record) for case, record in cases)
        older = ""
        if is_full:
            link = f"/?lang={language}&amp;before={cases[-1][0].number}"
            older = f'<p><a href="{link}">{_say(_OLDER, language)}</a></p>'
        total = _say(_COUNT, language).format(count)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return _page(language, f"<p>{total}</p>{table}{older}", path="/")

    def case(self, language: str, case: Case, record: Record) -> str:
        """Return the page of one case."""
        values = self._values(language, case, record) | self._details(language, case, record)
        names = _HEADINGS | _DETAILS
        rows = "".join(
            f"<dt>{_say(names[field], language)}</dt><dd>{_show(value)}</dd>"
            for field, value in values.items()
        )
        document = _show(msgspec.json.format(case.body, indent=2).decode())
        return _page(
            language,
            f'<p><a href="{_LIST_URL.format(language=language)}">{_say(_BACK, language)}</a></p>'
            f"<dl>{rows}</dl><h2>{_say(_DOCUMENT, language)}</h2><pre>{document}</pre>",
            path=f"/cases/{case.id}",
        )

    def _row(self, language: str, case: Case, record: Record) -> str:
        values = self._values(language, case, record)
        link = f'<a href="/cases/{case.id}?lang={language}">{_show(values.pop("case"))}</a>'
        return (
            f"<tr><td>{link}</td>"
            + "".join(f"<td>{_show(value)}</td>" for value in values.values())
            + "</tr>"
        )

    def _values(self, language: str, case: Case, record: Record) -> dict[str, str]:
        form = record.form
        category = form.subcategory or form.category
        return {
            "case": case.id,
            "offered_at": _time(record.offered_at),
            "caller": f"{record.caller.number} {form.name or record.caller.name}",
            "request_type": _in(labels.REQUEST_TYPES[form.request_type], language)
            if form.request_type
            else "",
            "category": self._category(category, language) if category else "",
            "title": form.title or "",
            "urgency": _in(labels.URGENCIES[form.urgency], language) if form.urgency else "",
            "end_reason": _in(labels.END_REASONS[record.end_reason], language),
            "confirmed": _in(_YES if record.confirmation.confirmed else _NO, language),
        }

    def _details(self, language: str, case: Case, record: Record) -> dict[str, str]:
        form, times = record.form, record.durations
        codes = [self._names.places.get(code, code) for code in (form.district, form.street) if code]
        recording = record.recording
        received = datetime.datetime.fromtimestamp(case.received_at, record.offered_at.tzinfo)
        return {
            "content": form.content or "",
            "place": " ".join([*codes, *filter(None, (form.community, form.address, form.point))]),
            "event_time": form.event_time or "",
            "target": form.target or "",
            "contact_number": form.contact_number or "",
            "agent": f"{record.agent_id or ''} {record.seat or ''}",
            "times": f"{times.wait_s:.1f} / {times.talk_s:.1f} / {times.hold_s:.1f} / {times.wrap_up_s:.1f} s",
            "recording": f"{recording.file} · {recording.seconds:.1f} s · SHA-256 {recording.sha256}"
            if recording
            else str(record.recording_missing or ""),
            "received_at": _time(received),
        }

    def _category(self, category: str, language: str) -> str:
        label = self._names.categories.get(category)
        return _in(label, language) if label else category


def _page(language: str, body: str, *, path: str) -> str:
    title = _say(_TITLE, language)
    other, name = ("zh", "中文") if language == "en" else ("en", "English")
    tongue = "en" if language == "en" else "zh-CN"
    return (
        f'<!doctype html><html lang="{tongue}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>'
        f'<body><header><h1>{title}</h1><a href="{html.escape(path)}?lang={other}" lang="{other}">{name}</a></header>'
        f"<main>{body}</main></body></html>"
    )


def _show(text: str) -> str:
    """Any text as HTML that shows it: nothing in it is markup, control characters are made visible."""
    visible = _CONTROL.sub(lambda found: "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), text)
    return f"<bdi>{html.escape(visible)}</bdi>"


def _in(label: Label, language: str) -> str:
    return label.en if language == "en" else label.zh


def _say(label: Label, language: str) -> str:
    return html.escape(_in(label, language))


def _time(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
