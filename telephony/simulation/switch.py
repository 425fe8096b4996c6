"""The simulated switch: what Asterisk does with configs/asterisk, seen over AMI, without a sound.

Callers, phones and the centre's actions go in; facts come out through `tell`. Like Asterisk it goes on by itself while
nobody listens, keeps a journal of calls, and shows itself in a snapshot at any moment.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

import msgspec

from telephony.centre import actions
from telephony.centre.facts import (
    CallerArrived,
    Fact,
    JournalEntry,
    Leg,
    LegEnd,
    LegGone,
    LegState,
    PhoneReachable,
    RoomEntered,
    RoomLeft,
)
from telephony.simulation.alone import AloneQueue
from telephony.simulation.channel import Channel, Person, PhoneUser
from telephony.simulation.clock import Clock
from telephony.simulation.misdeeds import Misdeeds
from telephony.simulation.trace import Trace

HEARTBEAT_LIMIT_S = 3
UUID_VERSION = 0x4000_8000_0000_0000_0000
MEDIA_TIMEOUT_S = 12.0
RESPONSE_TOLD_AFTER_S = 0.5
CALLED_OFF_S = 0.06
"""The longest time until a phone that is called off stops ringing."""


class SimulatedSwitch:
    """`arrived` has the leg of every call that ever reached the dialplan; `refusal` is the share of refused rings."""

    def __init__(self, clock: Clock, rng: random.Random, trace: Trace) -> None:
        self.clock = clock
        self.rng = rng
        self.trace = trace
        self.tell: Callable[[Fact], None] = lambda fact: None
        self.channels: dict[str, Channel] = {}
        self.phones: dict[str, PhoneUser] = {}
        self.journal: dict[str, JournalEntry] = {}
        self.arrived: dict[str, str] = {}
        self.heartbeat = 0
        self.refusal = 0.0
        self.misdeeds = Misdeeds()
        self.alone = AloneQueue(self)
        self._legs = 0

    # ---- people ----

    def dial(self, caller: Person, number: str, dialled: str) -> str:
        """Let somebody call in; returns their leg."""
        self._legs += 1
        call_id = str(UUID(int=len(self.arrived) + 1 << 96 | UUID_VERSION))
        channel = Channel(
            f"caller-{self._legs}", LegState.ELSEWHERE, caller, call_id, number=number, dialled=dialled
        )
        channel.since = int(self.clock.now)
        self.channels[channel.leg] = channel
        self.arrived[call_id] = channel.leg
        self.journal[call_id] = JournalEntry(
            call_id=call_id, since=float(channel.since), until=None, dialled=dialled, caller_number=number
        )
        self.trace.note("caller", "dials", f"{dialled}: {call_id} as {channel.leg}")
        self.later(channel, self.rng.uniform(0.05, 0.3), self._at_room_door)
        return channel.leg

    def answer(self, leg: str) -> None:
        """The phone that rings is picked up."""
        channel = self.channels.get(leg)
        if channel is None or channel.place is not LegState.RINGING or channel.hanging_up:
            return
        self.trace.note("phone", "answers", leg)
        if channel.call_id is None:
            self.alone.answered(channel)
        else:
            self.go(channel, self._join)

    def refuse(self, leg: str) -> None:
        """The phone that rings says that it is busy, or its user declines."""
        self._ring_failed(leg, LegEnd.REFUSED)

    def is_up(self, leg: str) -> bool:
        """Return whether a leg exists and is not being ended."""
        channel = self.channels.get(leg)
        return channel is not None and not channel.hanging_up

    def hang_up(self, leg: str) -> None:
        """The person at a leg's end hangs up."""
        self._end(leg, LegEnd.HUNG_UP)

    def lose_media(self, leg: str) -> None:
        """Nothing comes from a phone any more: the switch ends its leg when that has lasted too long."""
        self.clock.after(MEDIA_TIMEOUT_S, self._end, leg, LegEnd.MEDIA_LOST)

    def register(self, seat: str, user: PhoneUser) -> None:
        """A seat's phone registers."""
        self.phones[seat] = user
        self._check_phone(seat)

    def unregister(self, seat: str) -> None:
        """A seat's phone loses its registration; its legs go on until their media time out."""
        self.phones.pop(seat, None)
        self.misdeeds.note(seat, self.clock.now)
        self._check_phone(seat)

    def in_use(self, seat: str) -> bool:
        """Return whether a seat's phone rings or talks: then the dialplan's queue does not ring it."""
        return any(channel.seat == seat for channel in self.channels.values())

    # ---- what the controller asks ----

    def carry_out(self, action: actions.Action) -> bool:
        """Begin an action, or return False: refused, as Asterisk refuses it for legs that do not exist."""
        match action:
            case actions.RingSeat():
                return self._originate(action)
            case actions.HangUpLeg():
                return self._end(action.leg, LegEnd.HUNG_UP)
            case actions.StepOut():
                return self._redirect(action.leg, self._hold)
            case actions.StepIn():
                return self._redirect(action.leg, self._at_room_door)
            case actions.AdoptSeat():
                return self._adopt(action)
            case actions.MuteRecording():
                channel = self.channels.get(action.leg)
                if channel is not None:
                    channel.muted = action.muted
                return channel is not None
            case actions.ForgetJournal():
                self.journal.pop(action.call_id, None)
                return True

    def legs_now(self) -> list[Leg]:
        """Return the channels as a snapshot lists them."""
        return [channel.listed() for channel in self.channels.values()]

    def phones_now(self) -> list[str]:
        """Return the seats whose phones are registered."""
        return list(self.phones)

    def journal_now(self) -> list[JournalEntry]:
        """Return the dialplan's notes."""
        return list(self.journal.values())

    def room(self, call_id: str) -> list[Channel]:
        """Return who is in a call's room."""
        return [
            channel
            for channel in self.channels.values()
            if channel.place is LegState.IN_ROOM and channel.call_id == call_id
        ]

    def restart(self) -> None:
        """End the switch's life and begin the next: only the journal and the phones' users remain."""
        self.trace.note("switch", "restarts")
        channels, self.channels = self.channels, {}
        users, self.phones = self.phones, {}
        for seat in users:
            self.misdeeds.note(seat, self.clock.now)
        self.heartbeat = 0
        self.alone.forget_all()
        for channel in channels.values():
            channel.person.ended(channel.leg)
        for user in users.values():
            user.switch_restarted()

    # ---- for the dialplan's parts ----

    def later(self, channel: Channel, delay: float, do: Callable[[Channel], object]) -> None:
        """Have something happen to a channel that by then has neither moved nor ended."""
        self.clock.after(delay, self._if_unmoved, channel, channel.moves, do)

    def go(self, channel: Channel, arrive: Callable[[Channel], object]) -> None:
        """Take a channel from where it is to another place."""
        self._leave(channel)
        self.later(channel, self.rng.uniform(0.001, 0.05), arrive)

    def ring_seat(self, channel: Channel, ring_s: float) -> None:
        """Call a seat's phone for at most `ring_s` seconds."""
        self.channels[channel.leg] = channel
        self.later(channel, self.rng.uniform(0.02, 0.1), self._invite)
        self.later(channel, ring_s, self._ring_out)

    def end(self, channel: Channel, end: LegEnd) -> None:
        """End a leg."""
        if channel.hanging_up:
            return
        channel.hanging_up = True
        partner = channel.partner if channel.place is LegState.ALONE_TALKING else None
        # A ringing phone is called off by a thread of its own: the next call may overtake that.
        delay = self.rng.uniform(0.0, CALLED_OFF_S if channel.place is LegState.RINGING else 0.01)
        self._leave(channel)
        self.later(channel, delay, lambda gone: self._gone(gone, end))
        if partner is not None:
            self.end(partner, LegEnd.HUNG_UP)

    def _if_unmoved(self, channel: Channel, moves: int, do: Callable[[Channel], object]) -> None:
        if channel.moves == moves and self.channels.get(channel.leg) is channel:
            do(channel)

    def _leave(self, channel: Channel) -> None:
        place, channel.place = channel.place, LegState.ELSEWHERE
        channel.moves += 1
        if place is LegState.IN_ROOM:
            assert channel.call_id is not None
            self.tell(RoomLeft(call_id=channel.call_id, leg=channel.leg))
        elif place is LegState.ALONE_WAITING:
            self.alone.left(channel)
        elif place is LegState.ALONE_TALKING:
            channel.partner = None

    def _gone(self, channel: Channel, end: LegEnd) -> None:
        del self.channels[channel.leg]
        channel.person.ended(channel.leg)
        entry = self.journal.get(channel.call_id or "")
        if entry is not None and channel.seat is None:
            entry = msgspec.structs.replace(entry, until=float(int(self.clock.now)))
            self.journal[entry.call_id] = entry
            self.tell(entry)
        self.tell(LegGone(leg=channel.leg, end=end))

    def _end(self, leg: str, end: LegEnd) -> bool:
        channel = self.channels.get(leg)
        if channel is None or channel.hanging_up:
            return False
        self.trace.note("switch", "ends", f"{leg}: {end}")
        if channel.seat is not None and end not in (LegEnd.HUNG_UP, LegEnd.REFUSED):
            self.misdeeds.note(channel.seat, self.clock.now)
        self.end(channel, end)
        if channel.seat is not None and channel.call_id is None:
            self.alone.ring_ended(channel)
        return True

    # ---- the dialplan, context by context ----

    def _at_room_door(self, channel: Channel) -> None:
        """[room] up to ConfBridge."""
        if channel.seat is not None:
            self._join(channel)
        elif int(self.clock.now) - self.heartbeat > HEARTBEAT_LIMIT_S:
            self.go(channel, self.alone.enter)
        else:
            channel.alone = False
            assert channel.call_id is not None
            self.tell(
                CallerArrived(
                    call_id=channel.call_id,
                    leg=channel.leg,
                    caller_number=channel.number,
                    caller_name=channel.name,
                    dialled=channel.dialled,
                    since=float(channel.since),
                )
            )
            self.go(channel, self._join)

    def _join(self, channel: Channel) -> None:
        assert channel.call_id is not None
        channel.place = LegState.IN_ROOM
        self.tell(RoomEntered(call_id=channel.call_id, leg=channel.leg))
        room = self.room(channel.call_id)
        if any(other.seat is None for other in room) and len(room) > 1:
            for other in room:
                other.person.met(other.leg)

    @staticmethod
    def _hold(channel: Channel) -> None:
        channel.place = LegState.ON_HOLD

    def _redirect(self, leg: str, arrive: Callable[[Channel], object]) -> bool:
        channel = self.channels.get(leg)
        if channel is None or channel.hanging_up or channel.place is LegState.RINGING:
            return False
        partner = channel.partner if channel.place is LegState.ALONE_TALKING else None
        self.go(channel, arrive)
        if partner is not None:
            self.end(partner, LegEnd.HUNG_UP)
        return True

    def _adopt(self, pair: actions.AdoptSeat) -> bool:
        caller, seat = self.channels.get(pair.caller_leg), self.channels.get(pair.seat_leg)
        if caller is None or seat is None or caller.hanging_up or seat.hanging_up:
            return False
        seat.call_id, seat.agent_id = pair.call_id, pair.agent_id
        self.go(caller, self._at_room_door)
        self.go(seat, self._at_room_door)
        return True

    # ---- phones ----

    def _originate(self, ring: actions.RingSeat) -> bool:
        if ring.leg in self.channels or self.rng.random() < self.refusal:
            self.trace.note("switch", "refuses", ring)
            self.misdeeds.note(ring.seat, self.clock.now)
            return False
        channel = Channel(
            ring.leg, LegState.RINGING, _Nobody(), ring.call_id, seat=ring.seat, agent_id=ring.agent_id
        )
        self.ring_seat(channel, ring.ring_s)
        return True

    def _invite(self, channel: Channel) -> None:
        assert channel.seat is not None
        user = self.phones.get(channel.seat)
        if user is None:
            self._ring_failed(channel.leg, LegEnd.UNREACHABLE)
        else:
            channel.person = user
            # What else was to happen while it rings stays: the limit of the ringing.
            user.rings(channel.leg)

    def _ring_out(self, channel: Channel) -> None:
        self._ring_failed(channel.leg, LegEnd.NO_ANSWER)

    def _ring_failed(self, leg: str, end: LegEnd) -> None:
        channel = self.channels.get(leg)
        if channel is None or channel.place is not LegState.RINGING or not self._end(leg, end):
            return
        if channel.call_id is not None:
            # Hangup tells the cause. OriginateResponse tells less: the controller lets it wait.
            self.clock.after(RESPONSE_TOLD_AFTER_S, self.tell, LegGone(leg=leg, end=LegEnd.UNREACHABLE))

    def _check_phone(self, seat: str) -> None:
        """ContactStatus, upon which the controller asks for the state at that moment."""
        self.clock.after(
            self.rng.uniform(0.002, 0.05),
            lambda: self.tell(PhoneReachable(seat=seat, reachable=seat in self.phones)),
        )


class _Nobody:
    """At the end of a leg whose phone has not been reached yet."""

    def met(self, leg: str) -> None:
        """There is nobody to hear."""

    def ended(self, leg: str) -> None:
        """There is nobody to tell."""
