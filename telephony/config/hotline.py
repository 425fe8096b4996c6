"""The shape of ``hotline.toml``: where this hotline listens, what it connects to, how its agents work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from telephony.config.kinds import Label, Name, NumberRange, Port, Text, Url, numbers_of

_Seconds = {"unit": "seconds"}


class Hotline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who this hotline is.

    Attributes:
        timezone: IANA name; opening hours and reports are in it.
        data: folder of everything that the hotline keeps; the launcher's own default when absent.
    """

    name: Label
    city: Label
    timezone: Text
    data: Text | None = None


class Desk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where agents' browsers connect, for the desk and for the softphone's WebSocket alike."""

    host: Text = "127.0.0.1"
    port: Port = 12345
    tls_certificate: Text | None = None
    tls_key: Text | None = None


class Sip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Asterisk listens.

    Attributes:
        host: address of SIP over UDP and of RTP; trunks reach it.
        port: SIP over UDP.
        websocket_port: Asterisk's HTTP server, for softphones; on the desk's host, under its TLS.
        ami_port: Asterisk's manager interface, on loopback always.
        rtp_first: first port of media, even; rtp_last: the last.
    """

    host: Text = "127.0.0.1"
    port: Port = 5060
    websocket_port: Port = 8088
    ami_port: Port = 5038
    rtp_first: Annotated[int, msgspec.Meta(ge=1024, le=65534)] = 10000
    rtp_last: Annotated[int, msgspec.Meta(ge=1025, le=65535)] = 19999


class Trunk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier: calls are taken from its addresses only.

    Attributes:
        addresses: IP addresses or networks in CIDR notation.
    """

    name: Label
    addresses: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class Seats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places to work, as ranges of numbers: an agent who signs in takes one.

    Attributes:
        browser: seats whose phone is the desk's softphone.
        phone: seats with a hard phone that registers over UDP.
    """

    browser: tuple[NumberRange, ...] = ("1001-1050",)
    phone: tuple[NumberRange, ...] = ()

    @property
    def browser_numbers(self) -> list[str]:
        """Return every number of `browser`, ascending in each range."""
        return [number for text in self.browser for number in numbers_of(text)]

    @property
    def phone_numbers(self) -> list[str]:
        """Return every number of `phone`, ascending in each range."""
        return [number for text in self.phone for number in numbers_of(text)]


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where finished records and people are kept.

    Attributes:
        url: ``sqlite+aiosqlite:///...`` or ``postgresql+asyncpg://...``; an SQLite file when absent.
    """

    url: Url | None = None


class Redis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where live state is kept.

    Attributes:
        url: ``unix://``, ``redis://`` or ``rediss://``; a private instance when absent.
    """

    url: Url | None = None


class CaseStore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where finished records are delivered.

    Attributes:
        url: address that takes the POST; the demo's bundled store when absent.
        token_file: file whose one line is the bearer token.
        bundled_port: where the bundled store listens on loopback, while `url` is absent.
        timeout_s: time limit of one delivery.
        retry_first_s: pause after the first failure; it doubles up to ``retry_most_s`` and never ends.
    """

    url: Url | None = None
    token_file: Text | None = None
    bundled_port: Port = 12346
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=120, extra=_Seconds)] = 10
    retry_first_s: Annotated[int, msgspec.Meta(ge=1, le=60, extra=_Seconds)] = 1
    retry_most_s: Annotated[int, msgspec.Meta(ge=1, le=3600, extra=_Seconds)] = 300


class Recordings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Recordings of calls: ``folder`` (inside the data folder when absent), kept ``keep_days``."""

    folder: Text | None = None
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=36500, extra={"unit": "days"})] = 730


class PauseReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an agent is not ready, as the agent picks it on the desk."""

    id: Name
    name: Label


class Agents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How agents work.

    Attributes:
        default_wrap_up_s: time for the form after a call, where the queue says nothing of its own.
        vanish_grace_s: how long an agent whose browser went silent keeps the call and the seat.
    """

    pause_reasons: Annotated[tuple[PauseReason, ...], msgspec.Meta(min_length=1)]
    default_wrap_up_s: Annotated[int, msgspec.Meta(ge=0, le=900, extra=_Seconds)] = 60
    vanish_grace_s: Annotated[int, msgspec.Meta(ge=1, le=120, extra=_Seconds)] = 8


class HotlineFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``hotline.toml`` as a whole."""

    hotline: Hotline
    agents: Agents
    desk: Desk = Desk()
    sip: Sip = Sip()
    seats: Seats = Seats()
    trunks: Mapping[Name, Trunk] = msgspec.field(default_factory=dict)
    database: Database = Database()
    redis: Redis = Redis()
    case_store: CaseStore = CaseStore()
    recordings: Recordings = Recordings()
