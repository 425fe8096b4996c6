"""Mutated AMI frames: none crashes the client, and none makes it see an event that a plain reader does not see.

`HOTLINE_FUZZ_FRAMES=1000000 ./hotline test tests/telephony/ami/test_fuzz.py` runs a million; `HOTLINE_FUZZ_SEED`
chooses other ones. A failure names the seed that repeats it.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from telephony.ami.connection import Connection
from telephony.ami.counters import AmiCounters
from telephony.ami.framing import Framer
from telephony.ami.message import Kind, Message
from tests.telephony.ami.reference import observe, reference_messages

FRAMES = int(os.environ.get("HOTLINE_FUZZ_FRAMES", "50000"))
SEED = int(os.environ.get("HOTLINE_FUZZ_SEED", "12345"))
BATCH = 500
# Frames in one stream: enough for one to spoil the next.
STREAM = 4
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
CAPTURE = Path(__file__).parent / "fixtures" / "asterisk-22.ami"
# What means something to AMI, to Unicode, or to nobody.
TOKENS = [
    *(
        b"\r\n",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b": ",
        b":",
        b" ",
        b"\0",
        b"\xff",
        b"\xe5\xbc",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
    ),
    *(
        b"Event: Hangup\r\n",
        b"Response: Success\r\n",
        b"ActionID: 1\r\n",
        b"EventList: start\r\n",
        b"event: x",
    ),
    *(
        b"Response: Follows\r\n",
        b"--END COMMAND--",
        b"Asterisk Call Manager/2.0\r\n",
        b"Uniqueid: ",
        b"x" * 300,
    ),
]


def mutate(frame: bytes, chance: random.Random) -> bytes:
    """One to four changes: a bit, a byte, a token put in, a piece cut out, doubled, moved or cut off."""
    data = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        piece = slice(at, at + chance.randint(1, 40))
        match chance.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.randrange(256)
            case 2:
                data[at:at] = chance.choice(TOKENS)
            case 3:
                del data[piece]
            case 4:
                data[at:at] = data[piece]
            case 5:
                moved = data[piece]
                del data[piece]
                to = chance.randrange(len(data) + 1)
                data[to:to] = moved
            case _:
                del data[at:]
    return bytes(data)


def cut(data: bytes, chance: random.Random) -> list[bytes]:
    """The stream as it may come from the network."""
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(0, 6)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@pytest.fixture(scope="module")
def frames() -> list[bytes]:
    """Real frames, the shorter ones more often: a mutation says more in them."""
    blocks = CAPTURE.read_bytes().removeprefix(BANNER).split(b"\r\n\r\n")[:-1]
    return sorted((block + b"\r\n\r\n" for block in blocks), key=len)[: len(blocks) * 3 // 4]


# On one busy core, with room to spare.
@pytest.mark.timeout(60 + FRAMES // 1000)
async def test_a_mutated_frame_neither_crashes_the_client_nor_becomes_a_wrong_event(
    frames: list[bytes],
) -> None:
    for batch in range(0, FRAMES, BATCH):
        seed = f"{SEED}/{batch}"
        chance = random.Random(seed)
        for _ in range(min(BATCH, FRAMES - batch) // STREAM):
            stream = b"".join(mutate(chance.choice(frames), chance) for _ in range(STREAM))
            check(BANNER + stream + b"\r\n\r\n", chance, seed)


def check(stream: bytes, chance: random.Random, seed: str) -> None:
    pieces = cut(stream, chance)
    expected = reference_messages(stream)

    framer = Framer()
    got = [observe(message) for piece in pieces for message in framer.feed(piece)]
    assert got == expected, f"seed {seed}: {stream!r}"

    events: list[Message] = []
    connection = Connection(events.append, AmiCounters())
    for piece in pieces:
        connection.data_received(piece)
    expected_events = [message for message in expected if message.kind is Kind.EVENT]
    assert [observe(event) for event in events] == expected_events, f"seed {seed}: {stream!r}"
    for event, reference in zip(events, expected_events, strict=True):
        for name, _ in reference.headers:
            asked = chance.choice((name, name.swapcase()))
            values = [value for label, value in reference.headers if label.lower() == name.lower()]
            if "\ufffd" not in name and name.isascii():
                assert event[asked] == values[0], f"seed {seed}: {asked!r} in {stream!r}"
                assert event.getall(asked) == values, f"seed {seed}: {asked!r} in {stream!r}"
