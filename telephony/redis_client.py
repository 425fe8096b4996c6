"""A connection to Redis whose work can always be cancelled, and that sends nothing twice.

With a socket_timeout redis-py sends through asyncio.wait_for, which on Python 3.11 loses a cancellation that comes in
the moment in which the sending ends (CPython issue 86296): a loop goes on for ever although it was told to stop. So
the client has none; whoever asks Redis something sets a limit of their own.
"""

from __future__ import annotations

import socket

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_LIMIT_S = 5.0
MOST_CONNECTIONS = 1_000
"""redis-py's own limit of 100 turns a desk's browsers away when they all come back at once."""

_KEEPALIVE = {socket.TCP_KEEPIDLE: 5, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
"""A server that a network has swallowed is noticed after 20 s."""


def connect(url: str) -> Redis:
    """Return a client for a `unix://`, `redis://` or `rediss://` address; it connects when it is used."""
    # redis-py would send a command again after a lost connection: a commit or a command would be there twice.
    once = Retry(NoBackoff(), 0)
    if url.startswith("unix://"):
        return Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=CONNECT_LIMIT_S,
            retry=once,
            max_connections=MOST_CONNECTIONS,
        )
    return Redis.from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_LIMIT_S,
        socket_keepalive=True,
        socket_keepalive_options=_KEEPALIVE,
        retry=once,
        max_connections=MOST_CONNECTIONS,
    )
