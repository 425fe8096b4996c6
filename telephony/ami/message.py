"""One message as Asterisk's manager sent it: an event, a response, or something else, with its headers."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import lru_cache
from typing import overload

CRLF = b"\r\n"
END_COMMAND = b"--END COMMAND--"


class Kind(enum.Enum):
    """What a message is, told by its first header."""

    EVENT = "event"
    RESPONSE = "response"
    OTHER = "other"
    TRUNCATED = "truncated"


_KINDS = {b"event": Kind.EVENT, b"response": Kind.RESPONSE}
# The only headers that stand before the output in a `Response: Follows`.
_BEFORE_OUTPUT = frozenset({b"response", b"privilege", b"actionid", b"message"})


@lru_cache(maxsize=1024)
def _needle(name: str) -> bytes | None:
    """What begins a line of this header in a lower-cased message; None for what no header is called."""
    if ": " in name or "\r\n" in name:
        return None
    try:
        return CRLF + name.encode().lower() + b": "
    except UnicodeEncodeError:
        return None


class Message:
    """Headers in the order they came, repeated ones included; names compare without regard to ASCII case.

    `raw` is the message as received, without the blank line that ended it. Lines end at CR LF and nowhere
    else: a value may hold a lone CR or LF, NEL or U+2028. Values are decoded as UTF-8 one by one, when asked
    for; bytes that are not UTF-8 become U+FFFD, so that every value can be stored, shown and sent as JSON.
    `raw` keeps them.
    """

    __slots__ = ("_folded", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._folded = b""

    @property
    def kind(self) -> Kind:
        """Told by the first header; lines before it that are no headers are passed over."""
        raw = self.raw
        if raw.startswith(b"Event: "):
            return Kind.EVENT
        if raw.startswith(b"Response: "):
            return Kind.RESPONSE
        for line in raw.split(CRLF):
            name, separator, _ = line.partition(b": ")
            if separator:
                return _KINDS.get(name.lower(), Kind.OTHER)
        return Kind.OTHER

    @property
    def event(self) -> str:
        """The event's name; empty when this is no event."""
        return self["Event"] if self.kind is Kind.EVENT else ""

    def __getitem__(self, name: str) -> str:
        """The first value of the header. Raises KeyError."""
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, default: str) -> str: ...

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the header, else `default`."""
        # A search in the folded bytes finds the few headers that a reader wants several times faster than
        # splitting all of them would.
        folded = self._folded
        if not folded:
            folded = self._folded = CRLF + self.raw.lower()
        needle = _needle(name)
        if needle is None:
            return default
        at = folded.find(needle)
        if at < 0:
            return default
        start = at + len(needle) - len(CRLF)
        end = self.raw.find(CRLF, start)
        return (self.raw[start:] if end < 0 else self.raw[start:end]).decode("utf-8", "replace")

    def getall(self, name: str) -> list[str]:
        """Every value of the header, in order; empty when there is none."""
        wanted = name.encode("utf-8", "replace").lower()
        found = []
        for line in self.raw.split(CRLF):
            label, separator, value = line.partition(b": ")
            if separator and label.lower() == wanted:
                found.append(value.decode("utf-8", "replace"))
        return found

    def items(self) -> Iterator[tuple[str, str]]:
        """Every header, in order."""
        for line in self.raw.split(CRLF):
            name, separator, value = line.partition(b": ")
            if separator:
                yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")

    @property
    def stray(self) -> list[str]:
        """Lines that are no headers (they hold no ": "), in order."""
        return [
            line.decode("utf-8", "replace") for line in self.raw.split(CRLF) if line and b": " not in line
        ]

    @property
    def output(self) -> list[str]:
        """What a Command action printed, line by line."""
        return self.getall("Output")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {list(self.items())!r}>"


class Follows(Message):
    """`Response: Follows`, the answer to Command before Asterisk 14: bare output behind the headers.

    `raw` holds the headers alone.
    """

    __slots__ = ("_output",)

    def __init__(self, raw: bytes) -> None:
        lines = raw.split(CRLF)
        count = 0
        while count < len(lines):
            name, separator, _ = lines[count].partition(b": ")
            if not separator or name.lower() not in _BEFORE_OUTPUT:
                break
            count += 1
        super().__init__(CRLF.join(lines[:count]))
        self._output = CRLF.join(lines[count:]).removesuffix(END_COMMAND)

    @property
    def output(self) -> list[str]:
        text = self._output.decode("utf-8", "replace").removesuffix("\n")
        return [line.removesuffix("\r") for line in text.split("\n")] if text else []


class Truncated(Message):
    """The beginning of a message larger than the bound; `size` bytes came in all.

    `raw` ends with its last complete line within the part that was kept.
    """

    __slots__ = ("size",)

    def __init__(self, raw: bytes, size: int) -> None:
        super().__init__(raw)
        self.size = size

    @property
    def kind(self) -> Kind:
        return Kind.TRUNCATED
