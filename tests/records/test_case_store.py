"""The bundled case store, from outside: what it takes, what it refuses, what it shows."""

from __future__ import annotations

import base64
import io
import json
import uuid
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import msgspec
import pytest

from records.assembly import assemble
from records.case_store.cases import open_cases
from records.drafts import Draft
from records.form import RequestForm, RequestType, Urgency
from records.schema import MissingRecording
from telephony.call import Call
from tests.records.calls import closed_call
from tests.records.case_store_server import TOKEN, CaseStoreServer, case_store_server

HOSTILE = "O'Brien\"><script>alert(1)</script>&amp;\r\n\x00\x7f\u202etxt"
FORM = RequestForm(
    name="张三",
    title=HOSTILE.translate({0: None, 13: None, 10: None, 127: None}),
    content="每晚十点以后\n仍在施工。",
    request_type=RequestType.COMPLAINT,
    category="order",
    subcategory="order_noise",
    district="110101",
    street="110101001",
    urgency=Urgency.URGENT,
)


def record_of(call: Call, form: RequestForm = FORM) -> bytes:
    zone = ZoneInfo("Asia/Shanghai")
    draft = Draft(form=form, confirmed_by="agent-1", confirmed_at=0.0)
    return msgspec.json.encode(
        assemble(call, draft, MissingRecording.NOT_FOUND, record_id=uuid.uuid4().hex, zone=zone)
    )


@pytest.fixture
async def client(case_store: CaseStoreServer) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(case_store.url, headers=headers) as client:
        yield client


async def post(
    client: aiohttp.ClientSession, key: str, body: bytes | io.BytesIO
) -> tuple[int, dict[str, str]]:
    async with client.post("/records", data=body, headers={"Idempotency-Key": key}) as answer:
        return answer.status, await answer.json()


async def page(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200
        assert "script" not in answer.headers["Content-Security-Policy"]
        return await answer.text()


async def test_the_same_record_is_taken_once_however_often_it_comes(client: aiohttp.ClientSession) -> None:
    call = closed_call()
    body = record_of(call)
    first, again = await post(client, call.id, body), await post(client, call.id, body)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert first[1]["id"] == "C00000001"
    async with client.get("/records/C00000001") as answer:
        assert await answer.read() == body
    async with client.get("/records") as answer:
        assert [(case["id"], case["key"]) for case in await answer.json()] == [("C00000001", call.id)]


async def test_a_key_is_not_used_for_another_record(client: aiohttp.ClientSession) -> None:
    call = closed_call()
    await post(client, call.id, record_of(call))
    status, said = await post(client, call.id, record_of(closed_call()))
    assert (status, said["error"]) == (409, "other-body")


async def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    call = closed_call()
    async with open_cases(tmp_path / "cases.sqlite3") as cases:
        await cases.put(call.id, body := record_of(call))
    async with open_cases(tmp_path / "cases.sqlite3") as cases:
        stored, is_new = await cases.put(call.id, body)
        assert (stored.body, is_new) == (body, False)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"call_id": None}, "call_id"),
        ({"offered_at": "yesterday"}, "offered_at"),
        ({"offered_at": "2026-01-01T08:00:00"}, "offered_at"),
        ({"end_reason": "bored"}, "end_reason"),
        ({"form": {"colour": "red"}}, "colour"),
    ],
)
async def test_a_record_that_does_not_fit_its_schema_is_refused_by_field(
    client: aiohttp.ClientSession, change: dict[str, object], named: str
) -> None:
    body = json.loads(record_of(closed_call())) | change
    status, said = await post(client, "key", json.dumps(body).encode())
    assert (status, said["error"]) == (422, "bad-record")
    assert named in said["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"\\ud800"', b"9" * 5000, b"[" * 100_000])
async def test_what_is_no_record_is_refused(client: aiohttp.ClientSession, body: bytes) -> None:
    status, said = await post(client, "key", body)
    assert (status, said["error"]) == (422, "bad-record")


async def test_a_record_without_end_is_refused(client: aiohttp.ClientSession) -> None:
    status, said = await post(client, "key", io.BytesIO(b" " * (2 * 1024 * 1024)))
    assert (status, said["error"]) == (413, "too-large")


@pytest.mark.parametrize("key", ["", " ", "x" * 65, "schlüssel"])
async def test_a_record_needs_a_key(client: aiohttp.ClientSession, key: str) -> None:
    status, said = await post(client, key, record_of(closed_call()))
    assert (status, said["error"]) == (400, "bad-key")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Token {TOKEN}",
        "Basic !!!",
        "Basic " + base64.b64encode(b"x:no").decode(),
    ],
)
@pytest.mark.parametrize("path", ["/records", "/records/C00000001", "/", "/cases/C00000001", "/nowhere"])
async def test_nobody_without_the_token_sees_anything(
    case_store: CaseStoreServer, header: str, path: str
) -> None:
    headers = {"Authorization": header} if header else {}
    async with (
        aiohttp.ClientSession(case_store.url) as stranger,
        stranger.get(path, headers=headers) as answer,
    ):
        assert answer.status == 401
        assert "Basic" in answer.headers["WWW-Authenticate"]


