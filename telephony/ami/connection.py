"""One connection to Asterisk's manager: actions out, answers matched to them, events handed on in order."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeVar, cast

import msgspec

from telephony.ami.action import Headers, encode_action
from telephony.ami.counters import AmiCounters
from telephony.ami.errors import (
    AmiActionFailed,
    AmiDisconnected,
    AmiNotConnected,
    AmiProtocolError,
    AmiTimeout,
)
from telephony.ami.framing import Framer
from telephony.ami.handler import ACTION_LIMIT_S
from telephony.ami.message import Kind, Message, Truncated
from telephony.ami.reply import Reply

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Pending(msgspec.Struct):
    """An action whose answer is not complete; `done` is None once nobody waits for it any more."""

    done: asyncio.Future[Reply] | None
    list_response: Message | None = None
    events: list[Message] = []


class Connection(asyncio.Protocol):
    """An asyncio protocol; the event loop reads it without pause, whatever becomes of the messages.

    `on_event` is called with each event in order, but not with those of lists, which go to the action that
    asked for them, nor with those whose name is not in `wanted`. `lost` is done, with the reason, when the
    connection is over; from then on every action fails.
    """

    def __init__(
        self,
        on_event: Callable[[Message], None],
        counters: AmiCounters,
        wanted: Collection[str] | None = None,
    ) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.on_event = on_event
        self._counters = counters
        self._wanted = wanted
        self._framer = Framer(wanted)
        self._transport: asyncio.WriteTransport | None = None
        self._pending: dict[str, _Pending] = {}
        # Asterisk shows an action's id to its other clients too, in OriginateResponse: ours must be unlike
        # theirs.
        prefix = secrets.token_hex(5)
        self._ids = (f"{prefix}-{number}" for number in itertools.count(1))

    async def action(
        self,
        name: str,
        headers: Headers = (),
        *,
        timeout: float = ACTION_LIMIT_S,
        action_id: str | None = None,
    ) -> Reply:
        """Send one action and return Asterisk's whole answer; `AmiClient.action` tells the errors."""
        action_id = action_id or next(self._ids)
        if action_id in self._pending:
            raise ValueError(f"an action with the id {action_id!r} is under way")
        encoded = encode_action(name, headers, action_id)
        if self._transport is None or self.lost.done():
            raise AmiNotConnected(f"{name}: not sent, there is no connection")
        done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        pending = self._pending[action_id] = _Pending(done)
        self._framer.keep_lists = True
        self._transport.write(encoded)
        try:
            async with asyncio.timeout(timeout):
                reply = await done
        except TimeoutError:
            self._counters.timeouts += 1
            raise AmiTimeout(name, timeout) from None
        finally:
            # What still comes for it comes too late, and is dropped.
            pending.done = None
        if reply.response.get("Response", "").lower() == "error":
            raise AmiActionFailed(name, reply)
        return reply

    async def while_up(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; cancel it and raise AmiDisconnected when the connection is lost."""
        task: asyncio.Future[Any] = asyncio.ensure_future(work)
        try:
            await asyncio.wait([task, self.lost], return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if task.cancelled() and self.lost.done():
            raise AmiDisconnected(self.lost.result())
        result: T = task.result()
        return result

    def close(self, reason: str) -> None:
        """End the connection at once; `reason` is what the actions under way fail with."""
        if self._transport is not None:
            self._transport.abort()
        self._end(reason)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class that asyncio names.
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"the connection broke: {exc}" if exc else "Asterisk closed the connection")

    def data_received(self, data: bytes) -> None:
        framer, counters = self._framer, self._counters
        skipped = framer.skipped
        try:
            messages = framer.feed(data)
        except AmiProtocolError as error:
            self.close(str(error))
            return
        counters.events_skipped += framer.skipped - skipped
        events = 0
        for message in messages:
            kind = message.kind
            if kind is Kind.EVENT:
                if not (self._pending and self._is_not_for_all(message)):
                    events += 1
                    self.on_event(message)
            elif kind is Kind.RESPONSE:
                self._respond(message)
            elif isinstance(message, Truncated):
                self._give_up_on(message)
                if self.lost.done():
                    break
            else:
                counters.messages_unknown += 1
                log.debug("a message of %d bytes is neither event nor response", len(message.raw))
        counters.events += events
        framer.keep_lists = bool(self._pending)

    def _is_not_for_all(self, event: Message) -> bool:
        """Whether the event is part of a list, or got past the filter only because it might have been."""
        action_id = event.get("ActionID")
        if action_id is None:
            return False
        pending = self._pending.get(action_id)
        if pending is not None and pending.list_response is not None:
            if event.get("EventList", "").lower() in ("complete", "cancelled"):
                self._finish(action_id, pending, Reply(pending.list_response, tuple(pending.events)))
            elif pending.done is not None:
                pending.events.append(event)
            return True
        if self._wanted is None or event.event in self._wanted:
            return False
        self._counters.events_skipped += 1
        return True

    def _respond(self, response: Message) -> None:
        self._counters.responses += 1
        action_id = response.get("ActionID", "")
        pending = self._pending.get(action_id)
        if pending is None or pending.list_response is not None:
            self._counters.responses_unknown += 1
            return
        if pending.done is None:
            self._counters.responses_late += 1
        if response.get("EventList", "").lower() == "start":
            pending.list_response = response
        else:
            self._finish(action_id, pending, Reply(response))

    def _finish(self, action_id: str, pending: _Pending, reply: Reply) -> None:
        del self._pending[action_id]
        if pending.done is not None and not pending.done.done():
            pending.done.set_result(reply)

    def _give_up_on(self, message: Truncated) -> None:
        """Fail the action that a message too large to keep belongs to; any other costs the connection."""
        self._counters.messages_truncated += 1
        error = AmiProtocolError(f"a message of {message.size} bytes is larger than this client accepts")
        pending = self._pending.get(message.get("ActionID", ""))
        if pending is None:
            self.close(str(error))
            return
        if pending.done is not None and not pending.done.done():
            pending.done.set_exception(error)
        if pending.list_response is None:
            del self._pending[message["ActionID"]]

    def _end(self, reason: str) -> None:
        if self.lost.done():
            return
        self.lost.set_result(reason)
        for pending in self._pending.values():
            if pending.done is not None and not pending.done.done():
                pending.done.set_exception(
                    AmiDisconnected(f"{reason}; it is unknown whether it was carried out")
                )
