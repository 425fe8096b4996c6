"""A parser of AMI that is slow and plainly right, to compare with: one byte at a time, no shortcuts."""

from __future__ import annotations

import msgspec

from telephony.ami.message import Kind, Message, Truncated


class Parsed(msgspec.Struct, frozen=True):
    """Everything that can be asked of one message."""

    kind: Kind
    headers: list[tuple[str, str]]
    stray: list[str]
    size: int = 0


def observe(message: Message) -> Parsed:
    """What the fast parser made of one message."""
    if isinstance(message, Truncated):
        return Parsed(message.kind, [], [], message.size)
    return Parsed(message.kind, list(message.items()), message.stray)


def reference_lines(data: bytes) -> list[bytes]:
    """Complete lines without their CR LF; an incomplete last one is left out."""
    lines = []
    line = bytearray()
    for byte in data:
        line.append(byte)
        if line[-2:] == b"\r\n":
            lines.append(bytes(line[:-2]))
            line = bytearray()
    return lines


def reference_messages(data: bytes, limit: int = 4 * 2**20) -> list[Parsed]:
    """Every complete message behind the banner."""
    messages = []
    block: list[bytes] = []
    for line in reference_lines(data)[1:]:
        if line:
            block.append(line)
        elif block:
            messages.append(_parse(block, limit))
            block = []
    return messages


def _parse(lines: list[bytes], limit: int) -> Parsed:
    size = sum(len(line) + 2 for line in lines) - 2
    if size > limit:
        return Parsed(Kind.TRUNCATED, [], [], size)
    headers = []
    stray = []
    for line in lines:
        colon = line.find(b": ")
        if colon < 0:
            stray.append(line.decode(errors="replace"))
        else:
            headers.append(
                (line[:colon].decode(errors="replace"), line[colon + 2 :].decode(errors="replace"))
            )
    kind = Kind.OTHER
    if headers:
        first = headers[0][0]
        kind = {"event": Kind.EVENT, "response": Kind.RESPONSE}.get(first.lower(), Kind.OTHER)
    return Parsed(kind, headers, stray)
