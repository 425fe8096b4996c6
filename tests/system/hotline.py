"""The hotline as a test sees it: start it, give it people, call it, look at its live state and at the case store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from redis.asyncio import Redis

from agent_desk.passwords import hash_password
from cli.callers.caller import Callers
from cli.callers.desk_client import DeskClient
from cli.callers.media import Media
from cli.launcher import Launcher
from cli.paths import find_paths
from cli.temporary import temporary_centre
from records import people
from records.database import Database
from records.people import Profile, Role
from telephony.call import Call
from telephony.deployment import Deployment
from telephony.live import FellBehind, Live, LiveReader
from telephony.redis_client import connect

CALLERS_HOST = "127.0.0.2"
PASSWORD = "correct-horse-battery"
WAIT_LIMIT_S = 30.0


class Hotline:
    """A running centre with callers at its trunk."""

    def __init__(self, launcher: Launcher, callers: Callers, redis: Redis, database: Database) -> None:
        self.launcher = launcher
        self.callers = callers
        self._reader = LiveReader(redis)
        self._database = database

    @property
    def deployment(self) -> Deployment:
        return self.launcher.deployment

    @property
    def url(self) -> str:
        return self.deployment.desk_url

    async def add_person(self, username: str, role: Role = Role.AGENT, **profile: Any) -> None:
        """Make an account with PASSWORD; agents take citizens' calls in Mandarin unless `profile` says more."""
        known = {"name": username, "team": "甲组", "skills": {"citizen": 3}, "languages": ["zh"]}
        await people.add(
            self._database,
            Profile(username=username, role=role, **(known | profile)),
            hash_password(PASSWORD),
        )

    def client(self, username: str, seat: str | None = None) -> DeskClient:
        """Return somebody at the desk without a screen."""
        return DeskClient(self.url, username, PASSWORD, seat)

    async def live(self) -> Live:
        """Return live state as it is now."""
        return await self._reader.snapshot()

    async def until(self, is_so: Callable[[Live], bool], within_s: float = WAIT_LIMIT_S) -> Live:
        """Wait until live state passes `is_so`, looking after each change. Raises TimeoutError with the state."""
        live = await self.live()
        try:
            async with asyncio.timeout(within_s):
                while not is_so(live):
                    await self._change(live)
                    live = await self.live()
        except TimeoutError:
            raise TimeoutError(f"not within {within_s:g} s: {live}") from None
        return live

    async def knows(self, number: str, within_s: float = WAIT_LIMIT_S) -> Call:
        """Wait until live state has the call of that caller, and return it. Raises TimeoutError."""
        live = await self.until(lambda live: number in _callers(live), within_s)
        return _callers(live)[number]

    async def _change(self, live: Live) -> None:
        try:
            async for _ in self._reader.follow(live.position):
                return
        except FellBehind:
            return

    async def cases(self) -> list[dict[str, Any]]:
        """Return everything that has arrived at the case store."""
        headers = {"Authorization": f"Bearer {self.deployment.case_store_token}"}
        url = f"{self.deployment.case_store_url}/records?limit=100"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
            return [row["record"] for row in await response.json()]

    async def until_cases(self, count: int, within_s: float = WAIT_LIMIT_S) -> list[dict[str, Any]]:
        """Wait until so many records have arrived, and return them."""
        async with asyncio.timeout(within_s):
            while True:
                cases = await self.cases()
                if len(cases) >= count:
                    return cases
                # The case store is somebody else's program and sends no events.
                await asyncio.sleep(0.1)


def _callers(live: Live) -> dict[str, Call]:
    return {call.caller_number: call for call in live.calls.values()}


@asynccontextmanager
async def running_hotline(media: Media, **changes: str) -> AsyncIterator[Hotline]:
    """Run a hotline; `changes` as for `temporary_centre`, with `__` for each dot."""
    settings = {key.replace("__", "."): value for key, value in changes.items()}
    async with AsyncExitStack() as stack:
        launcher = await stack.enter_async_context(temporary_centre(find_paths(), changes=settings))
        await launcher.until_healthy()
        sip = launcher.deployment.config.hotline.sip
        callers = await stack.enter_async_context(Callers((sip.host, sip.port), media, host=CALLERS_HOST))
        redis = connect(launcher.deployment.redis_url)
        stack.push_async_callback(redis.aclose)
        database = Database(launcher.deployment.database_url)
        stack.push_async_callback(database.close)
        yield Hotline(launcher, callers, redis, database)
