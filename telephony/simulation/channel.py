"""A channel of the simulated switch, and what the switch tells the people at its ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from telephony.centre.facts import Leg, LegState


class Person(Protocol):
    """Whoever is at the end of a leg."""

    def met(self, leg: str) -> None:
        """Somebody can be heard at the other end; may be called again for the same leg."""

    def ended(self, leg: str) -> None:
        """The leg is over."""


class PhoneUser(Person, Protocol):
    """Whoever sits before a registered phone."""

    def rings(self, leg: str) -> None:
        """The phone is called; `SimulatedSwitch.answer` or `refuse` is the reply, or neither."""

    def switch_restarted(self) -> None:
        """The registration is gone with the switch."""


@dataclass(slots=True, eq=False)
class Channel:
    """One leg, with the channel variables that configs/asterisk/extensions.conf sets.

    `moves` counts the places that it has been to: what was to happen to it at an earlier one lapses.
    """

    leg: str
    place: LegState
    person: Person
    call_id: str | None = None
    seat: str | None = None
    agent_id: str | None = None
    number: str = ""
    name: str = ""
    dialled: str = ""
    since: int = 0
    partner: Channel | None = None
    alone: bool = False
    muted: bool = False
    hanging_up: bool = False
    moves: int = 0

    def listed(self) -> Leg:
        """Return how a snapshot shows it."""
        return Leg(
            leg=self.leg,
            state=self.place,
            call_id=self.call_id,
            seat=self.seat,
            agent_id=self.agent_id,
            caller_number=self.number,
            caller_name=self.name,
            dialled=self.dialled,
            since=float(self.since),
            partner=self.partner.leg if self.partner is not None else None,
        )
