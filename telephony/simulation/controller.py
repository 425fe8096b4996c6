"""The controller of a simulated centre: what telephony/controller.py does around the same Centre, in simulated time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from telephony.acd import Acd, AcdPolicy
from telephony.call import Call
from telephony.centre import Centre, Policy
from telephony.centre.actions import Action, RingSeat
from telephony.centre.facts import Fact, LegEnd, LegGone, LinkLost, Snapshot
from telephony.commands import COMMAND_LIMIT_S, AnyCommand, CommandRefused
from telephony.live import Commit, encode
from telephony.simulation.clock import Clock
from telephony.simulation.live_state import LiveState
from telephony.simulation.network import Connection, Network
from telephony.simulation.switch import HEARTBEAT_LIMIT_S
from telephony.simulation.trace import Trace

HEARTBEAT_S = 1.0
RECONNECT_S = (0.05, 2.0)
SPINNING = 200
"""So many ticks at one moment mean that the clock is never satisfied."""

Answer = Callable[[str | None], None]


class Observer(Protocol):
    """Whoever looks at every step."""

    def started(self, calls: dict[str, Call]) -> None:
        """A controller has taken up these calls from live state."""

    def obeys(self, command: AnyCommand) -> None:
        """The centre has accepted a command; its step follows."""

    def stepped(self, controller: SimulatedController, commit: Commit) -> None:
        """The centre has taken one step, which changed what `commit` says."""


class SimulatedController:
    """Lives from `start` to `kill`, then is started again; `centre` is None in between."""

    def __init__(
        self,
        clock: Clock,
        network: Network,
        live: LiveState,
        rng: random.Random,
        trace: Trace,
        policies: tuple[Policy, AcdPolicy],
        observer: Observer,
    ) -> None:
        self._clock = clock
        self._network = network
        self._live = live
        self._rng = rng
        self._trace = trace
        self._policies = policies
        self._observer = observer
        self._life: object = None
        self._connection: Connection | None = None
        self._busy_until = 0.0
        self._last_beat = 0
        self._serving = False
        self._tick_at: float | None = None
        self._ticks = (0.0, 0)
        self.acd = Acd(policies[1])
        self.centre: Centre | None = None
        self.linked_since: float | None = None
        """When it was last in line with the switch, and has been since; None while it is not."""

    # ---- life and death ----

    def start(self) -> None:
        """Take up what an earlier controller left."""
        self._trace.note("controller", "starts")
        self._life = object()
        self.acd = Acd(self._policies[1])
        self.centre = Centre(self._policies[0], self.acd)
        self.centre.restore(*self._live.load(), self._clock.now)
        self._observer.started(self.centre.calls)
        self._tick_at = None
        self._busy_until = 0.0
        self._serving = False
        self._connect()
        self._soon(HEARTBEAT_S, self._beat)

    def kill(self) -> None:
        """End at once, as kill -9 does: what was not written or sent yet may be lost."""
        if self.centre is None:
            return
        self._trace.note("controller", "is killed")
        self._life, self.centre, self.linked_since = None, None, None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def stall(self, seconds: float) -> None:
        """Do nothing for a while, with everything that comes meanwhile waiting."""
        self._trace.note("controller", "stalls", f"for {seconds:.1f} s")
        self._busy_until = self._clock.now + seconds

    # ---- LinkUser ----

    def snapshot(self, snapshot: Snapshot) -> None:
        """Bring the centre in line."""
        self._when_free(self._take_snapshot, snapshot)

    def told(self, fact: Fact) -> None:
        """Hand a fact on."""
        self._when_free(self._tell, fact)

    def refused(self, action: Action) -> None:
        """A refused originate is a leg that could not be set up."""
        if isinstance(action, RingSeat):
            self._when_free(self._tell, LegGone(leg=action.leg, end=LegEnd.UNREACHABLE))

    def beat_answered(self, value: int) -> None:
        """A heartbeat arrived; if the one before is too old, callers may have been served without us meanwhile."""
        self._when_free(self._check_beat, value)

    def lost(self) -> None:
        """The link broke."""
        self._when_free(self._lost)

    # ---- desk and records ----

    def ask(self, command: AnyCommand, answer: Answer) -> None:
        """Carry out a command, as the command bus does; `answer` gets None, or a word that says why not."""
        self._clock.after(self._rng.uniform(0.001, 0.005), self._hand_over, command, answer, self._clock.now)

    def _hand_over(self, command: AnyCommand, answer: Answer, asked_at: float) -> None:
        if self._clock.now - asked_at > COMMAND_LIMIT_S:
            answer("no-controller")
        elif self.centre is None or not self._serving or self._clock.now < self._busy_until:
            self._clock.after(0.2, self._hand_over, command, answer, asked_at)
        else:
            self._obey(command, answer)

    def _obey(self, command: AnyCommand, answer: Answer) -> None:
        assert self.centre is not None
        try:
            step = self.centre.asked(command, self._clock.now)
        except CommandRefused as refusal:
            self._trace.note("centre", "refuses", f"{type(command).__name__}: {refusal.code}")
            self._clock.after(0.002, answer, refusal.code)
            return
        self._trace.note("centre", "obeys", command)
        self._observer.obeys(command)
        self._stepped(*step)
        self._clock.after(0.002, answer, None)

    # ---- steps of the centre ----

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        assert self.centre is not None
        self._trace.note("link", "shows", snapshot)
        self.linked_since = self._clock.now
        self._serving = True
        self._stepped(*self.centre.told(snapshot, self._clock.now))

    def _tell(self, fact: Fact) -> None:
        assert self.centre is not None
        self._trace.note("link", "tells", fact)
        self._stepped(*self.centre.told(fact, self._clock.now))

    def _lost(self) -> None:
        if self._connection is not None and self._connection.alive:
            return
        self._connection, self.linked_since = None, None
        self._tell(LinkLost())
        self._soon(self._rng.uniform(*RECONNECT_S), self._connect)

    def _tick(self, due: float) -> None:
        assert self.centre is not None
        if self._tick_at != due:
            return
        self._tick_at = None
        self._count_tick()
        self._stepped(*self.centre.tick(self._clock.now))

    def _count_tick(self) -> None:
        moment, ticks = self._ticks
        self._ticks = (self._clock.now, ticks + 1 if moment == self._clock.now else 1)
        if self._ticks[1] > SPINNING:
            raise AssertionError(f"next_tick names {self._clock.now} again and again")

    def _stepped(self, asked: list[Action], commit: Commit) -> None:
        assert self.centre is not None
        life = self._life
        for action in asked:
            self._trace.note("centre", "asks", action)
            if self._connection is not None:
                self._connection.send(action)
        for event in commit.events:
            self._trace.note("centre", "says", event)
        self._live.write(encode(commit), lambda: self._life is life)
        self._observer.stepped(self, commit)
        due = self.centre.next_tick(self._clock.now)
        if due is not None and (self._tick_at is None or due < self._tick_at):
            self._tick_at = max(due, self._clock.now)
            self._clock.at(self._tick_at, self._if_alive, self._life, self._tick, self._tick_at)

    # ---- towards the switch ----

    def _connect(self) -> None:
        self._connection = self._network.connect(self)
        if self._connection is None:
            self._soon(self._rng.uniform(*RECONNECT_S), self._connect)

    def _beat(self) -> None:
        if self._connection is not None:
            self._connection.beat(int(self._clock.now))
        self._soon(HEARTBEAT_S, self._beat)

    def _check_beat(self, value: int) -> None:
        late = self._clock.now - self._last_beat > HEARTBEAT_LIMIT_S
        self._last_beat = value
        if late and self.linked_since is not None and self._connection is not None:
            self._trace.note("controller", "was late", "begins anew")
            self._connection.close()
            self._lost()

    # ---- time ----

    def _soon(self, delay: float, do: Callable[[], None]) -> None:
        self._clock.after(delay, self._if_alive, self._life, do)

    def _when_free(self, do: Callable[..., None], *args: object) -> None:
        if self._clock.now < self._busy_until:
            self._clock.at(self._busy_until, self._if_alive, self._life, do, *args)
        elif self.centre is not None:
            do(*args)

    def _if_alive(self, life: object, do: Callable[..., None], *args: object) -> None:
        if life is self._life and life is not None:
            self._when_free(do, *args)
