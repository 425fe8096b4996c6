"""Agents: a person, a browser with a softphone, and the desk on it."""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from telephony import commands
from telephony.agent import AgentState
from telephony.simulation.clock import Clock
from telephony.simulation.controller import SimulatedController
from telephony.simulation.live_state import LiveState
from telephony.simulation.switch import SimulatedSwitch
from telephony.simulation.trace import Trace

RETRY_S = 3.0
REASONS = ("break", "meal", "paperwork")


class AgentHabits(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent does, as shares of the calls that ring or are talked; means in seconds."""

    refuses: float
    ignores: float
    vanishes: float
    reloads: float
    holds: float
    pauses: float
    goes_away: float
    talk_s: float
    wrap_up_s: float
    shift_s: float


class SimulatedAgent:
    """Signs in, takes calls, and now and then does everything that a person or a browser does.

    `seats` are the numbers of free seats; the agent takes one and may give it back for another.
    """

    def __init__(
        self,
        identity: commands.SignIn,
        seats: list[str],
        clock: Clock,
        switch: SimulatedSwitch,
        controller: SimulatedController,
        live: LiveState,
        rng: random.Random,
        trace: Trace,
        habits: AgentHabits,
    ) -> None:
        self._identity = identity
        self._seats = seats
        self._clock = clock
        self._switch = switch
        self._controller = controller
        self._live = live
        self._rng = rng
        self._trace = trace
        self._habits = habits
        self._seat = seats.pop(0)
        self._leg: str | None = None
        """What the softphone rings or talks with; a page loaded anew knows of none."""
        self._met: str | None = None
        self._page = 0
        """Counts the pages loaded; 0 while the browser is shut."""
        self._pages = 0
        self._seen: tuple[AgentState, float] | None = None
        self._open_page()

    @property
    def id(self) -> str:
        """The agent's id."""
        return self._identity.agent_id

    # ---- the softphone ----

    def rings(self, leg: str) -> None:
        """A call comes in at the phone; where the browser is shut, nobody hears it."""
        if not self._page:
            return
        if self._leg is not None:
            if self._switch.is_up(self._leg):
                self._switch.misdeeds.note(self._seat, self._clock.now)
            self._switch.refuse(leg)
            return
        self._leg = leg
        mood, habits = self._rng.random(), self._habits
        for share, deed in (
            (habits.refuses, self._refuse),
            (habits.ignores, self._ignore),
            (habits.vanishes, self._vanish),
            (habits.reloads / 4, self._reload),
            (1.0, self._answer),
        ):
            mood -= share
            if mood < 0.0:
                self._on_page(
                    self._rng.uniform(0.5, 6.0), lambda deed=deed: deed() if self._leg == leg else None
                )
                return

    def met(self, leg: str) -> None:
        """Caller and agent hear each other."""
        if self._met == leg or self._leg != leg:
            return
        self._met = leg
        talk_s = self._rng.expovariate(1 / self._habits.talk_s)
        self._during(leg, talk_s, self._end_call)
        for share, deed in (
            (self._habits.holds, self._hold),
            (self._habits.pauses, self._pause),
            (self._habits.vanishes, self._vanish),
            (self._habits.reloads, self._reload),
            (self._habits.goes_away, self._ask_for_break),
        ):
            if self._rng.random() < share:
                self._during(leg, self._rng.uniform(0.0, talk_s), deed)

    def ended(self, leg: str) -> None:
        """The phone is free again."""
        if self._leg == leg:
            self._leg = None

    def switch_restarted(self) -> None:
        """The softphone registers anew, once it has noticed."""
        if self._page:
            self._on_page(self._rng.uniform(1.0, 12.0), self._register)

    def _answer(self) -> None:
        assert self._leg is not None
        self._switch.answer(self._leg)

    def _refuse(self) -> None:
        if self._rng.random() < 0.5:
            self._ask(commands.HangUp(agent_id=self.id))
        elif self._leg is not None:
            self._switch.misdeeds.note(self._seat, self._clock.now)
            self._switch.refuse(self._leg)

    def _ignore(self) -> None:
        if self._rng.random() < 0.3:
            self._ask_for_break()

    def _hold(self) -> None:
        self._ask(commands.Hold(agent_id=self.id))
        self._on_page(self._rng.expovariate(1 / 15.0), self._ask, commands.Resume(agent_id=self.id))

    def _pause(self) -> None:
        self._ask(commands.PauseRecording(agent_id=self.id))
        if self._rng.random() < 0.7:
            resume = commands.ResumeRecording(agent_id=self.id)
            self._on_page(self._rng.expovariate(1 / 10.0), self._ask, resume)

    def _ask_for_break(self) -> None:
        self._ask(commands.SetNotReady(agent_id=self.id, reason=self._rng.choice(REASONS)))

    def _end_call(self) -> None:
        leg = self._leg
        if self._rng.random() < 0.6:
            self._ask(commands.HangUp(agent_id=self.id))
            self._clock.after(6.0, lambda: self._hang_up(leg))
        else:
            self._hang_up(leg)

    def _hang_up(self, leg: str | None) -> None:
        if leg is not None and leg == self._leg:
            self._trace.note(self.id, "hangs up", leg)
            self._leg = None
            self._switch.hang_up(leg)

    # ---- the browser ----

    def _open_page(self) -> None:
        self._pages += 1
        self._page = self._pages
        self._leg = self._seen = None
        self._trace.note(self.id, "opens the desk", f"at {self._seat}")
        self._on_page(self._rng.uniform(0.2, 1.0), self._register)
        self._on_page(self._rng.uniform(1.0, 2.0), self._look_at_desk)

    def _register(self) -> None:
        self._switch.register(self._seat, self)

    def _reload(self) -> None:
        self._shut_page("reloads")
        self._clock.after(self._rng.uniform(0.5, 4.0), self._open_page)

    def _vanish(self) -> None:
        self._shut_page("vanishes")
        self._clock.after(self._rng.expovariate(1 / 20.0), self._open_page)

    def _shut_page(self, how: str) -> None:
        if not self._page:
            return
        self._trace.note(self.id, how, self._leg or "")
        self._page = 0
        if self._leg is not None:
            self._switch.lose_media(self._leg)
        # A closed browser's registration ends with its connection, an unplugged one's when it is missed.
        noticed = 0.05 if self._rng.random() < 0.7 else self._rng.uniform(1.0, 20.0)
        self._clock.after(noticed, self._lose_registration, self._pages)

    def _lose_registration(self, page: int) -> None:
        if self._pages == page and self._page == 0:
            self._switch.unregister(self._seat)

    # ---- the desk ----

    def sees(self) -> None:
        """Live state of this agent changed."""
        if self._page:
            self._look_at_desk()

    def _look_at_desk(self) -> None:
        view = self._live.agents.get(self.id)
        if view is None or view.seat != self._seat:
            self._seen = None
            self._sign_in()
            return
        seen, self._seen = self._seen, (view.state, view.state_since)
        if seen == self._seen:
            return
        if view.state is AgentState.NOT_READY:
            self._on_page(self._rng.uniform(2.0, 30.0), self._get_ready, self._seen)
        elif view.state is AgentState.READY:
            self._on_page(self._rng.expovariate(1 / self._habits.shift_s), self._leave_work, self._seen)
        elif view.state is AgentState.WRAP_UP and view.call_id is not None:
            finish = commands.FinishWrapUp(agent_id=self.id, call_id=view.call_id)
            self._on_page(self._rng.expovariate(1 / self._habits.wrap_up_s), self._finish, finish)
        elif view.state is AgentState.TALKING and self._leg is None:
            self._on_page(1.0, self._rejoin)

    def _sign_in(self) -> None:
        sign_in = msgspec.structs.replace(self._identity, seat=self._seat)
        self._ask(sign_in, again=self._look_at_desk)

    def _get_ready(self, seen: object) -> None:
        if self._seen == seen:
            self._ask(commands.SetReady(agent_id=self.id), again=lambda: self._get_ready(seen))

    def _leave_work(self, seen: object) -> None:
        if self._seen != seen:
            return
        if self._rng.random() < 0.5:
            self._ask_for_break()
            return
        self._ask(commands.SignOut(agent_id=self.id))
        if self._rng.random() < 0.5 and self._seats:
            self._switch.unregister(self._seat)
            self._seats.append(self._seat)
            self._seat = self._seats.pop(0)
            self._open_page()

    def _finish(self, finish: commands.FinishWrapUp) -> None:
        view = self._live.agents.get(self.id)
        if view is not None and view.call_id == finish.call_id:
            self._ask(finish, again=lambda: self._finish(finish))

    def _rejoin(self) -> None:
        if self._leg is None:
            self._ask(commands.Rejoin(agent_id=self.id))

    def _ask(self, command: commands.AnyCommand, again: Callable[[], None] | None = None) -> None:
        page = self._page

        def answered(error: str | None) -> None:
            if error is not None and again is not None and self._page == page and page:
                self._on_page(RETRY_S, again)

        if page:
            self._controller.ask(command, answered)

    # ---- time ----

    def _on_page(self, delay: float, do: Callable[..., object], *args: object) -> None:
        """Do something later, if the page is still the same."""
        self._clock.after(delay, self._if_page, self._page, do, *args)

    def _if_page(self, page: int, do: Callable[..., object], *args: object) -> None:
        if page == self._page and page:
            do(*args)

    def _during(self, leg: str, delay: float, do: Callable[[], object]) -> None:
        self._on_page(delay, lambda: do() if self._leg == leg else None)
