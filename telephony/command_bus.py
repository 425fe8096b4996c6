"""Commands from desk and records to the controller, and replies, over Redis lists."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.commands import COMMAND_LIMIT_S, AnyCommand, CommandRefused, Reply

COMMANDS = "hotline:commands"
REPLY_LIFE_S = 15
BLOCK_S = 1

log = logging.getLogger(__name__)


class NoController(Exception):
    """Nobody answered in time: it is unknown whether the command was carried out. Look at the live state."""


class Envelope(msgspec.Struct, frozen=True):
    """A command on its way."""

    id: str
    sent_at: float
    command: AnyCommand


_encoder = msgspec.json.Encoder()
_envelope_decoder = msgspec.json.Decoder(Envelope)
_reply_decoder = msgspec.json.Decoder(Reply)


def _reply_key(command_id: str) -> str:
    return f"hotline:reply:{command_id}"


class CommandBus:
    """One end of the bus; desk and records ask, the controller serves."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ask(self, command: AnyCommand) -> None:
        """Return when the controller has done it.

        Raises CommandRefused with the controller's reason, NoController when nobody answered within the limit,
        redis.RedisError.
        """
        envelope = Envelope(uuid.uuid4().hex, time.time(), command)
        await self._redis.rpush(COMMANDS, _encoder.encode(envelope))
        answer = await self._redis.blpop([_reply_key(envelope.id)], timeout=COMMAND_LIMIT_S)
        if answer is None:
            raise NoController("the controller did not answer: it may be restarting; look again in a moment")
        reply = _reply_decoder.decode(answer[1])
        if reply.error is not None:
            raise CommandRefused(reply.error, reply.message or reply.error)

    async def serve(self, carry_out: Callable[[AnyCommand], None]) -> None:
        """Hand each command to `carry_out` and answer it, until cancelled. `carry_out` raises CommandRefused."""
        while True:
            try:
                item = await self._redis.blpop([COMMANDS], timeout=BLOCK_S)
                if item is not None:
                    await self._answer(item[1], carry_out)
            except RedisError as error:
                log.warning("commands: Redis is away: %s", error)
                # Redis offers no event for "reachable again".
                await asyncio.sleep(0.2)

    async def _answer(self, raw: bytes | str, carry_out: Callable[[AnyCommand], None]) -> None:
        try:
            envelope = _envelope_decoder.decode(raw)
        except msgspec.DecodeError as error:
            log.error("commands: not understood: %s", error)
            return
        reply = Reply()
        if time.time() - envelope.sent_at > COMMAND_LIMIT_S:
            reply = Reply(error="too-late", message="the command waited too long to be carried out")
        else:
            try:
                carry_out(envelope.command)
            except CommandRefused as refused:
                reply = Reply(error=refused.code, message=str(refused))
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.rpush(_reply_key(envelope.id), _encoder.encode(reply))
            pipe.expire(_reply_key(envelope.id), REPLY_LIFE_S)
            await pipe.execute()
