"""The link between controller and switch: connections that begin with a snapshot, lag, double, and break."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from telephony.centre.actions import Action
from telephony.centre.facts import Fact, JournalEntry, Snapshot
from telephony.simulation.clock import Clock
from telephony.simulation.switch import SimulatedSwitch
from telephony.simulation.trace import Trace

SURVIVING = 0.5
"""The share of actions under way that still reach the switch when their connection ends."""


class LinkUser(Protocol):
    """The controller, as a connection sees it."""

    def snapshot(self, snapshot: Snapshot) -> None:
        """How things stand; what happens from now on follows as facts."""

    def told(self, fact: Fact) -> None:
        """One fact, in order."""

    def refused(self, action: Action) -> None:
        """The switch would not do it."""

    def beat_answered(self, value: int) -> None:
        """The heartbeat with this value has reached the switch."""

    def lost(self) -> None:
        """The connection is over; nothing more comes from it."""


class Connection:
    """One AMI connection. Facts are held back until the snapshot is told, then come in order, some of them twice.

    The snapshot is not of one moment: journal, phones and channels are asked for one after the other, while calls
    go on. So a held fact may tell of something that the snapshot showed, or showed otherwise.
    """

    def __init__(self, network: Network, user: LinkUser) -> None:
        self._network = network
        self._clock = network.clock
        self._switch = network.switch
        self._rng = network.rng
        self._user = user
        self._held: list[Fact] | None = []
        self._heard_until = self._sent_until = 0.0
        self._journal: list[JournalEntry] = []
        self._phones: list[str] = []
        self.alive = True
        self._step(self._begin)

    def send(self, action: Action) -> None:
        """Ask the switch for something, once."""
        self._send(self._act, action)

    def beat(self, value: int) -> None:
        """Set the heartbeat."""
        self._send(self._set_heartbeat, value)

    def hear(self, fact: Fact) -> None:
        """The switch says something."""
        if self._held is not None:
            self._held.append(fact)
            return
        self._heard_until = max(
            self._heard_until, self._network.slow_until, self._clock.now + self._rng.uniform(0.001, 0.02)
        )
        self._clock.at(self._heard_until, self._deliver, fact)

    def close(self) -> None:
        """End the connection at once; its user is told nothing more."""
        self.alive = False
        self._network.closed(self)

    def die(self, noticed_after: float) -> None:
        """Break: nothing gets through from now on, and the user finds out later."""
        self.close()
        self._clock.after(noticed_after, self._user.lost)

    def _step(self, do: Callable[[], None]) -> None:
        delay = self._rng.choice((0.002, 0.005, 0.02, 0.1, 0.4)) * self._rng.random()
        due = max(self._clock.now + delay, self._network.slow_until)
        self._clock.at(due, lambda: do() if self.alive else None)

    def _begin(self) -> None:
        value = int(self._clock.now)
        self._switch.heartbeat = max(self._switch.heartbeat, value)
        self._switch.alone.ensure_watch()
        self._user.beat_answered(value)
        self._step(self._read_journal)

    def _read_journal(self) -> None:
        self._journal = self._switch.journal_now()
        self._step(self._read_phones)

    def _read_phones(self) -> None:
        self._phones = self._switch.phones_now()
        self._step(self._read_channels)

    def _read_channels(self) -> None:
        snapshot = Snapshot(legs=self._switch.legs_now(), reachable_seats=self._phones, journal=self._journal)
        self._step(lambda: self._tell_snapshot(snapshot))

    def _tell_snapshot(self, snapshot: Snapshot) -> None:
        self._user.snapshot(snapshot)
        self._step(self._release)

    def _release(self) -> None:
        held, self._held = self._held or [], None
        for fact in held:
            self.hear(fact)

    def _deliver(self, fact: Fact) -> None:
        if not self.alive:
            return
        self._user.told(fact)
        if self._rng.random() < self._network.doubling and self.alive:
            self._network.trace.note("link", "doubles", fact)
            self._user.told(fact)

    def _send(self, arrive: Callable[..., None], what: object) -> None:
        self._sent_until = max(
            self._sent_until, self._network.slow_until, self._clock.now + self._rng.uniform(0.0005, 0.01)
        )
        self._clock.at(self._sent_until, self._arrive, arrive, what)

    def _arrive(self, arrive: Callable[..., None], what: object) -> None:
        if self.alive or self._rng.random() < SURVIVING:
            arrive(what)
        else:
            self._network.trace.note("link", "loses", what)

    def _act(self, action: Action) -> None:
        if not self._switch.carry_out(action) and self.alive:
            self._clock.after(0.003, lambda: self._user.refused(action) if self.alive else None)

    def _set_heartbeat(self, value: int) -> None:
        if self.alive:
            self._switch.heartbeat = value
            self._user.beat_answered(value)


class Network:
    """Where connections are made, and what befalls them. `doubling` is the share of facts that come twice."""

    def __init__(
        self, clock: Clock, switch: SimulatedSwitch, rng: random.Random, trace: Trace, doubling: float
    ) -> None:
        self.clock = clock
        self.switch = switch
        self.rng = rng
        self.trace = trace
        self.doubling = doubling
        self.slow_until = 0.0
        self._down_until = 0.0
        self._connection: Connection | None = None
        switch.tell = self._hear

    def connect(self, user: LinkUser) -> Connection | None:
        """Return a new connection, None while there is no way through."""
        if self.clock.now < self._down_until:
            return None
        self.trace.note("link", "begins")
        self._connection = Connection(self, user)
        return self._connection

    def closed(self, connection: Connection) -> None:
        """A connection is over."""
        if self._connection is connection:
            self._connection = None

    def cut(self, down_s: float, noticed_s: float) -> None:
        """Let nothing through for `down_s`; the controller notices after `noticed_s`."""
        self.trace.note("link", "breaks", f"for {down_s:.1f} s, noticed after {noticed_s:.1f} s")
        self._down_until = self.clock.now + down_s
        if self._connection is not None:
            self._connection.die(noticed_s)

    def slow(self, seconds: float) -> None:
        """Let nothing through for a while, without breaking: it all comes late."""
        self.trace.note("link", "stands still", f"for {seconds:.1f} s")
        self.slow_until = self.clock.now + seconds

    def _hear(self, fact: Fact) -> None:
        if self._connection is not None:
            self._connection.hear(fact)
