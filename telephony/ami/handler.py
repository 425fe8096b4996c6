"""What the AMI client asks of the part that it works for."""

from __future__ import annotations

from typing import Protocol

from telephony.ami.action import Headers
from telephony.ami.message import Message
from telephony.ami.reply import Reply

ACTION_LIMIT_S = 5.0


class Actions(Protocol):
    """What sends actions: the client, or the one connection that a snapshot is taken over."""

    async def action(
        self,
        name: str,
        headers: Headers = (),
        *,
        timeout: float = ACTION_LIMIT_S,
        action_id: str | None = None,
    ) -> Reply:
        """See AmiClient.action."""


class AmiHandler(Protocol):
    """Its methods are called one at a time, never two at once."""

    async def snapshot(self, ami: Actions) -> None:
        """Learn how things stand, over `ami` alone; events that come meanwhile are delivered afterwards.

        Such an event may tell of something that the snapshot showed already. An exception costs the
        connection, and so does taking longer than a minute.
        """

    def event(self, message: Message) -> None:
        """Take one event, in order, each once. Must be quick: the event loop stands still meanwhile."""

    def lost(self, reason: str) -> None:
        """The connection whose snapshot was begun is over, its last event delivered; a new one follows."""
