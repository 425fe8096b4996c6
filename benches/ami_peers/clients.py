"""One adapter a client: connect, hand events on as the client gives them, send an action, stop.

Nothing of a client is replaced or reached into; what a user of it would call is called.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import asterisk.ami  # type: ignore[import-untyped]
import panoramisk  # type: ignore[import-untyped]
import pyami_asterisk  # type: ignore[import-untyped]

from telephony.ami import Actions, AmiAccount, AmiClient, AmiError, Message

HOST = "127.0.0.1"
USER = "controller"
SECRET = "secret"
LIMIT_S = 20.0

Pairs = list[tuple[str, str]]


class Adapter(ABC):
    """`take` gets each event's name, Uniqueid and ChannelStateDesc, for measuring; `tell` gets all its headers, for
    looking at; one of them is given. With `stays`, the client connects again when the link breaks.
    """

    def __init__(
        self,
        port: int,
        *,
        take: Callable[[str, str, str], None] = lambda *_: None,
        tell: Callable[[Pairs], None] | None = None,
        names: Sequence[str] = (),
        stays: bool = False,
    ) -> None:
        self._port = port
        self._take = take
        self._tell = tell
        self._names = list(names)
        self._stays = stays

    @abstractmethod
    async def start(self) -> None:
        """Return when logged in."""

    @abstractmethod
    async def send(self, name: str, headers: Pairs) -> None:
        """Send one action, or refuse to."""

    @abstractmethod
    async def stop(self) -> None:
        """End the connection."""


class Hotline(Adapter):
    """telephony.ami, as the controller uses it."""

    async def start(self) -> None:
        self._client = AmiClient(AmiAccount(HOST, self._port, USER, SECRET), self, filters=self._names)
        self._task = asyncio.create_task(self._client.run())
        await self._client.wait_live(LIMIT_S)

    async def send(self, name: str, headers: Pairs) -> None:
        with suppress(AmiError):
            await self._client.action(name, headers)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def snapshot(self, ami: Actions) -> None:
        """The bench has no state to learn."""

    def event(self, message: Message) -> None:
        if self._tell is None:
            self._take(message["Event"], message["Uniqueid"], message["ChannelStateDesc"])
        else:
            self._tell(list(message.items()))

    def lost(self, reason: str) -> None:
        """Seen by what does not arrive."""


class AsteriskAmi(Adapter):
    """asterisk-ami: a thread that reads, listeners called in it."""

    async def start(self) -> None:
        self._client = asterisk.ami.AMIClient(address=HOST, port=self._port)
        chosen = {"white_list": self._names} if self._names else {}
        self._client.add_event_listener(self._on_tell if self._tell else self._on_take, **chosen)
        # The package's way to stay connected; as it pings twice a second, it is used only where it must be.
        self._reconnect = asterisk.ami.AutoReconnect(self._client, delay=0.5) if self._stays else None
        future = self._client.login(USER, SECRET)
        await asyncio.to_thread(lambda: future.response)

    async def send(self, name: str, headers: Pairs) -> None:
        self._client.send_action(asterisk.ami.Action(name, dict(headers)))

    async def stop(self) -> None:
        if self._reconnect is not None:
            self._reconnect.finished.set()
        await asyncio.to_thread(self._client.disconnect)

    def _on_take(self, event: Any, **_: object) -> None:
        self._take(event.name, event.keys["Uniqueid"], event.keys["ChannelStateDesc"])

    def _on_tell(self, event: Any, **_: object) -> None:
        assert self._tell is not None
        self._tell([("Event", event.name), *_flat(event.keys)])


class Panoramisk(Adapter):
    """panoramisk: an asyncio protocol."""

    async def start(self) -> None:
        logged_in = asyncio.Event()
        self._manager = panoramisk.Manager(
            host=HOST,
            port=self._port,
            username=USER,
            secret=SECRET,
            reconnect_timeout=1,
            loop=asyncio.get_running_loop(),
            on_login=lambda *_: logged_in.set(),
        )
        for name in self._names or ["*"]:
            self._manager.register_event(name, self._on_tell if self._tell else self._on_take)
        self._manager.connect()
        await asyncio.wait_for(logged_in.wait(), LIMIT_S)

    async def send(self, name: str, headers: Pairs) -> None:
        self._manager.send_action({"Action": name, **dict(headers)})

    async def stop(self) -> None:
        self._manager.close()

    def _on_take(self, _: object, event: Any) -> None:
        self._take(event["Event"], event["Uniqueid"], event["ChannelStateDesc"])

    def _on_tell(self, _: object, event: Any) -> None:
        assert self._tell is not None
        self._tell(_flat(event))


class PyAmi(Adapter):
    """pyami-asterisk: a stream reader, and a task for each event."""

    async def start(self) -> None:
        logged_in = threading.Event()
        self._client = pyami_asterisk.AMIClient(
            host=HOST,
            port=self._port,
            username=USER,
            secret=SECRET,
            reconnect_timeout=1,
            ami_version=lambda _: logged_in.set(),
        )
        self._client.register_event(self._names or ["*"], self._on_tell if self._tell else self._on_take)
        self._task = asyncio.create_task(self._client.connect_ami())
        if not await asyncio.to_thread(logged_in.wait, LIMIT_S):
            raise TimeoutError("pyami-asterisk did not log in")

    async def send(self, name: str, headers: Pairs) -> None:
        # It goes out when the next event has been handled.
        self._client.create_action({"Action": name, **dict(headers)}, lambda _: None)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _on_take(self, event: Any) -> None:
        self._take(event["Event"], event["Uniqueid"], event["ChannelStateDesc"])

    def _on_tell(self, event: Any) -> None:
        assert self._tell is not None
        self._tell(_flat(event))


CLIENTS: dict[str, type[Adapter]] = {
    "hotline": Hotline,
    "asterisk-ami": AsteriskAmi,
    "panoramisk": Panoramisk,
    "pyami-asterisk": PyAmi,
}


def _flat(headers: Any) -> Pairs:
    """A mapping's headers as pairs, lists and mappings of values spread out."""
    pairs: Pairs = []
    for name, value in headers.items():
        if isinstance(value, dict):
            pairs += [(name, f"{key}={part}") for key, part in value.items()]
        elif isinstance(value, list):
            pairs += [(name, part) for part in value]
        else:
            pairs.append((name, value))
    return pairs
