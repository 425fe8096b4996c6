"""The centre beside the switch: nobody there is forgotten here, and nobody here is imagined."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.call import Call, CallState
from telephony.centre.facts import LegState
from telephony.simulation.channel import Channel
from telephony.simulation.clock import Clock
from telephony.simulation.consistency import OVER, Violation
from telephony.simulation.controller import SimulatedController
from telephony.simulation.switch import SimulatedSwitch

# Seconds, with the link standing still for up to 9 s and the controller for up to 15 s.
SERVED_WITHIN_S = 40.0
SETTLED_WITHIN_S = 20.0


class Comparison:
    """Looks at both now and then. What is under way may differ for a while, but not for long."""

    def __init__(self, clock: Clock, switch: SimulatedSwitch) -> None:
        self._clock = clock
        self._switch = switch
        self._odd_since: dict[tuple[str, str], float] = {}

    def look(self, controller: SimulatedController) -> None:
        """Compare them as they are now.

        Raises:
            Violation: something has differed for too long.
        """
        odd = set(self._oddities(controller))
        now = self._clock.now
        self._odd_since = {key: self._odd_since.get(key, now) for key in sorted(odd)}
        for (what, who), since in self._odd_since.items():
            if now - since > (SERVED_WITHIN_S if what == "forgotten" else SETTLED_WITHIN_S):
                raise Violation(f"{who}: {what} for {now - since:.0f} s")

    def _oddities(self, controller: SimulatedController) -> Iterator[tuple[str, str]]:
        calls = controller.centre.calls if controller.centre is not None else {}
        linked = controller.linked_since is not None
        seats: dict[str, set[str | None]] = {}
        for channel in self._switch.channels.values():
            if channel.seat is None:
                call = calls.get(channel.call_id or "") if linked else None
                if not self._is_served(channel, call, linked):
                    yield "forgotten", channel.leg
                if linked and call is not None and channel.muted != call.recording_paused:
                    yield f"muted={channel.muted} although paused={call.recording_paused}", channel.leg
            elif channel.place in (LegState.IN_ROOM, LegState.ON_HOLD, LegState.ALONE_TALKING):
                seats.setdefault(channel.seat, set()).add(channel.call_id or channel.leg)
                if linked and not self._is_wanted(channel, calls):
                    yield "left over", channel.leg
        for seat, held in seats.items():
            if len(held) > 1:
                yield f"in {len(held)} calls", seat
        if linked:
            for call in calls.values():
                if call.state not in OVER and call.caller.leg not in self._switch.channels:
                    yield f"{call.state} without its caller", call.id

    def _is_served(self, caller: Channel, call: Call | None, linked: bool) -> bool:
        """Whether somebody is with the caller, or comes: by the centre's word, or by the dialplan's."""
        if caller.place in (LegState.ALONE_WAITING, LegState.ALONE_TALKING):
            return not linked
        assert caller.call_id is not None
        room = self._switch.room(caller.call_id)
        if caller.place is LegState.IN_ROOM and len(room) > 1:
            return True
        if not linked or caller.place is not LegState.IN_ROOM or call is None:
            return False
        if call.state in (CallState.WAITING, CallState.RINGING):
            return True
        return call.state is CallState.TALKING and call.held

    @staticmethod
    def _is_wanted(channel: Channel, calls: dict[str, Call]) -> bool:
        call = calls.get(channel.call_id or "")
        return call is not None and any(party.leg == channel.leg and party.present for party in call.parties)
