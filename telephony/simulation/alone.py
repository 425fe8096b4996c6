"""What the dialplan does by itself while no controller is alive: the queue [alone] and the watch that fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telephony.centre.facts import LegEnd, LegState
from telephony.simulation.channel import Channel

if TYPE_CHECKING:
    from telephony.simulation.switch import SimulatedSwitch

RING_S = 20.0
RETRY_S = 2.0
WATCH_EVERY_S = 2.0
ABANDONED_AFTER_S = 10


class AloneQueue:
    """Callers whom Asterisk's own queue brings to phones that are free, least recently rung first."""

    def __init__(self, switch: SimulatedSwitch) -> None:
        self._switch = switch
        self._rung: dict[str, Channel] = {}
        """The seat's leg that rings for a caller's leg."""
        self._last_rung: dict[str, float] = {}
        self._watch: object = None
        """The watch of this life of the switch."""
        self._legs = 0

    def enter(self, caller: Channel) -> None:
        """Let a caller wait here."""
        caller.place, caller.alone = LegState.ALONE_WAITING, True
        self._switch.trace.note("switch", "serves alone", caller.leg)
        self._try(caller)

    def left(self, caller: Channel) -> None:
        """A caller is taken away or hangs up: nobody is rung for them any more."""
        seat_leg = self._rung.pop(caller.leg, None)
        if seat_leg is not None:
            self._switch.end(seat_leg, LegEnd.HUNG_UP)

    def answered(self, seat_leg: Channel) -> None:
        """A rung phone was picked up."""
        caller = next(self._switch.channels[leg] for leg, rung in self._rung.items() if rung is seat_leg)
        del self._rung[caller.leg]
        for channel, other in ((caller, seat_leg), (seat_leg, caller)):
            channel.place, channel.partner = LegState.ALONE_TALKING, other
            channel.moves += 1
        self._switch.trace.note("switch", "connects alone", f"{caller.leg} with seat {seat_leg.seat}")
        caller.person.met(caller.leg)
        seat_leg.person.met(seat_leg.leg)

    def ring_ended(self, seat_leg: Channel) -> None:
        """A rung phone did not answer: somebody else is tried soon."""
        for caller_leg, rung in list(self._rung.items()):
            if rung is seat_leg:
                del self._rung[caller_leg]
                self._switch.later(self._switch.channels[caller_leg], RETRY_S, self._try)

    def forget_all(self) -> None:
        """The switch restarts."""
        self._rung.clear()
        self._watch = None

    def ensure_watch(self) -> None:
        """Start looking for callers whom no controller serves, once in the switch's life."""
        if self._watch is None:
            self._watch = object()
            self._switch.clock.after(WATCH_EVERY_S, self._look, self._watch)

    def _try(self, caller: Channel) -> None:
        switch = self._switch
        free = [seat for seat in sorted(switch.phones) if not switch.in_use(seat)]
        if caller.place is not LegState.ALONE_WAITING or caller.leg in self._rung:
            return
        if not free:
            switch.later(caller, RETRY_S, self._try)
            return
        seat = min(free, key=lambda number: self._last_rung.get(number, 0.0))
        self._last_rung[seat] = switch.clock.now
        self._legs += 1
        ring = Channel(f"alone-{self._legs}", LegState.RINGING, switch.phones[seat], seat=seat)
        self._rung[caller.leg] = ring
        switch.ring_seat(ring, RING_S)

    def _look(self, watch: object) -> None:
        switch = self._switch
        if watch is not self._watch:
            return
        if int(switch.clock.now) - switch.heartbeat > ABANDONED_AFTER_S:
            for number, channel in enumerate(list(switch.channels.values())):
                # The sweep takes its time: meanwhile a controller may be back.
                switch.clock.after(0.02 * number, self._take_abandoned, channel)
        switch.clock.after(WATCH_EVERY_S, self._look, watch)

    def _take_abandoned(self, caller: Channel) -> None:
        switch = self._switch
        if (
            caller.seat is None
            and caller.place is LegState.IN_ROOM
            and not caller.alone
            and not caller.hanging_up
        ):
            assert caller.call_id is not None
            if len(switch.room(caller.call_id)) == 1:
                switch.trace.note("switch", "takes abandoned", caller.leg)
                switch.go(caller, self.enter)
