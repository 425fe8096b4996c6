"""Bytes from Asterisk's manager in, whole messages out; no I/O.

AMI is lines that end with CR LF; a blank line ends a message; the first line of a connection is a banner that
stands alone. All of it is decided on bytes, so a character split between two reads, a U+2028 or a lone line
feed inside a value changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from telephony.ami.errors import AmiProtocolError
from telephony.ami.message import CRLF, END_COMMAND, Follows, Kind, Message, Truncated

BLANK_LINE = CRLF + CRLF
EVENT = b"Event: "
BANNER = re.compile(rb"Asterisk Call Manager/([0-9]+)[0-9A-Za-z._~+-]*[ \t]*", re.IGNORECASE)
BANNER_LIMIT = 256
MESSAGE_LIMIT = 4 * 2**20
# How much of an oversized message is kept: enough to tell whose answer it was.
HEAD_KEPT = 4096
# From AMI 3 (Asterisk 14) on, command output comes as headers; older ones let it stand bare and end it with a
# mark.
FIRST_WITHOUT_FOLLOWS = 3
# Bytes that may stand before and after a message without being part of it: a stray CR LF, an unfinished blank
# line.
SLACK = 5


class Framer:
    """Cuts one connection's bytes into messages.

    `limit` bounds a message, in bytes: of a larger one only the beginning is handed out, as Truncated, and
    framing goes on behind the blank line that ends it. With `wanted`, events of other names are skipped,
    mostly before anything but the name is read; while `keep_lists` is set, those with an ActionID are not, as
    they may belong to a list that somebody waits for. `skipped` counts them.
    """

    def __init__(self, wanted: Collection[str] | None = None, limit: int = MESSAGE_LIMIT) -> None:
        self.banner = ""
        self.skipped = 0
        self.keep_lists = False
        self._wanted = None if wanted is None else frozenset(name.encode() for name in wanted)
        self._limit = limit
        self._pending = bytearray()
        self._head: bytes | None = None
        self._dropped = 0
        self._may_follow = False
        self._output: bytearray | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes, in order.

        Raises AmiProtocolError when the first line is not Asterisk's banner.
        """
        if not self.banner:
            data = self._read_banner(data)
            if not self.banner:
                return []
        pending = self._pending
        if BLANK_LINE not in pending[-3:] + data:
            pending += data
            self._bound_pending()
            return []
        blocks = (bytes(pending) + data).split(BLANK_LINE)
        careful = self._may_follow or self._head is not None or len(pending) + len(data) > self._limit
        self._pending = bytearray(blocks.pop())
        messages: list[Message] = []
        if careful:
            for block in blocks:
                self._carefully(block, messages)
        else:
            self._cut(blocks, messages)
        self._bound_pending()
        return messages

    def _read_banner(self, data: bytes) -> bytes:
        """Return what is behind the banner, once it is complete."""
        self._pending += data
        end = self._pending.find(CRLF)
        line = bytes(self._pending if end < 0 else self._pending[:end])
        if end < 0 and len(line) <= BANNER_LIMIT:
            return b""
        match = BANNER.fullmatch(line) if len(line) <= BANNER_LIMIT else None
        if match is None:
            raise AmiProtocolError(
                f"the first line is not Asterisk's banner but {line[:80]!r}: is this the port of its manager?"
            )
        self.banner = line.decode("ascii").strip()
        self._may_follow = int(match[1]) < FIRST_WITHOUT_FOLLOWS
        rest = bytes(self._pending[end + len(CRLF) :])
        self._pending.clear()
        return rest

    def _cut(self, blocks: Iterable[bytes], messages: list[Message]) -> None:
        wanted = self._wanted
        if wanted is None:
            for block in blocks:
                if block.startswith(EVENT):
                    messages.append(Message(block))
                else:
                    self._take(block, messages)
            return
        skipped = 0
        for block in blocks:
            if block.startswith(EVENT):
                end = block.find(CRLF, 7)
                if (block[7:end] if end > 0 else block[7:]) in wanted or self.keep_lists:
                    self._take(block, messages)
                else:
                    skipped += 1
            else:
                self._take(block, messages)
        self.skipped += skipped

    def _take(self, block: bytes, messages: list[Message]) -> None:
        block = block.removeprefix(CRLF)
        if not block:
            return
        message = Message(block)
        if self._wanted is not None and message.kind is Kind.EVENT and not self._wants(message):
            self.skipped += 1
        else:
            messages.append(message)

    def _wants(self, message: Message) -> bool:
        return (
            self._wanted is None
            or message.event.encode() in self._wanted
            or (self.keep_lists and "ActionID" in message)
        )

    def _carefully(self, block: bytes, messages: list[Message]) -> None:
        """Cut one block while something is unusual: an oversized message, or an Asterisk older than 14."""
        if self._head is not None:
            messages.append(Truncated(self._head, self._dropped + len(block)))
            self._head = self._output = None
        elif self._output is not None:
            self._output += BLANK_LINE + block
            self._end_output(messages)
        elif len(block.removeprefix(CRLF)) > self._limit:
            block = block.removeprefix(CRLF)
            messages.append(Truncated(self._head_of(block), len(block)))
        elif self._may_follow and block.removeprefix(CRLF).startswith(b"Response: Follows"):
            self._output = bytearray(block.removeprefix(CRLF))
            self._end_output(messages)
        else:
            self._take(block, messages)

    def _end_output(self, messages: list[Message]) -> None:
        """Hand the bare output out when its end mark, or too much of it, has come."""
        output = bytes(self._output or b"")
        if output.endswith(END_COMMAND):
            messages.append(Follows(output))
        elif len(output) > self._limit:
            messages.append(Truncated(self._head_of(output), len(output)))
        else:
            return
        self._output = None

    def _bound_pending(self) -> None:
        """Let go of all but the beginning and the last bytes of a message that grew past the bound."""
        pending = self._pending
        if len(pending) <= self._limit + SLACK:
            return
        if self._head is None:
            if pending.startswith(CRLF):
                del pending[: len(CRLF)]
            self._head = self._head_of(bytes(pending))
            self._dropped = 0
        self._dropped += len(pending) - 3
        del pending[:-3]

    def _head_of(self, block: bytes) -> bytes:
        kept = block[: min(HEAD_KEPT, self._limit)]
        return kept[: max(kept.rfind(CRLF), 0)]
