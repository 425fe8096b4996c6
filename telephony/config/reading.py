"""Reads one TOML file into its struct, and finds every fault in it, not just the first."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec
from msgspec import inspect

from telephony.config.errors import ConfigError

T = TypeVar("T")

_Fault = tuple[str, str]


def read_file(path: Path, kind: type[T]) -> T:
    """Return ``path`` read as a ``kind``, a frozen msgspec struct.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or does not fit; with every misfit in ``others``.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            str(path), f"byte {error.start}", "expected UTF-8 text: save the file as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from error
    found = [ConfigError(str(path), key, reason) for key, reason in faults(document, kind)]
    if found:
        first = found[0]
        raise ConfigError(first.file, first.key, first.reason, others=found[1:])
    return msgspec.convert(document, kind)


def faults(value: object, kind: type[object]) -> Iterator[_Fault]:
    """Yield the dotted key and the reason of everything in ``value`` that does not fit ``kind``, a struct."""
    yield from _check(value, inspect.type_info(kind), "")


def shown(value: object) -> str:
    """Return ``value`` as an operator would write it in TOML, shortened to one readable line."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 60 else text[:57] + '..."'
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _not_toml(path: Path, problem: str) -> ConfigError:
    place = re.search(r" \(at (.*)\)\Z", problem)
    where = place[1] if place else ""
    return ConfigError(str(path), where, f"not TOML: {problem[: place.start()] if place else problem}")


def _check(
    value: object, kind: inspect.Type, key: str, extra: Mapping[str, object] = MappingProxyType({})
) -> Iterator[_Fault]:
    if isinstance(kind, inspect.Metadata):
        yield from _check(value, kind.type, key, kind.extra or {})
    elif isinstance(kind, inspect.UnionType):
        # An absent key is TOML's null: a union here is always "this or nothing".
        yield from _check(value, kind.types[0], key)
    elif isinstance(kind, inspect.StructType):
        yield from _check_table(value, kind, key)
    elif isinstance(kind, inspect.DictType):
        yield from _check_names(value, kind, key)
    elif isinstance(kind, inspect.VarTupleType):
        yield from _check_list(value, kind, key)
    elif not _fits(value, kind):
        got = "something else" if extra.get("secret") else shown(value)
        yield key, f"expected {_expectation(kind, extra)}, got {got}"


def _check_table(value: object, kind: inspect.StructType, key: str) -> Iterator[_Fault]:
    if not isinstance(value, dict):
        yield key, f"expected a table, got {shown(value)}"
        return
    known = {field.encode_name: field for field in kind.fields}
    for name in value.keys() - known.keys():
        yield _join(key, name), f"no such setting here: expected one of {', '.join(known)}"
    for name, field in known.items():
        if name in value:
            yield from _check(value[name], field.type, _join(key, name))
        elif field.required:
            yield _join(key, name), "is missing"


def _check_names(value: object, kind: inspect.DictType, key: str) -> Iterator[_Fault]:
    if not isinstance(value, dict):
        yield key, f"expected tables, got {shown(value)}"
        return
    if len(value) < (kind.min_length or 0):
        yield key, "expected at least one"
    for name, item in value.items():
        yield from _check(name, kind.key_type, _join(key, name))
        yield from _check(item, kind.value_type, _join(key, name))


def _check_list(value: object, kind: inspect.VarTupleType, key: str) -> Iterator[_Fault]:
    if not isinstance(value, list):
        yield key, f"expected a list, got {shown(value)}"
        return
    if len(value) < (kind.min_length or 0):
        yield key, "expected at least one item, got an empty list"
    for place, item in enumerate(value):
        yield from _check(item, kind.item_type, f"{key}[{place}]")


def _join(key: str, name: str) -> str:
    bare = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
    return f"{key}.{bare}" if key else bare


def _fits(value: object, kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.StrType):
        return (
            isinstance(value, str)
            and (kind.max_length is None or len(value) <= kind.max_length)
            and (kind.pattern is None or re.search(kind.pattern, value) is not None)
        )
    if isinstance(kind, inspect.IntType):
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (kind.ge is None or value >= kind.ge)
            and (kind.le is None or value <= kind.le)
        )
    if isinstance(kind, inspect.LiteralType):
        return value in kind.values
    raise TypeError(f"no rule for {kind}")


def _expectation(kind: inspect.Type, extra: Mapping[str, object]) -> str:
    if isinstance(kind, inspect.IntType):
        unit = f" of {extra['unit']}" if "unit" in extra else ""
        return f"a whole number{unit} from {kind.ge} to {kind.le}"
    if isinstance(kind, inspect.LiteralType):
        return "one of " + ", ".join(sorted(shown(value) for value in kind.values))
    return str(extra["expected"])
