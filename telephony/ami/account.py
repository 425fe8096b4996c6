"""Who we are on an Asterisk."""

from __future__ import annotations

import msgspec


class AmiAccount(msgspec.Struct, frozen=True):
    """Where Asterisk's manager listens, and a section of its manager.conf with the secret."""

    host: str
    port: int
    username: str
    secret: str

    def __repr__(self) -> str:
        return f"AmiAccount({self.username!r} at {self.host}:{self.port})"
