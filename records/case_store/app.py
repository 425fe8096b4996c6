"""The case store's HTTP interface: takes records, lists and shows them."""

from __future__ import annotations

import datetime
import re
import sqlite3

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from records.case_store.access import require_token
from records.case_store.cases import Case, Cases, OtherBody
from records.case_store.pages import Names, Pages
from records.case_store.style import STYLE
from records.schema import Record

MOST_BYTES = 1024 * 1024
PAGE = 50
MOST = 200
RETRY_AFTER_S = 1

_KEY = re.compile(r"[!-~]{1,64}")
_decoder = msgspec.json.Decoder(Record)

_ERRORS = {400: "bad-request", 404: "not-found", 405: "bad-method", 413: "too-large"}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a record that is stored: `id` is the case's."""

    id: str
    received_at: str


class Listed(msgspec.Struct, frozen=True):
    """A stored record in a list."""

    id: str
    key: str
    received_at: str
    record: msgspec.Raw


def make_app(cases: Cases, token: str, names: Names) -> web.Application:
    """Return the application; `names` are what people call categories and places."""
    store = _CaseStore(cases, Pages(names))
    app = web.Application(client_max_size=MOST_BYTES, middlewares=[_protect, require_token(token)])
    app.router.add_post("/records", store.post)
    app.router.add_get("/records", store.list)
    app.router.add_get("/records/{id}", store.get)
    app.router.add_get("/", store.list_page)
    app.router.add_get("/cases/{id}", store.case_page)
    app.router.add_get("/style.css", store.style)
    app.router.add_get("/healthz", store.health)
    return app


@web.middleware
async def _protect(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        answer = await handler(request)
    except sqlite3.OperationalError as error:
        answer = _error(503, "busy", f"nothing can be stored at the moment, try again: {error}")
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    except web.HTTPException as error:
        answer = _error(error.status, _ERRORS.get(error.status, "refused"), error.text or error.reason)
    answer.headers.update(HEADERS)
    return answer


class _CaseStore:
    def __init__(self, cases: Cases, pages: Pages) -> None:
        self._cases = cases
        self._pages = pages

    async def post(self, request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            return _error(400, "bad-key", "send Idempotency-Key: 1 to 64 visible ASCII characters")
        body = await request.read()
        try:
            _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _error(422, "bad-record", f"the record does not fit its schema: {error}")
        try:
            case, is_new = await self._cases.put(key, body)
        except OtherBody as error:
            return _error(409, "other-body", str(error))
        return _json(Receipt(case.id, _moment(case)), status=201 if is_new else 200)

    async def list(self, request: web.Request) -> web.Response:
        limit = min(_number(request, "limit") or PAGE, MOST)
        cases = await self._cases.latest(limit=limit, before=_number(request, "before"))
        return _json([Listed(case.id, case.key, _moment(case), msgspec.Raw(case.body)) for case in cases])

    async def get(self, request: web.Request) -> web.Response:
        case = await self._case(request)
        return web.Response(body=case.body, content_type="application/json")

    async def list_page(self, request: web.Request) -> web.Response:
        before = _number(request, "before")
        cases = await self._cases.latest(limit=PAGE, before=before)
        records = [(case, _decoder.decode(case.body)) for case in cases]
        text = self._pages.list(
            _language(request), records, await self._cases.count(), is_full=len(cases) == PAGE
        )
        answer = web.Response(text=text, content_type="text/html")
        if before is None:
            answer.headers["Refresh"] = "5"
        return answer

    async def case_page(self, request: web.Request) -> web.Response:
        case = await self._case(request)
        text = self._pages.case(_language(request), case, _decoder.decode(case.body))
        return web.Response(text=text, content_type="text/html")

    async def style(self, _: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "cases": await self._cases.count()})

    async def _case(self, request: web.Request) -> Case:
        case = await self._cases.get(request.match_info["id"])
        if case is None:
            raise web.HTTPNotFound(text="there is no such case")
        return case


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 15 and int(text) > 0):
        raise web.HTTPBadRequest(text=f"{name}: expected a whole number from 1 on")
    return int(text)


def _language(request: web.Request) -> str:
    asked = request.query.get("lang") or request.headers.get("Accept-Language") or "zh"
    return "en" if asked.lower().startswith("en") else "zh"


def _moment(case: Case) -> str:
    return datetime.datetime.fromtimestamp(case.received_at, datetime.UTC).isoformat(timespec="milliseconds")


def _json(value: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": code, "message": message}, status=status)
