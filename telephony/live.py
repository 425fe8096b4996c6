"""Live state in Redis: written by the controller alone, read by desk, records and metrics.

Every change is one commit: the entities as they now are go into two hashes, and the same entities with the events
that explain them go into a stream, in one transaction. A reader takes the hashes and the stream's end in one
transaction too, then follows the stream: nothing is missed and nothing is seen twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from telephony.agent import Agent
from telephony.call import Call
from telephony.events import VERSION, AnyEvent

CALLS = "hotline:calls"
AGENTS = "hotline:agents"
STREAM = "hotline:stream"
STREAM_LENGTH = 20_000
FOLLOW_BLOCK_MS = 1_000
FOLLOW_COUNT = 500


class Commit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One change of live state: what happened, and each call and agent that it touched as they are now."""

    version: int = VERSION
    events: list[AnyEvent] = []
    calls: list[Call] = []
    agents: list[Agent] = []
    calls_gone: list[str] = []
    agents_gone: list[str] = []


class Live(msgspec.Struct, kw_only=True):
    """All calls and agents by id, and the place in the stream that they correspond to."""

    calls: dict[str, Call]
    agents: dict[str, Agent]
    position: str


class FellBehind(Exception):
    """The reader's place is no longer in the stream: take a new snapshot."""


_encoder = msgspec.json.Encoder()
_commit_decoder = msgspec.json.Decoder(Commit)
_call_decoder = msgspec.json.Decoder(Call)
_agent_decoder = msgspec.json.Decoder(Agent)


class LiveWriter:
    """The controller's side."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def load(self) -> tuple[list[Call], list[Agent]]:
        """Return what an earlier controller left. Raises redis.RedisError."""
        calls, agents = await self._redis.hvals(CALLS), await self._redis.hvals(AGENTS)
        return [_call_decoder.decode(call) for call in calls], [
            _agent_decoder.decode(agent) for agent in agents
        ]

    async def write(self, *commits: Commit | bytes) -> None:
        """Apply commits in order, as they are or encoded before. Raises redis.RedisError.

        After an error it is unknown whether all of it was applied, or nothing.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            for commit in commits:
                _put(pipe, commit)
            await pipe.execute()

    async def rewrite(self, commit: Commit) -> None:
        """Replace everything by `commit`, which holds all calls and agents: after Redis lost its memory."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(CALLS, AGENTS)
            _put(pipe, commit)
            await pipe.execute()


def encode(commit: Commit) -> bytes:
    """Return a commit as it is now: calls and agents go on changing, what was encoded does not."""
    return _encoder.encode(commit)


def decode(encoded: bytes) -> Commit:
    """Return an encoded commit."""
    return _commit_decoder.decode(encoded)


class _Raw(msgspec.Struct):
    """A commit of which the entities stay encoded."""

    calls: list[msgspec.Raw] = []
    agents: list[msgspec.Raw] = []
    calls_gone: list[str] = []
    agents_gone: list[str] = []


class _Id(msgspec.Struct):
    id: str


def _put(pipe: Pipeline, commit: Commit | bytes) -> None:
    encoded = commit if isinstance(commit, bytes) else encode(commit)
    raw = _raw_decoder.decode(encoded)
    for key, entities, gone in ((CALLS, raw.calls, raw.calls_gone), (AGENTS, raw.agents, raw.agents_gone)):
        for entity in entities:
            pipe.hset(key, _id_decoder.decode(entity).id, bytes(entity))
        if gone:
            pipe.hdel(key, *gone)
    pipe.xadd(STREAM, {"commit": encoded}, maxlen=STREAM_LENGTH)


_raw_decoder = msgspec.json.Decoder(_Raw)
_id_decoder = msgspec.json.Decoder(_Id)


class LiveReader:
    """Everybody else's side."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def snapshot(self) -> Live:
        """Return all live calls and agents with the stream's place. Raises redis.RedisError."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(CALLS)
            pipe.hgetall(AGENTS)
            pipe.xrevrange(STREAM, count=1)
            calls, agents, last = await pipe.execute()
        return Live(
            calls={key.decode(): _call_decoder.decode(value) for key, value in calls.items()},
            agents={key.decode(): _agent_decoder.decode(value) for key, value in agents.items()},
            position=last[0][0].decode() if last else "0-0",
        )

    async def follow(self, position: str) -> AsyncIterator[tuple[str, Commit]]:
        """Yield each commit after `position` with its own place, for as long as the caller iterates.

        Raises FellBehind when commits after `position` were trimmed away, redis.RedisError.
        """
        await self._check(position)
        while True:
            batches: Any = await self._redis.xread(
                {STREAM: position}, count=FOLLOW_COUNT, block=FOLLOW_BLOCK_MS
            )
            for _, entries in batches:
                if len(entries) == FOLLOW_COUNT:
                    await self._check(position)
                for entry_id, fields in entries:
                    position = entry_id.decode()
                    yield position, _commit_decoder.decode(fields[b"commit"])

    async def _check(self, position: str) -> None:
        oldest: Any = await self._redis.xrange(STREAM, count=1)
        if oldest and position != "0-0" and _place(oldest[0][0].decode()) > _place(position):
            raise FellBehind(f"the stream begins after {position}")


def _place(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)