async def test_nobody_without_the_token_stores_anything(case_store: CaseStoreServer) -> None:
    call = closed_call()
    async with aiohttp.ClientSession(case_store.url) as stranger:
        status, said = await post(stranger, call.id, record_of(call))
    assert (status, said["error"]) == (401, "bad-token")
    assert await case_store.cases.count() == 0


async def test_a_browser_signs_in_with_the_token_as_password(case_store: CaseStoreServer) -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth("anybody", TOKEN)}
    async with aiohttp.ClientSession(case_store.url, headers=headers) as browser:
        assert "还没有收到记录" in await page(browser, "/")


async def test_everybody_may_ask_how_it_is(case_store: CaseStoreServer) -> None:
    async with aiohttp.ClientSession(case_store.url) as anybody, anybody.get("/healthz") as answer:
        assert await answer.json() == {"ok": True, "cases": 0}


class Text(HTMLParser):
    """What a person reads on a page, and which elements it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path", ["/", "/cases/C00000001"])
async def test_hostile_text_is_shown_as_text(client: aiohttp.ClientSession, path: str) -> None:
    call = closed_call(caller_name=HOSTILE, caller_number="+86<b>1", line="<i>", dialled="<u>")
    await post(client, call.id, record_of(call, msgspec.structs.replace(FORM, name=None)))
    html = Text()
    html.feed(await page(client, path))
    assert not html.tags & {"script", "b", "i", "u"}
    assert "O'Brien\"><script>alert(1)</script>&amp;" in html.text
    assert "␍␊␀␡" in html.text or "␍\n␀␡" in html.text
    assert "\x00" not in html.text


async def test_a_case_is_shown_in_the_readers_language(client: aiohttp.ClientSession) -> None:
    call = closed_call()
    await post(client, call.id, record_of(call))
    chinese, english = await page(client, "/?lang=zh"), await page(client, "/?lang=en")
    for text in ("工单库", "投诉", "噪声扰民", "紧急", "市民挂机", "2026-01-01 08:00:00", "13800138000"):
        assert text in chinese
    for text in ("Case store", "Complaint", "Noise", "Urgent", "Caller hung up"):
        assert text in english
    case = await page(client, "/cases/C00000001?lang=zh")
    for text in ("东城区", "东华门街道", "每晚十点以后\n仍在施工。", "agent-1", "10.0 / 60.0 / 0.0 / 30.0 s"):
        assert text in case


async def test_older_cases_are_on_the_next_page(
    client: aiohttp.ClientSession, case_store: CaseStoreServer
) -> None:
    for number in range(1, 53):
        await case_store.cases.put(str(number), record_of(closed_call(caller_number=f"1390000{number:04}")))
    first, second = await page(client, "/"), await page(client, "/?before=3")
    assert "13900000052" in first
    assert "13900000002" not in first
    assert "/?lang=zh&amp;before=3" in first
    assert "13900000002" in second
    assert "before=" not in second


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/records/C99999999", 404),
        ("/records/..%2f", 404),
        ("/records/C" + "9" * 40, 404),
        ("/cases/%00", 404),
        ("/records?limit=0", 400),
        ("/records?limit=x", 400),
        ("/records?before=-1", 400),
        ("/?before=%D9%A3", 400),
        ("/records?limit=999999999999999999", 400),
    ],
)
async def test_a_question_without_sense_gets_a_plain_answer(
    client: aiohttp.ClientSession, path: str, status: int
) -> None:
    async with client.get(path) as answer:
        assert answer.status == status
        assert (await answer.json())["message"]


async def test_a_locked_file_asks_the_sender_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.case_store.cases.BUSY_S", 0.05)
    call = closed_call()
    async with case_store_server(tmp_path) as server, open_cases(tmp_path / "case_store.sqlite3") as other:
        await other._connection.execute("BEGIN EXCLUSIVE")
        async with aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            status, said = await post(client, call.id, record_of(call))
            assert (status, said["error"]) == (503, "busy")
            await other._connection.execute("ROLLBACK")
            assert (await post(client, call.id, record_of(call)))[0] == 201
