"""An operation of the API: one typed function, from whose signature come both its description and its checks.

A handler takes a Visit and, as it needs them, `path`, `query` and `body`; each is a msgspec struct. What it
returns is the answer: a struct (200), None (204), or a response of its own making where it says `media`.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from agent_desk.http.errors import BAD_REQUEST, NOT_JSON, TOO_LARGE, ApiError, Refusal
from records.people import Role
from telephony.config import Label

FIELD_SHOWN = 60
REASON_SHOWN = 120
Handler = Callable[..., Awaitable[Any]]
PARTS = ("path", "query", "body")
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_NAMED = re.compile(r"field `([^`]*)`")


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one address.

    Attributes:
        roles: who may; None opens it to everybody, signed in or not.
        refusals: how it may fail, besides what any operation may answer.
        media: the answer's type where it is not JSON.
        statuses: the statuses of a success.
    """

    method: str
    path: str
    tag: str
    handler: Handler
    roles: frozenset[Role] | None
    refusals: tuple[Refusal, ...]
    media: str | None
    statuses: tuple[int, ...]
    parts: Mapping[str, type]
    answer: Any

    @property
    def changes_state(self) -> bool:
        """Whether it needs a matching Origin, and the session's CSRF token where it needs a session."""
        return self.method not in ("GET", "HEAD")

    @property
    def name(self) -> str:
        """The operation's id in the description."""
        return self.handler.__name__

    async def read(self, request: web.Request) -> dict[str, Any]:
        """Return the handler's keyword arguments. Raises ApiError naming the field that is wrong."""
        given: dict[str, Any] = {}
        for part, kind in self.parts.items():
            if part == "path":
                given[part] = _convert(dict(request.match_info), kind)
            elif part == "query":
                given[part] = _convert(_query(request), kind)
            else:
                given[part] = _decode(request, await _body(request), kind)
        return given


class Table:
    """The operations of one subject."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        roles: frozenset[Role] | None,
        refusals: tuple[Refusal, ...] = (),
        media: str | None = None,
        statuses: tuple[int, ...] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Enter the decorated handler as an operation; see Operation for what the arguments mean."""

        def enter(handler: Handler) -> Handler:
            hints = typing.get_type_hints(handler, include_extras=True)
            answer = hints.pop("return")
            parts = {part: hints[part] for part in PARTS if part in inspect.signature(handler).parameters}
            usual = (204,) if answer is types.NoneType else (200,)
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    tag=self.tag,
                    handler=handler,
                    roles=roles,
                    refusals=refusals,
                    media=media,
                    statuses=statuses or usual,
                    parts=parts,
                    answer=answer,
                )
            )
            return handler

        return enter


def bad_field(field: str, zh: str, en: str) -> ApiError:
    """Return the error for a value that is wrong in a way that its type cannot say."""
    shown = _printable(field)[:FIELD_SHOWN]
    return ApiError(BAD_REQUEST, field=shown, detail=Label(zh=f"{shown}:{zh}", en=f"{shown}: {en}"))


def _query(request: web.Request) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise bad_field(name, "只能给一个值", "give it once only")
        values[name] = value
    return values


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(TOO_LARGE) from None


def _decode(request: web.Request, raw: bytes, kind: type) -> Any:
    if request.content_type != "application/json":
        raise ApiError(NOT_JSON)
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _not_valid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(BAD_REQUEST, detail=Label(zh="请求不是有效的 JSON", en=str(error)[:200])) from None
    except RecursionError:
        raise ApiError(
            BAD_REQUEST, detail=Label(zh="JSON 嵌套过深", en="JSON is nested too deeply")
        ) from None


def _convert(values: dict[str, str], kind: type) -> Any:
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _not_valid(error) from None


def _printable(text: str) -> str:
    """Names that a client made up are repeated to it without control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _not_valid(error: msgspec.ValidationError) -> ApiError:
    text = _printable(str(error))
    place = match[1] if (match := _PLACE.search(text)) else ""
    named = match[1] if (match := _NAMED.search(text)) else ""
    field = ".".join(part for part in (place, named) if part)[:FIELD_SHOWN]
    reason = _PLACE.sub("", text)[:REASON_SHOWN]
    if not field:
        return ApiError(BAD_REQUEST, detail=Label(zh="请求的内容不完整或格式不对", en=reason))
    return ApiError(
        BAD_REQUEST,
        field=field,
        detail=Label(zh=f"{field}:内容不符合要求,请更正后重试", en=f"{field}: {reason}"),
    )
