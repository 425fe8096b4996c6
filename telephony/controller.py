"""The controller: one Centre between a real Asterisk and live state in Redis.

It owns three conversations: facts from AMI, commands from Redis, and the clock; each leads to one step of the
centre, whose actions go to Asterisk at once and whose commit goes to Redis in order. Asterisk is never kept waiting
by Redis: without Redis, calls go on, and all live state is written anew when it is back.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.acd import Acd, acd_policy
from telephony.agent import Agent
from telephony.ami import (
    Actions,
    AmiAccount,
    AmiActionFailed,
    AmiClient,
    AmiError,
    AmiNotConnected,
    BadActionValue,
    Message,
)
from telephony.call import Call
from telephony.centre import Centre, policy_of
from telephony.centre.actions import Action, RingSeat
from telephony.centre.facts import Fact, LegEnd, LegGone, LinkLost, PhoneReachable
from telephony.command_bus import CommandBus
from telephony.commands import AnyCommand
from telephony.deployment import open_deployment
from telephony.live import Commit, LiveWriter, decode, encode
from telephony.redis_client import connect
from telephony.switch import carry_out, changed_phone, phone_is_reachable, read, take_snapshot

HEARTBEAT_S = 1.0
REDIS_RETRY_S = 0.2
ORIGINATE_LIMIT_S = 5.0
HANGUP_LAG_S = 0.5
LONGEST_SLEEP_S = 60.0

log = logging.getLogger(__name__)

Moved = tuple[list[Action], Commit]


class AnotherController(Exception):
    """A controller of this centre runs already; two would ring every phone twice."""


class Controller:
    """Runs a centre until cancelled."""

    def __init__(self, centre: Centre, account: AmiAccount, redis: Redis, heartbeat_limit_s: float) -> None:
        self._centre = centre
        self._heartbeat_limit_s = heartbeat_limit_s
        self._ami = AmiClient(account, self)
        self._writer = LiveWriter(redis)
        self._bus = CommandBus(redis)
        self._commits: asyncio.Queue[bytes] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._reconciled = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self._link: Actions | None = None
        self._beaten = time.monotonic()
        self._epoch = time.time() - time.monotonic()

    async def run(self) -> None:
        """Take up what an earlier controller left, then work until cancelled."""
        calls, agents = await self._load()
        self._centre.restore(calls, agents, self._now())
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(self._write())
            tasks.create_task(self._ami.run())
            await self._reconciled.wait()
            tasks.create_task(self._beat())
            tasks.create_task(self._watch_clock())
            tasks.create_task(self._bus.serve(self._obey))

    # ---- AmiHandler ----

    async def snapshot(self, ami: Actions) -> None:
        """Bring the centre in line with Asterisk, over a connection that has just begun."""
        await self._heartbeat(ami)
        self._beaten = time.monotonic()
        await self._ensure_watch(ami)
        fact = await take_snapshot(ami)
        self._link = ami
        self._tell(fact)
        self._reconciled.set()
        log.info(
            "in line with Asterisk: %d calls, %d agents", len(self._centre.calls), len(self._centre.agents)
        )

    def event(self, message: Message) -> None:
        """Take one live event."""
        fact = read(message)
        seat = changed_phone(message)
        if fact is not None and message.event == "OriginateResponse":
            self._background(self._tell_later(fact))
        elif fact is not None:
            self._tell(fact)
        elif seat is not None:
            self._background(self._check_phone(seat))

    def lost(self, reason: str) -> None:
        """The link to Asterisk broke; calls go on, and the next snapshot tells how."""
        log.warning("link to Asterisk lost: %s", reason)
        self._link = None
        self._tell(LinkLost())

    # ---- the three conversations ----

    def _now(self) -> float:
        """Return epoch seconds that never step back, as the wall clock may when it is set."""
        return self._epoch + time.monotonic()

    def _tell(self, fact: Fact) -> None:
        self._moved(self._centre.told(fact, self._now()))

    async def _tell_later(self, fact: Fact) -> None:
        """Let a leg's Hangup come first, which alone tells why it was not answered: it takes another way through
        Asterisk, and a leg that never became a channel has none.
        """
        await asyncio.sleep(HANGUP_LAG_S)
        self._tell(fact)

    def _obey(self, command: AnyCommand) -> None:
        self._moved(self._centre.asked(command, self._now()))

    async def _watch_clock(self) -> None:
        while True:
            self._woken.clear()
            now = self._now()
            due = self._centre.next_tick(now)
            wait = LONGEST_SLEEP_S if due is None else min(max(0.0, due - now), LONGEST_SLEEP_S)
            try:
                # Not wait_for: of Python 3.11 it may swallow a cancellation that comes with the event.
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            except TimeoutError:
                self._moved(self._centre.tick(self._now()))

    def _moved(self, moved: Moved) -> None:
        actions, commit = moved
        for action in actions:
            self._background(self._send(action))
        self._keep(commit)

    def _keep(self, commit: Commit) -> None:
        if commit.events or commit.calls or commit.agents or commit.calls_gone or commit.agents_gone:
            self._commits.put_nowait(encode(commit))
        self._woken.set()

    def _background(self, work: Coroutine[object, object, None]) -> None:
        assert self._tasks is not None
        self._tasks.create_task(work)

    # ---- towards Asterisk ----

    async def _send(self, action: Action) -> None:
        """Ask once. Where the answer is lost, the next snapshot or the centre's own clock settles it."""
        try:
            await carry_out(self._asterisk(), action)
        except AmiError as error:
            log.warning("%s: %s", action, error)
            if isinstance(action, RingSeat) and isinstance(error, (AmiActionFailed, BadActionValue)):
                self._tell(LegGone(leg=action.leg, end=LegEnd.UNREACHABLE))

    def _asterisk(self) -> Actions:
        """Return the link of which the snapshot is taken. Raises AmiNotConnected."""
        if self._link is None:
            raise AmiNotConnected("there is no link to Asterisk at the moment")
        return self._link

    async def _check_phone(self, seat: str) -> None:
        try:
            reachable = await phone_is_reachable(self._asterisk(), seat)
        except AmiError as error:
            log.warning("seat %s: %s; the next snapshot tells", seat, error)
        else:
            self._tell(PhoneReachable(seat=seat, reachable=reachable))

    async def _beat(self) -> None:
        """Tell the dialplan that a controller is alive.

        Where a beat was confirmed too late, callers may have been served without us, and unseen: look anew.
        """
        while True:
            try:
                await self._heartbeat(self._asterisk())
            except AmiError as error:
                log.debug("no heartbeat: %s", error)
            else:
                late_s = time.monotonic() - self._beaten
                self._beaten += late_s
                if late_s > self._heartbeat_limit_s:
                    self._ami.renew(f"no heartbeat was confirmed for {late_s:.1f} s")
            await asyncio.sleep(HEARTBEAT_S)

    async def _heartbeat(self, ami: Actions) -> None:
        await ami.action("Setvar", {"Variable": "HEARTBEAT", "Value": str(int(time.time()))})

    async def _ensure_watch(self, ami: Actions) -> None:
        """Start the dialplan's own watch over waiting callers, once in Asterisk's life."""
        reply = await ami.action("Getvar", {"Variable": "WATCH"})
        if reply.response.get("Value", "") == "":
            await ami.action("Setvar", {"Variable": "WATCH", "Value": "1"})
            await ami.action(
                "Originate",
                {
                    "Channel": "Local/s@watch/n",
                    "Application": "Wait",
                    "Data": "2147483",
                    "Async": "true",
                },
                timeout=ORIGINATE_LIMIT_S,
            )

    # ---- towards Redis ----

    async def _load(self) -> tuple[list[Call], list[Agent]]:
        while True:
            try:
                return await self._writer.load()
            except RedisError as error:
                log.warning("live state cannot be read yet: %s", error)
                await asyncio.sleep(REDIS_RETRY_S)

    async def _write(self) -> None:
        while True:
            commits = [await self._commits.get()]
            while not self._commits.empty():
                commits.append(self._commits.get_nowait())
            try:
                await self._writer.write(*commits)
            except RedisError as error:
                log.warning("live state cannot be written: %s", error)
                await self._rewrite(commits)

    async def _rewrite(self, unwritten: list[bytes]) -> None:
        """Redis was away, perhaps with its memory lost: write everything, with the events of the gap."""
        while True:
            await asyncio.sleep(REDIS_RETRY_S)
            while not self._commits.empty():
                unwritten.append(self._commits.get_nowait())
            everything = self._centre.everything()
            everything.events = [event for commit in unwritten for event in decode(commit).events]
            try:
                await self._writer.rewrite(everything)
                return
            except RedisError as error:
                log.debug("live state cannot be written yet: %s", error)


class Options(Protocol):
    """What a role is started with."""

    var: Path
    configs: Path


async def run(options: Options) -> None:
    """Run this machine's controller until cancelled.

    Raises ConfigError, AnotherController.
    """
    deployment = open_deployment(options.var, options.configs)
    with _alone(deployment.var / "controller.lock"):
        centre = Centre(policy_of(deployment.config), Acd(acd_policy(deployment.config)))
        redis = connect(deployment.redis_url)
        try:
            await Controller(centre, deployment.ami_account, redis, deployment.site.heartbeat_limit).run()
        finally:
            await redis.aclose()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock that the kernel gives back at once when its holder dies."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherController(
                f"{lock}: a controller of this centre runs already: stop it first"
            ) from None
        yield
