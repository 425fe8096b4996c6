"""One thing that happened to a simulated call, with the SIP message that says so."""

from __future__ import annotations

import msgspec


class Report(msgspec.Struct, frozen=True):
    """What happened to one line: `at` is SIPp's own time of it, as `time.monotonic`; `message` is the SIP message."""

    line: str
    event: str
    at: float
    message: str

    @property
    def code(self) -> int:
        """The response's code; 0 when the message is a request."""
        first = self.message.split("\n", 1)[0].split()
        return int(first[1]) if len(first) > 1 and first[0] == "SIP/2.0" and first[1].isdecimal() else 0

    @property
    def cause(self) -> int | None:
        """The Q.850 cause of a Reason header (RFC 3326)."""
        for part in self.header("Reason").replace(";", " ").split():
            if part.startswith("cause=") and part[6:].isdecimal():
                return int(part[6:])
        return None

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        begin = f"{name.lower()}:"
        for row in self.message.splitlines():
            if not row:
                break
            if row.lower().startswith(begin):
                return row[len(begin) :].strip()
        return ""

    def audio_address(self) -> tuple[str, int]:
        """Return where the other side wants its audio (RFC 4566). Raises ValueError when it does not say."""
        host = port = ""
        for row in self.message.splitlines():
            if row.startswith("c=IN IP4 "):
                host = row.split()[2]
            elif row.startswith("m=audio "):
                port = row.split()[1]
        if not host or not port.isdecimal():
            raise ValueError(f"no audio in the session description:\n{self.message}")
        return host, int(port)
