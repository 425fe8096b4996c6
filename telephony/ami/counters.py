"""What the AMI client counts, for the metrics."""

from __future__ import annotations

import msgspec


class AmiCounters(msgspec.Struct):
    """Totals since the client was made, over all its connections; `backlog_peak` is the longest the queue of
    undelivered events has been.
    """

    connections: int = 0
    losses: int = 0
    events: int = 0
    events_skipped: int = 0
    responses: int = 0
    responses_late: int = 0
    responses_unknown: int = 0
    timeouts: int = 0
    messages_unknown: int = 0
    messages_truncated: int = 0
    handler_errors: int = 0
    backlog_peak: int = 0
