"""What an AMI client must get right; each case runs every client against a manager of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from benches.ami_peers.clients import Pairs
from benches.ami_peers.script import Conversation, conversation

SILENCE_S = 3.5
# Longer than every client here waits before it connects again and, if it does, sends again.
REPLAY_S = 1.5
CALL: Pairs = [("Channel", "PJSIP/119@trunk"), ("Async", "true")]

Case = Callable[[Conversation], Awaitable[bool]]


def named(pairs: Pairs, name: str) -> list[str]:
    return [value for key, value in pairs if key.lower() == name.lower()]


async def silence(talk: Conversation) -> bool:
    await asyncio.sleep(SILENCE_S)
    await talk.link.send(b"Event: Hangup\r\nUniqueid: 1.1\r\n\r\n")
    return named(await talk.event(), "Uniqueid") == ["1.1"]


async def forged_header(talk: Conversation) -> bool:
    name = "x\u2028Channel: PJSIP/forged"
    await talk.link.send(f"Event: Newchannel\r\nChannel: PJSIP/1\r\nCallerIDName: {name}\r\n\r\n".encode())
    event = await talk.event()
    return named(event, "Channel") == ["PJSIP/1"] and named(event, "CallerIDName") == [name]


async def split_character(talk: Conversation) -> bool:
    data = "Event: Newchannel\r\nCallerIDName: 张伟\r\n\r\n".encode()
    cut = data.index("张".encode()) + 1
    await talk.link.send(data[:cut])
    # The second half must come in a read of its own.
    await asyncio.sleep(0.3)
    await talk.link.send(data[cut:])
    return named(await talk.event(), "CallerIDName") == ["张伟"]


async def replayed_call(talk: Conversation) -> bool:
    await talk.ask("Originate", CALL)
    if not await talk.sent():
        return False
    talk.link.close()
    link = await talk.next_link()
    if link is None:
        return False
    await link.send(b"Event: FullyBooted\r\n\r\n")
    try:
        await asyncio.wait_for(link.actions.get(), REPLAY_S)
    except TimeoutError:
        return True
    return False


async def line_without_colon(talk: Conversation) -> bool:
    await talk.link.send(
        b"Event: UserEvent\r\nno colon here\r\nNumber: 1\r\n\r\nEvent: UserEvent\r\nNumber: 2\r\n\r\n"
    )
    return [named(await talk.event(), "Number") for _ in range(2)] == [["1"], ["2"]]


async def repeated_header(talk: Conversation) -> bool:
    await talk.link.send(b"Event: UserEvent\r\nColour: red\r\nColour: green\r\nColour: blue\r\n\r\n")
    return named(await talk.event(), "Colour") == ["red", "green", "blue"]


async def blank_line_too_many(talk: Conversation) -> bool:
    await talk.link.send(b"Event: TestEvent\r\nNumber: 1\r\n\r\n\r\nEvent: UserEvent\r\nNumber: 2\r\n\r\n")
    return [named(await talk.event(), "Number") for _ in range(2)] == [["1"], ["2"]]


async def injected_header(talk: Conversation) -> bool:
    await talk.ask("UserEvent", [("UserEvent", "Said"), ("Text", "hello\r\nInjected: yes")])
    await talk.ask("UserEvent", [("UserEvent", "Said"), ("Text", "afterwards")])
    sent = [block for block in (await talk.sent(), await talk.sent()) if block]
    return any(b"afterwards" in block for block in sent) and not any(
        b"\r\nInjected" in block for block in sent
    )


CASES: dict[str, Case] = {
    "an event after 3.5 s of silence": silence,
    "U+2028 in a value": forged_header,
    "a character cut by two reads": split_character,
    "no unanswered Originate sent again": replayed_call,
    "a line without a colon": line_without_colon,
    "every value of a repeated header": repeated_header,
    "a blank line too many": blank_line_too_many,
    "CR LF in a value not sent": injected_header,
}


async def judge(case: Case, client: str) -> bool:
    """Whether the client gets the case right."""
    async with conversation(client, stays=case is replayed_call) as talk:
        return await case(talk)
