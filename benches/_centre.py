"""A whole centre for a bench, every part of it running; callers at its trunk, phones at its seats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from cli.callers.caller import Callers
from cli.callers.media import Media
from cli.callers.seat_phone import Manner, SeatPhone, SeatPhones
from cli.launcher import Launcher
from cli.paths import find_paths
from cli.temporary import temporary_centre
from telephony.command_bus import CommandBus
from telephony.commands import SetReady, SignIn
from telephony.deployment import Deployment
from telephony.live import FellBehind, Live, LiveReader
from telephony.redis_client import connect

CITIZENS_NUMBER = "12345"
CITIZENS_SKILL = "citizen"
WAIT_LIMIT_S = 30.0
REMEMBER_S = 2.0


class Centre:
    """A running centre. `bus` is how agents ask for something, as the desk does for them."""

    def __init__(
        self, launcher: Launcher, callers: Callers, phones: SeatPhones, redis: Redis, bus_redis: Redis
    ) -> None:
        self.launcher = launcher
        self.callers = callers
        self.bus = CommandBus(bus_redis)
        self._phones = phones
        self._reader = LiveReader(redis)

    @property
    def deployment(self) -> Deployment:
        return self.launcher.deployment

    async def staff(self, seats: list[str], manner: Manner, says: Path | None = None) -> list[SeatPhone]:
        """Sign in an agent at each seat, with a phone, and wait until the phones can be rung.

        The agents take citizens' calls in Mandarin, are called like their seats, and are not ready yet.
        """
        phones = []
        for seat in seats:
            secret = self.deployment.seat_password(seat)
            phones.append(await self._phones.register(seat, secret, manner, says))
            await self.bus.ask(
                SignIn(
                    agent_id=seat,
                    name=seat,
                    team="bench",
                    seat=seat,
                    skills={CITIZENS_SKILL: 3},
                    languages=["zh"],
                )
            )
        await self.until(lambda live: all(_reachable(live, seat) for seat in seats))
        return phones

    async def ready(self, seat: str) -> None:
        """Let the agent at a seat be given calls."""
        await self.bus.ask(SetReady(agent_id=seat))

    async def live(self) -> Live:
        """Return live state as it is now."""
        return await self._reader.snapshot()

    async def until(self, is_so: Callable[[Live], bool], within_s: float = WAIT_LIMIT_S) -> None:
        """Wait until live state passes `is_so`, looking after each change. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not is_so(live := await self.live()):
                try:
                    async for _ in self._reader.follow(live.position):
                        break
                except FellBehind:
                    continue


@asynccontextmanager
async def running_centre(
    media: Media,
    *,
    changes: dict[str, str],
    amend: Callable[[Path], None] | None = None,
    lines: int = 160,
) -> AsyncIterator[Centre]:
    """Run a centre; `changes` and `amend` as for `temporary_centre`, `lines` is how many may call at a time."""
    async with AsyncExitStack() as stack:
        launcher = await stack.enter_async_context(
            temporary_centre(find_paths(), changes=changes, amend=amend)
        )
        deployment = launcher.deployment
        await launcher.until_healthy()
        switch = (deployment.config.hotline.sip.host, deployment.config.hotline.sip.port)
        callers = Callers(switch, media, lines=lines, remember_s=REMEMBER_S)
        phones = SeatPhones(switch, media, remember_s=REMEMBER_S)
        # One connection waits for live state's changes, so commands have another.
        live, bus = (connect(deployment.redis_url) for _ in range(2))
        stack.push_async_callback(live.aclose)
        stack.push_async_callback(bus.aclose)
        await stack.enter_async_context(phones)
        await stack.enter_async_context(callers)
        yield Centre(launcher, callers, phones, live, bus)


def _reachable(live: Live, seat: str) -> bool:
    """Whether the agent at a seat is known already, and their phone too: live state follows the answer to SignIn."""
    agent = live.agents.get(seat)
    return agent is not None and agent.phone_reachable
