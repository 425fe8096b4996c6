"""An action as bytes for Asterisk's manager; refused when Asterisk would read it otherwise than meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from telephony.ami.errors import BadActionValue

# Measured on Asterisk 22.10.1: a longer line, its CR LF included, and a longer action are answered with an
# error.
LINE_LIMIT = 1024
HEADER_LIMIT = 128

Headers = Mapping[str, str | int] | Iterable[tuple[str, str | int]]

_HEADER_NAME = re.compile(r"[!-9;-~]+")
_VARIABLE_NAME = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*(\([A-Za-z0-9_/-]*\))?")
# What Asterisk gives a meaning to when it splits a Variable header into several variables.
_SPECIAL_IN_VARIABLE = re.compile(r'([\\",()\[\]])')
_FORBIDDEN = re.compile("[\r\n\0]")


def encode_action(name: str, headers: Headers, action_id: str) -> bytes:
    """Return the action as Asterisk reads it: Action, ActionID, then `headers` in order, repeats allowed.

    Raises BadActionValue naming the header: a CR, LF or NUL anywhere, a header name with a colon, a blank or
    anything but printable ASCII, text that is not Unicode, a line over 1,024 bytes, more than 128 headers.
    """
    pairs = [("Action", name), ("ActionID", action_id)]
    for label, value in headers.items() if isinstance(headers, Mapping) else headers:
        if label.lower() in ("action", "actionid"):
            raise BadActionValue(label, "is set by the client; give the name and the id as arguments")
        pairs.append((label, str(value)))
    if len(pairs) > HEADER_LIMIT:
        raise BadActionValue(
            pairs[HEADER_LIMIT][0], f"one header more than the {HEADER_LIMIT} Asterisk accepts"
        )
    return b"".join([_encode_line(label, value) for label, value in pairs]) + b"\r\n"


def variable(name: str, value: str) -> tuple[str, str]:
    """Return the header that sets one channel variable in an Originate; repeat it for several.

    `value` arrives as it is: without the escapes made here, Asterisk takes `a,B=1` for two variables.
    Raises BadActionValue when `name` is neither a variable nor a function with plain arguments.
    """
    if not _VARIABLE_NAME.fullmatch(name):
        raise BadActionValue("Variable", f"{name!r} is no name of a variable or function")
    escaped = _SPECIAL_IN_VARIABLE.sub(r"\\\1", value)
    return "Variable", f"{name}={escaped}"


def _encode_line(label: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(label):
        raise BadActionValue(label, "the name must be printable ASCII without blank or colon")
    if _FORBIDDEN.search(value):
        raise BadActionValue(label, "the value holds CR, LF or NUL, which would end the line: remove them")
    try:
        line = f"{label}: {value}\r\n".encode()
    except UnicodeEncodeError:
        raise BadActionValue(label, "the value holds lone surrogates, which are no text") from None
    if len(line) > LINE_LIMIT:
        raise BadActionValue(label, f"{len(line)} bytes with its CR LF; Asterisk reads at most {LINE_LIMIT}")
    return line
