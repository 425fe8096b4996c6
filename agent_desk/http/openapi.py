"""The API's description, OpenAPI 3.1, made from the operations and types that requests are checked by."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from agent_desk.http.dispatch import CSRF_HEADER
from agent_desk.http.errors import (
    ANYWHERE,
    BAD_CSRF,
    BAD_ORIGIN,
    DATABASE_BUSY,
    NO_SESSION,
    NOT_JSON,
    SWITCHES_PROTOCOLS,
    TOO_LARGE,
    WRONG_ROLE,
    ErrorBody,
    Refusal,
)
from agent_desk.http.operation import Operation
from agent_desk.http.visit import COOKIE

Json = dict[str, Any]
_COMPONENTS = "#/components/schemas/"
_JSON_TYPE = "application/json"


def describe(operations: Sequence[Operation], also: Iterable[type]) -> Json:
    """Return the description; `also` names types that are described although no operation answers them."""
    kinds = {kind: None for operation in operations for kind in _kinds(operation)}
    kinds.update(dict.fromkeys((*also, ErrorBody)))
    schemas = _schemas(tuple(kinds))
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hotline desk",
            "version": "1",
            "description": "What agents and supervisors see and do. Times are epoch seconds.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def _kinds(operation: Operation) -> Iterable[Any]:
    if "body" in operation.parts:
        yield operation.parts["body"]
    if operation.media is None and operation.answer is not type(None):
        yield operation.answer


def _schemas(kinds: Sequence[Any]) -> Json:
    return msgspec.json.schema_components(kinds, ref_template=_COMPONENTS + "{name}")[1]


def _schema_of(kind: Any) -> Json:
    (schema,), _ = msgspec.json.schema_components((kind,), ref_template=_COMPONENTS + "{name}")
    return schema


def _operation(operation: Operation) -> Json:
    summary, _, rest = inspect.cleandoc(operation.handler.__doc__ or "").partition("\n")
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "description": " ".join(rest.split()),
        "parameters": [*_parameters(operation, "path"), *_parameters(operation, "query")],
        "responses": _responses(operation),
        "security": _security(operation),
    }
    if "body" in operation.parts:
        schema = _schema_of(operation.parts["body"])
        described["requestBody"] = {"required": True, "content": {_JSON_TYPE: {"schema": schema}}}
    return described


def _parameters(operation: Operation, place: str) -> Iterable[Json]:
    kind = operation.parts.get(place)
    if kind is None:
        return
    described = _schemas((kind,))[kind.__name__]
    for name, schema in described["properties"].items():
        yield {
            "name": name,
            "in": place,
            "required": name in described["required"],
            "schema": _without_null(schema),
        }


def _without_null(schema: Json) -> Json:
    """An absent parameter is None to its handler, but no text that somebody sends means null."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    described = {**schema, **choices[0]} if len(choices) == 1 else dict(schema)
    if len(choices) == 1:
        del described["anyOf"]
    if described.get("default", ...) is None:
        del described["default"]
    return described


def _security(operation: Operation) -> list[Json]:
    if operation.roles is None:
        return []
    return [{"session": [], "csrf": []} if operation.changes_state else {"session": []}]


def _responses(operation: Operation) -> Json:
    responses: Json = {str(status): _success(operation, status) for status in operation.statuses}
    by_status: dict[int, list[Refusal]] = {}
    for refusal in dict.fromkeys((*operation.refusals, *_usual_refusals(operation))):
        by_status.setdefault(refusal.status, []).append(refusal)
    for status, refusals in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "; ".join(f"`{refusal.error}`: {refusal.en}" for refusal in refusals),
            "content": {_JSON_TYPE: {"schema": {"$ref": f"{_COMPONENTS}{ErrorBody.__name__}"}}},
        }
    return responses


def _success(operation: Operation, status: int) -> Json:
    if operation.media is not None:
        content: Json = {"content": {operation.media: {}}} if status != SWITCHES_PROTOCOLS else {}
        return {"description": "done", **content}
    if operation.answer is type(None):
        return {"description": "done"}
    return {
        "description": "done",
        "content": {_JSON_TYPE: {"schema": _schema_of(operation.answer)}},
    }


def _usual_refusals(operation: Operation) -> Iterable[Refusal]:
    yield from ANYWHERE
    yield DATABASE_BUSY
    if operation.changes_state:
        yield BAD_ORIGIN
    if operation.roles is not None:
        yield NO_SESSION
        yield WRONG_ROLE
        if operation.changes_state:
            yield BAD_CSRF
    if "body" in operation.parts:
        yield NOT_JSON
        yield TOO_LARGE
