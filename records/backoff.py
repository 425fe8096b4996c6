"""How long to wait before trying again, and trying again until it works."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

RETRY_FIRST_S = 0.1
RETRY_MOST_S = 5.0

log = logging.getLogger(__name__)


def pause_s(attempts: int, first_s: float, most_s: float) -> float:
    """Return the pause in seconds after `attempts` failures: doubling from `first_s` up to `most_s`.

    Between half and all of it, by chance, so that what failed together is not tried again together.
    """
    longest = min(most_s, first_s * 2.0 ** min(max(attempts, 1) - 1, 40))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it


async def until_done(
    what: str, attempt: Callable[[], Awaitable[T]], passes: Callable[[Exception], bool]
) -> T:
    """Return what `attempt` returns, trying again while it raises an exception that `passes` by itself.

    `what` is for the log. Ends only with a result, cancellation, or another exception.
    """
    failures = 0
    while True:
        try:
            return await attempt()
        except Exception as error:
            if not passes(error):
                raise
            failures += 1
            pause = pause_s(failures, RETRY_FIRST_S, RETRY_MOST_S)
            log.warning("%s: trying again in %.1f s: %s: %s", what, pause, type(error).__name__, error)
            await asyncio.sleep(pause)
