"""Text of any origin in a text column, with nothing lost.

PostgreSQL takes no NUL in text, and no database takes half a surrogate pair. Both, and the backslash, are
stored as `\\u` with four hexadecimal digits; everything else is stored as it is. JSON documents need none of
this: JSON escapes by itself, and they are kept as JSON text.
"""

from __future__ import annotations

import re

from sqlalchemy import Dialect, Text, TypeDecorator

_NEEDS_ESCAPE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def escape(text: str) -> str:
    """Return `text` as a database can hold it."""
    return _NEEDS_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def unescape(stored: str) -> str:
    """Return the text that `escape` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored)


class StoredText(TypeDecorator[str]):
    """A text column that holds any string. Comparing for equality works; LIKE and sorting see escapes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Called by SQLAlchemy on the way in."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Called by SQLAlchemy on the way out."""
        return None if value is None else unescape(value)
