"""The same captured traffic through asterisk-ami and through ours: every difference is one that is known.

The bytes in fixtures/asterisk-22.ami came from Asterisk 22.10.1 (record_capture.py makes them anew). The peer's own
client reads them from a socket. What it must have made of each message is worked out from ours and the list KNOWN; all
that is left over would be a difference that nobody knew of.
"""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from asterisk.ami import AMIClient  # type: ignore[import-untyped]

from telephony.ami.framing import Framer
from telephony.ami.message import Kind, Message

CAPTURE = Path(__file__).parent / "fixtures" / "asterisk-22.ami"
LIMIT_S = 10

KNOWN = {
    "line end": "a value is cut at U+2028, NEL, VT, FF, FS or a lone LF, and what is behind it becomes a header",
    "repeated": "of an event's repeated header only the last value is kept",
    "variables": "an event's channel variables become a mapping, unless their header names the channel",
    "joined": "a response's repeated header becomes one text with line feeds",
    "blank line": "a message behind one blank line too many (Asterisk's TestEvent ends so) is not recognized",
    "stripped": "blanks around a response's values are lost",
}
VARIABLES = {"ChanVariable", "DestChanVariable"}


class Peer:
    """asterisk-ami's client on a socket that plays the capture; `packs` is what its listeners were told, in order."""

    def __init__(self, capture: bytes) -> None:
        self.packs: list[tuple[Kind, dict[str, Any], str]] = []
        self._ended = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(LIMIT_S)
            client = AMIClient(
                port=server.getsockname()[1],
                timeout=LIMIT_S,
                on_event=self._event,
                on_response=self._response,
                on_unknown=self._unknown,
                on_disconnect=self._disconnect,
            )
            client.connect()
            connection, _ = server.accept()
            with connection:
                connection.sendall(capture)
            assert self._ended.wait(LIMIT_S)
            client.disconnect()

    def _event(self, event: Any, **_: object) -> None:
        self.packs.append((Kind.EVENT, event.keys, event.name))

    def _response(self, response: Any, **_: object) -> None:
        # Of these bytes only Getvar's value has a line that the peer takes for the output of a command.
        keys = response.keys | ({"follows": response.follows} if response.follows else {})
        self.packs.append((Kind.RESPONSE, keys, response.status))

    def _unknown(self, pack: str, **_: object) -> None:
        self.packs.append((Kind.OTHER, {}, pack))

    def _disconnect(self, **_: object) -> None:
        self._ended.set()


def cut_at_line_ends(
    headers: list[tuple[str, str]], seen: set[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The headers that the peer sees, and the lines that it takes for none."""
    found = []
    loose = []
    for name, value in headers:
        first, *rest = (value + ".").splitlines()
        if not rest:
            found.append((name, value))
            continue
        seen.add("line end")
        found.append((name, first))
        rest[-1] = rest[-1].removesuffix(".")
        for line in rest:
            forged, separator, remainder = line.partition(": ")
            if separator:
                found.append((forged, remainder))
            else:
                loose.append(line)
    return found, loose


def expected_of_event(message: Message, seen: set[str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for name, value in cut_at_line_ends(list(message.items())[1:], seen)[0]:
        if name in VARIABLES:
            seen.add("variables")
            variable, _, setting = value.partition("=")
            keys.setdefault(name, {})[variable] = setting
            continue
        if name in keys:
            seen.add("repeated")
        keys[name] = value
    return keys


def expected_of_response(message: Message, seen: set[str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    headers, loose = cut_at_line_ends(list(message.items())[1:], seen)
    for name, value in headers:
        if value != value.strip():
            seen.add("stripped")
        if name in keys:
            seen.add("joined")
            keys[name] += f"\n{value.strip()}"
        else:
            keys[name] = value.strip()
    return keys | ({"follows": loose} if loose else {})


@pytest.fixture(scope="module")
def ours() -> list[Message]:
    return Framer().feed(CAPTURE.read_bytes())


# The peer uses names of the standard library that go away with Python 3.12 and 3.13.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_difference_from_asterisk_ami_on_real_traffic_is_a_known_one(ours: list[Message]) -> None:
    seen: set[str] = set()
    expected: list[tuple[Kind, dict[str, Any], str]] = []
    capture = CAPTURE.read_bytes()
    at = 0
    for message in ours:
        at = capture.index(message.raw, at)
        if capture[:at].endswith(b"\r\n\r\n\r\n"):
            seen.add("blank line")
            expected.append((Kind.OTHER, {}, f"\r\n{message.raw.decode(errors='replace')}"))
        elif message.kind is Kind.EVENT:
            expected.append((Kind.EVENT, expected_of_event(message, seen), message.event))
        else:
            expected.append((Kind.RESPONSE, expected_of_response(message, seen), message["Response"]))

    assert Peer(capture).packs == expected
    assert seen == set(KNOWN)


def test_the_capture_holds_every_byte_in_ours(ours: list[Message]) -> None:
    rebuilt = b"Asterisk Call Manager/11.0.0\r\n" + b"".join(message.raw + b"\r\n\r\n" for message in ours)
    assert rebuilt == re.sub(rb"(\r\n){3}", b"\r\n\r\n", CAPTURE.read_bytes())
    assert len(ours) > 100


def test_ours_has_what_the_peer_loses(ours: list[Message]) -> None:
    texts = [message["Text"] for message in ours if message.get("UserEvent") == "Said"]
    assert "a\u2028Channel: forged" in texts
    assert "next\x85line" in texts
    twice = next(message for message in ours if message.get("UserEvent") == "Twice")
    assert twice.getall("Colour") == ["red", "green"]
    assert any(
        "Variable: NOTE=a\nColour: forged\nb" in message.raw.decode(errors="replace") for message in ours
    )
    assert not any(re.search(r"^forged$", message.get("Channel", "")) for message in ours)
