"""Record fixtures/asterisk-22.ami anew: real bytes of a real Asterisk's manager.

    python -m tests.telephony.ami.record_capture

It holds calls, a conference, lists, command output, refusals, repeated headers, and the texts that break parsers.
"""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

from tests.telephony.ami.private_asterisk import SECRET, PrivateAsterisk

CAPTURE = Path(__file__).parent / "fixtures" / "asterisk-22.ami"
LIMIT_S = 5.0
TEXTS = (
    "plain",
    "a\u2028Channel: forged",
    "next\x85line",
    "tab\vand\fothers\x1c",
    "张伟请不要挂电话",
    "colon: and : more",
    "",
    "  blanks around  ",
)


class Recording:
    """A manager's client that keeps every byte."""

    def __init__(self, port: int) -> None:
        self.data = b""
        self._socket = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        self._number = 0

    def ask(self, name: str, *headers: tuple[str, str], until: bytes | None = None) -> None:
        """Send an action and read on until its answer, or until `until`, has come whole."""
        self._number += 1
        start = len(self.data)
        lines = [("Action", name), ("ActionID", f"ask-{self._number}"), *headers]
        self._socket.sendall(b"".join(f"{key}: {value}\r\n".encode() for key, value in lines) + b"\r\n")
        self.read(until or f"\r\nActionID: ask-{self._number}\r\n".encode(), start)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self, until: bytes, start: int) -> None:
        while (at := self.data.find(until, start)) < 0 or b"\r\n\r\n" not in self.data[at:]:
            self.data += self._socket.recv(65536)

    def call(self, extension: str, name: str, *headers: tuple[str, str]) -> None:
        start = len(self.data)
        self.ask(
            "Originate",
            ("Channel", f"Local/{extension}@default"),
            ("Context", "default"),
            ("Exten", "wait"),
            ("Priority", "1"),
            ("Async", "true"),
            ("ChannelId", name),
            ("OtherChannelId", f"{name}-far"),
            *headers,
        )
        self.read(b"Event: OriginateResponse", start)


def record(port: int) -> bytes:
    """Play the scenario and return what Asterisk sent, cut after the last whole message."""
    recording = Recording(port)
    recording.ask("Login", ("Username", "everything"), ("Secret", SECRET))
    recording.read(b"Event: FullyBooted", 0)
    recording.call("room", "first", ("Variable", "LINE=citizen"), ("Variable", "NOTE=elderly"))
    recording.read(b"Event: ConfbridgeJoin", 0)
    recording.call("lines", "second")
    recording.read(rb"ChanVariable: NOTE=a\nColour: forged", 0)
    recording.call("busy", "third")
    for text in TEXTS:
        recording.ask("UserEvent", ("UserEvent", "Said"), ("Text", text))
    recording.ask("UserEvent", ("UserEvent", "Twice"), ("Colour", "red"), ("Colour", "green"))
    recording.send(b"Action: UserEvent\r\nActionID: raw\r\nUserEvent: Raw\r\nText: \xff\xfe \xe5\xbc\r\n\r\n")
    recording.read(b"UserEvent: Raw", 0)
    recording.ask("Status", ("Variables", "LINE,NOTE"), until=b"Event: StatusComplete")
    recording.ask("CoreShowChannels", until=b"Event: CoreShowChannelsComplete")
    recording.ask("ConfbridgeList", ("Conference", "room"), until=b"Event: ConfbridgeListComplete")
    recording.ask("ConfbridgeList", ("Conference", "none"))
    recording.ask("Getvar", ("Channel", "second-far"), ("Variable", "NOTE"))
    recording.ask("Command", ("Command", "dialplan show default"))
    recording.ask("Command", ("Command", "no such command"))
    recording.ask("Hangup", ("Channel", "/^Local/"), until=b"Event: ChannelsHungupListComplete")
    for name in (b"first", b"first-far", b"second", b"second-far"):
        recording.read(b"Event: Hangup\r\n", 0)
        recording.read(b"Uniqueid: " + name + b"\r\n", recording.data.rfind(b"ChannelsHungupListComplete"))
    recording.ask("Logoff")
    return recording.data[: recording.data.rfind(b"\r\n\r\n") + 4]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        private = PrivateAsterisk(Path(folder))
        private.start()
        try:
            CAPTURE.write_bytes(record(private.port))
        finally:
            private.stop()


if __name__ == "__main__":
    main()
