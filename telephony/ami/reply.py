"""Asterisk's whole answer to one action."""

from __future__ import annotations

import msgspec

from telephony.ami.message import Message


class Reply(msgspec.Struct, frozen=True):
    """The response, and for an action that lists something the events of the list, in order.

    The event that closes the list (`...Complete`) is not among `events`.
    """

    response: Message
    events: tuple[Message, ...] = ()

    @property
    def message(self) -> str:
        """What Asterisk says in words, without the line feed that some of its modules add."""
        return self.response.get("Message", "").strip()

    @property
    def output(self) -> list[str]:
        """What a Command action printed, line by line."""
        return self.response.output
