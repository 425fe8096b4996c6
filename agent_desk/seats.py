"""The seats of this centre, and what the softphone at each needs to register."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from telephony.agent import Agent

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - recognised here, not bound to
HOST = re.compile(r"[0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\]")


class PhoneAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What the softphone registers with."""

    seat: str
    sip_uri: str
    ws_url: str
    password: str
    display_name: str


class Seats:
    """All seats by number; `browser` are those whose phone is the desk's own softphone.

    `ws_url` is where softphones register; where its host means every address of this machine, they register
    at the host that the browser reached the desk by.
    """

    def __init__(
        self,
        *,
        browser: Sequence[str],
        phone: Sequence[str],
        password: Callable[[str], str],
        ws_url: str,
    ) -> None:
        self._browser = tuple(browser)
        self._phone = tuple(phone)
        self._password = password
        self._ws_url = urlsplit(ws_url)
        self._everywhere = self._ws_url.hostname in EVERY_ADDRESS

    def __contains__(self, number: str) -> bool:
        return number in self._browser or number in self._phone

    def choice(self, agent_id: str, agents: Mapping[str, Agent]) -> list[str]:
        """Return the seats to try for an agent who asked for none: the one they have, then the free ones."""
        own = [agents[agent_id].seat] if agent_id in agents else []
        taken = {agent.seat for agent in agents.values()}
        return own + [seat for seat in self._browser if seat not in taken]

    def sip_server(self, desk_host: str) -> str:
        """Return scheme and authority of the SIP server for a browser that found the desk at `desk_host`."""
        parts = self._ws_url
        if not self._everywhere or not (found := HOST.match(desk_host)):
            return f"{parts.scheme}://{parts.netloc}"
        return f"{parts.scheme}://{found[0]}:{parts.port}"

    def account(self, number: str, display_name: str, desk_host: str) -> PhoneAccount | None:
        """Return what the softphone at a seat registers with; None for a seat with a phone of its own."""
        if number not in self._browser:
            return None
        server = self.sip_server(desk_host)
        host = server.partition("://")[2].rpartition(":")[0]
        return PhoneAccount(
            seat=number,
            sip_uri=f"sip:{number}@{host}",
            ws_url=server + self._ws_url.path,
            password=self._password(number),
            display_name=display_name,
        )
