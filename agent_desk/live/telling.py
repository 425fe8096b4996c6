"""What one browser has been told so far, and what it is to be told next."""

from __future__ import annotations

import time

from agent_desk.live.journal import Journal
from agent_desk.live.lens import Lens, changes, snapshot
from agent_desk.live.views import Message, QueueView

MOST_CHANGES = 1_000
"""A browser that is further behind gets everything anew: that is shorter."""


class Telling:
    """One browser's place in the journal. It keeps no messages: a slow browser costs no memory."""

    def __init__(self, lens: Lens, since: str | None) -> None:
        self._lens = lens
        self._since = since
        self._journal: Journal | None = None
        self._cursor = 0
        self._queues: list[QueueView] | None = None

    def next(self, journal: Journal) -> Message | None:
        """Return what the browser does not know yet, or None; it counts as told."""
        resumed = self._resumed(journal)
        known = journal is self._journal
        news = journal.since(self._cursor) if known or resumed else None
        if news is not None and len(news) > MOST_CHANGES:
            news = None
        self._journal, self._cursor = journal, journal.cursor
        queues = journal.queue_views()
        told_queues, self._queues = self._queues, queues
        if news is None:
            return snapshot(journal, self._lens, time.time())
        message = changes(journal, self._lens, news, [] if queues == told_queues else queues, time.time())
        empty = not any((message.calls, message.calls_gone, message.agents, message.agents_gone))
        return None if empty and not message.queues and not message.events and not resumed else message

    def _resumed(self, journal: Journal) -> bool:
        since, self._since = self._since, None
        cursor = None if since is None else journal.resume(since)
        if cursor is None:
            return False
        self._cursor = cursor
        return True
