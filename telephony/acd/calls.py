"""Calls as the ACD sees them: waiting, and matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from telephony.acd.lane import Lane

Place = tuple[float, float, int, str]
"""A call's place in its lanes: virtual arrival, true arrival, serial, id; the smallest goes first.

Effective priority is `priority + waited / ageing_s`. It grows equally fast for all, so its order is that of
`waiting_since - priority * ageing_s`, which never changes while a call waits.
"""


class WaitingCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call for `Acd.enqueue`.

    Attributes:
        queue: a queue of the policy.
        language: code of the language that the agent must speak.
        priority: 0 (ordinary) upwards; each level weighs as much as `ageing_s` of waiting.
        waiting_since: epoch seconds; kept when a call comes back after ringing in vain, so that it keeps its
            place.
        excluded_agents: agents who let this caller ring out.
    """

    call_id: str
    queue: str
    language: str
    priority: int = 0
    waiting_since: float
    excluded_agents: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True, gc=False):
    """A caller and the agent to ring.

    Attributes:
        queue: the queue that the caller waited in.
        through: the queue whose agents took the caller: the same, or one that it overflowed to.
        waited: seconds since `waiting_since`.
    """

    call_id: str
    agent_id: str
    queue: str
    through: str
    waited: float


class Waiting:
    """A call while it waits: its place, the lanes that it stands in, the agents it is not offered to.

    One is made each time that a call takes up its place; once `gone` it never comes back.
    """

    __slots__ = ("barred_until", "call", "gone", "lanes", "place")

    def __init__(self, call: WaitingCall, serial: int, ageing_s: float) -> None:
        self.call = call
        virtual = call.waiting_since - call.priority * ageing_s
        self.place: Place = (virtual, call.waiting_since, serial, call.call_id)
        self.lanes: list[Lane] = []
        self.barred_until: dict[str, float] = {}
        self.gone = False

    @property
    def serial(self) -> int:
        """The number that keeps calls of the very same time in the order in which they came."""
        return self.place[2]
