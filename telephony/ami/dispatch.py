"""Events on their way from the connection to their handler: in order, bounded, the reader never waiting."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

from telephony.ami.counters import AmiCounters
from telephony.ami.message import Message

# How long events are handed out before the event loop gets to read again.
SLICE_S = 0.005
LOOK_AT_CLOCK_EVERY = 16

log = logging.getLogger(__name__)


class Dispatcher:
    """A queue of one connection's events, held back until `release`.

    More than `bound` waiting events are too many: `overflow` is called, which must end the connection. An event is
    never dropped in silence.
    """

    def __init__(
        self,
        deliver: Callable[[Message], None],
        overflow: Callable[[], None],
        bound: int,
        counters: AmiCounters,
    ) -> None:
        self._deliver = deliver
        self._overflow = overflow
        self._bound = bound
        self._counters = counters
        self._queue: deque[Message] = deque()
        self._wake = asyncio.Event()
        self._held = True

    def put(self, event: Message) -> None:
        """Take one event; never waits."""
        if len(self._queue) >= self._bound:
            self._overflow()
            return
        self._queue.append(event)
        if not self._held:
            self._wake.set()

    def release(self) -> None:
        """From now on `run` delivers, beginning with what was held back."""
        self._held = False
        self._wake.set()

    async def run(self) -> None:
        """Deliver whatever comes until cancelled; that loses no event: `flush` goes on behind the last."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()

    async def flush(self) -> None:
        """Deliver what is in the queue, held back or not."""
        queue = self._queue
        self._counters.backlog_peak = max(self._counters.backlog_peak, len(queue))
        until = time.perf_counter() + SLICE_S
        delivered = 0
        while queue:
            event = queue.popleft()
            try:
                self._deliver(event)
            except Exception:
                self._counters.handler_errors += 1
                log.exception("the handler failed on an event %s", event.event)
            delivered += 1
            if delivered % LOOK_AT_CLOCK_EVERY == 0 and time.perf_counter() > until:
                await asyncio.sleep(0)
                self._counters.backlog_peak = max(self._counters.backlog_peak, len(queue))
                until = time.perf_counter() + SLICE_S
