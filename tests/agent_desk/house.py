"""A desk at work on a free port, with its real Redis and database, its people, and a played switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import argon2

from agent_desk.desk import Desk, make_desk
from agent_desk.seats import Seats
from agent_desk.server import listening, work
from records import people
from records.database import Database
from records.people import Person, Profile, Role
from telephony.config import load
from telephony.redis_client import connect
from tests.agent_desk.browser import Browser
from tests.agent_desk.played_centre import PlayedCentre, ended
from tests.redis_server import RedisServer

CONFIGS = Path(__file__).parents[2] / "configs"
PASSWORD = "correct horse battery"
PASSWORD_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""Cheap to check, so that tests of everything else are quick."""
SESSION_KEY = b"k" * 32


class House:
    """Everything that a test of the desk touches."""

    def __init__(self, desk: Desk, centre: PlayedCentre, redis_server: RedisServer) -> None:
        self.desk = desk
        self.centre = centre
        self.redis_server = redis_server
        self.url = ""
        self._browsers = AsyncExitStack()

    @property
    def database(self) -> Database:
        return self.desk.database

    async def browser(self) -> Browser:
        """A browser that nobody has signed in at."""
        jar = aiohttp.CookieJar(unsafe=True)
        session = await self._browsers.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        return Browser(self.url, session)

    @asynccontextmanager
    async def another_desk(self, front_end: Path) -> AsyncIterator[str]:
        """One more desk on the same stores, as its own process would be; gives its address."""
        desk = new_desk(self.database, self.desk.recordings, self.redis_server)
        try:
            async with serving(desk, front_end) as url:
                await desk.feed.arrived(10)
                yield url
        finally:
            await desk.redis.aclose()

    async def hire(
        self, username: str, role: Role = Role.AGENT, skills: dict[str, int] | None = None
    ) -> Person:
        """Make an account; its password is PASSWORD."""
        profile = Profile(
            username=username,
            name=f"{username} 名",
            role=role,
            team="一组",
            skills=skills if skills is not None else {"citizen": 3},
            languages=["zh"],
        )
        return await people.add(self.database, profile, PASSWORD_HASH)

    async def agent(self, username: str, seat: str | None = None) -> tuple[Browser, Person]:
        """An agent who has signed in."""
        person = await self.hire(username)
        browser = await self.browser()
        answer = await browser.sign_in(username, PASSWORD, seat)
        assert answer.status == 200, answer.body
        return browser, person

    async def supervisor(self, username: str = "super", role: Role = Role.SUPERVISOR) -> Browser:
        """A supervisor who has signed in."""
        await self.hire(username, role)
        browser = await self.browser()
        answer = await browser.sign_in(username, PASSWORD)
        assert answer.status == 200, answer.body
        return browser

    async def ready_agent(self, username: str) -> tuple[Browser, Person]:
        """An agent who waits for calls."""
        browser, person = await self.agent(username)
        answer = await browser.post("/api/agent/ready")
        assert answer.status == 204, answer.body
        return browser, person


def new_desk(database: Database, recordings: Path, redis_server: RedisServer) -> Desk:
    """A desk with the project's own configuration."""
    config = load(CONFIGS)
    return make_desk(
        config=config,
        seats=Seats(
            browser=config.hotline.seats.browser_numbers,
            phone=config.hotline.seats.phone_numbers,
            password=lambda number: f"secret-of-{number}",
            ws_url="ws://127.0.0.1:8088/ws",
        ),
        database=database,
        recordings=recordings,
        redis=connect(redis_server.url),
        session_key=SESSION_KEY,
    )


@asynccontextmanager
async def open_house(
    folder: Path, redis_server: RedisServer, front_end: Path | None = None
) -> AsyncIterator[House]:
    """Start a desk; everything ends with the context."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'hotline.sqlite3'}")
    await database.migrate()
    recordings = folder / "recordings"
    recordings.mkdir()
    desk = new_desk(database, recordings, redis_server)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.push_async_callback(desk.redis.aclose)
        client = await stack.enter_async_context(redis_server.client())
        centre = PlayedCentre(desk.config, client)
        await stack.enter_async_context(centre.at_work())
        await centre.written()
        house = House(desk, centre, redis_server)
        house.url = await stack.enter_async_context(serving(desk, front_end or folder / "no-front-end"))
        await desk.feed.arrived(10)
        await stack.enter_async_context(house._browsers)
        yield house


@asynccontextmanager
async def serving(desk: Desk, front_end: Path) -> AsyncIterator[str]:
    """Serve a desk on a free port; gives its address."""
    async with listening(desk, front_end=front_end, host="127.0.0.1", port=0, tls=None) as port:
        working = asyncio.create_task(work(desk))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await ended(working)
