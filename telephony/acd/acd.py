"""Gives each caller to the best free agent, and each free agent the caller whose turn it is."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from math import inf

import msgspec

from telephony.acd.agents import Agent, AgentProfile, Standing
from telephony.acd.board import Board
from telephony.acd.calls import Match, Place, Waiting, WaitingCall
from telephony.acd.errors import (
    AgentAlreadySignedIn,
    AgentReserved,
    CallAlreadyWaiting,
    UnknownAgent,
    UnknownCall,
    UnknownQueue,
)
from telephony.acd.exclusions import Exclusions
from telephony.acd.lane import Lane
from telephony.acd.policy import AcdPolicy


class Acd:
    """Waiting calls and signed-in agents, matched whenever `match` is called.

    Pure: no clock, no I/O. Times are epoch seconds, handed in; opening hours are read from them. The caller
        whose
    effective priority (`priority + waited / ageing_s`) is highest comes first, strictly first in, first out
    among equal priorities; that caller gets the agent whom the strategy of the serving queue picks. An agent
    qualifies by skill level and language, without exception.

    A matched call is *reserved*: it waits no more, and its agent takes no other. The reservation ends when
    the agent answers (`set_busy`), when the call comes back unanswered (`enqueue` with its old
    `waiting_since`; the agent is away then), when the caller gives up (`withdraw`; the agent is busy until
    told otherwise), or when the agent leaves (`set_away`, `sign_out`; the call is the centre's to enqueue
    again).
    """

    def __init__(self, policy: AcdPolicy) -> None:
        self._policy = policy
        self._board = Board(policy)
        self._exclusions = Exclusions(self._board)
        self._reserved: dict[str, tuple[Agent, int]] = {}
        self._freed: dict[str, Agent] = {}
        """Agents who became free since the last match; not seated yet."""
        self._serials = count()
        self._turns = count()

    # Agents

    def sign_in(self, profile: AgentProfile, now: float) -> None:
        """Let an agent begin a session, away until `set_free`.

        Raises:
            AgentAlreadySignedIn: use `update_profile` to change what the agent can.
        """
        if profile.agent_id in self._board.agents:
            raise AgentAlreadySignedIn(profile.agent_id)
        self._board.admit(Agent(profile, now))

    def sign_out(self, agent_id: str, now: float) -> None:
        """End an agent's session.

        Raises:
            UnknownAgent: nobody with this id is signed in.
        """
        agent = self._agent(agent_id)
        self._withhold(agent, Standing.AWAY, now)
        self._board.discharge(agent)

    def update_profile(self, profile: AgentProfile, now: float) -> None:
        """Change what an agent can from now on; standing, idle time and a present call stay as they are.

        Raises:
            UnknownAgent: nobody with this id is signed in.
        """
        agent = self._agent(profile.agent_id)
        self._unseat(agent)
        self._board.discharge(agent)
        agent.profile = profile
        self._board.admit(agent)
        if agent.standing is Standing.FREE:
            self._freed[agent.id] = agent
        self._exclusions.reconsider()

    def set_free(self, agent_id: str, now: float) -> None:
        """Let an agent take calls, idle since `now`; no change if the agent is free already.

        Raises:
            UnknownAgent: nobody with this id is signed in.
            AgentReserved: the agent is being rung.
        """
        agent = self._agent(agent_id)
        if agent.standing is Standing.RESERVED:
            raise AgentReserved(f"{agent_id} is being rung for call {agent.call_id}")
        if agent.standing is not Standing.FREE:
            agent.stand(Standing.FREE, now)
            agent.idle_since = now
            agent.turn = next(self._turns)
            self._freed[agent_id] = agent

    def set_busy(self, agent_id: str, now: float) -> None:
        """Note that an agent is on a call or wrapping one up: occupied until `set_free` or `set_away`.

        Raises:
            UnknownAgent: nobody with this id is signed in.
        """
        self._withhold(self._agent(agent_id), Standing.BUSY, now)

    def set_away(self, agent_id: str, now: float) -> None:
        """Note that an agent is not ready.

        Raises:
            UnknownAgent: nobody with this id is signed in.
        """
        self._withhold(self._agent(agent_id), Standing.AWAY, now)

    def standing(self, agent_id: str) -> Standing:
        """Return where an agent stands.

        Raises:
            UnknownAgent: nobody with this id is signed in.
        """
        return self._agent(agent_id).standing

    # Calls

    def enqueue(self, call: WaitingCall, now: float) -> None:
        """Let a call wait, for the first time or again after ringing in vain.

        Raises:
            UnknownQueue: the policy has no such queue.
            CallAlreadyWaiting: withdraw it first, or use `change_queue`.
        """
        if call.queue not in self._policy.queues:
            raise UnknownQueue(call.queue)
        if call.call_id in self._board.calls:
            raise CallAlreadyWaiting(call.call_id)
        agent, serial = self._reserved.pop(call.call_id, (None, None))
        if agent is not None:
            self._withhold(agent, Standing.AWAY, now)
        waiting = Waiting(call, next(self._serials) if serial is None else serial, self._policy.ageing_s)
        self._board.place(waiting, now)
        for agent_id in call.excluded_agents:
            self._exclusions.add(waiting, agent_id, now + self._policy.ring_again_s)

    def withdraw(self, call_id: str, now: float) -> bool:
        """Forget a call that waits or is being rung for; return whether there was one."""
        waiting = self._board.calls.get(call_id)
        if waiting is not None:
            self._lift(waiting)
            return True
        agent, _ = self._reserved.pop(call_id, (None, None))
        if agent is not None:
            agent.call_id = None
            agent.stand(Standing.BUSY, now)
        return agent is not None

    def change_queue(self, call_id: str, queue: str, now: float) -> None:
        """Let a waiting call wait in another queue, as if it had waited there all the time.

        Raises:
            UnknownQueue: the policy has no such queue.
            UnknownCall: the call does not wait.
        """
        if queue not in self._policy.queues:
            raise UnknownQueue(queue)
        waiting = self._call(call_id)
        self._exchange(waiting, msgspec.structs.replace(waiting.call, queue=queue), now)

    def move_up(self, call_id: str, levels: int, now: float) -> None:
        """Raise a waiting call's priority by `levels`.

        Raises:
            UnknownCall: the call does not wait.
        """
        waiting = self._call(call_id)
        raised = msgspec.structs.replace(waiting.call, priority=waiting.call.priority + levels)
        self._exchange(waiting, raised, now)

    def exclude(self, call_id: str, agent_id: str, now: float) -> None:
        """Do not offer a waiting call to an agent who let it ring, for `ring_again_s` and while others could.

        See `Exclusions` for who could.

        Raises:
            UnknownCall: the call does not wait.
        """
        self._exclusions.add(self._call(call_id), agent_id, now + self._policy.ring_again_s)

    # Matching

    def match(self, now: float) -> list[Match]:
        """Return every match that is possible now, the most urgent caller's first; all are reserved then."""
        board = self._board
        board.advance(now)
        self._exclusions.advance(now)
        if len(self._freed) == 1 and not board.stirred:
            return self._match_the_only_freed(now)
        for agent in self._freed.values():
            board.seat(agent)
            board.stir(agent.lanes)
        self._freed.clear()
        return self._settle(now) if board.stirred else []

    def next_event(self, now: float) -> float | None:
        """Return when `match` is worth calling even if nothing happens, epoch seconds; None for never.

        That is when an overflow falls due, a queue opens or closes, or an exclusion ends.
        """
        time = min(self._board.next_change(), self._exclusions.next_change()) if self._board.calls else inf
        return None if time == inf else max(now, time)

    # What supervisors and callers are told

    def position(self, call_id: str) -> int:
        """Return a waiting call's place, 1 for the next, among all who wait for the same agents.

        Raises:
            UnknownCall: the call does not wait.
        """
        waiting = self._call(call_id)
        if waiting.lanes:
            return waiting.lanes[0].rank(waiting) + 1
        return self.waiting(waiting.call.queue).index(waiting.call) + 1

    def expected_wait(self, call_id: str) -> float | None:
        """Return the seconds that a waiting call is likely to wait on; None while that cannot be told.

        It is the call's position times the pace at which its lane has lately moved.

        Raises:
            UnknownCall: the call does not wait.
        """
        lanes = self._call(call_id).lanes
        return lanes[0].pace.expected_wait_s(self.position(call_id)) if lanes else None

    def waiting(self, queue: str | None = None) -> list[WaitingCall]:
        """Return the calls that wait in `queue`, or in all, the next to be served first."""
        found = (waiting for waiting in self._board.calls.values() if queue in (None, waiting.call.queue))
        return [waiting.call for waiting in sorted(found, key=lambda waiting: waiting.place)]

    def lengths(self) -> dict[str, int]:
        """Return how many calls wait in each queue."""
        lengths = dict.fromkeys(self._policy.queues, 0)
        for waiting in self._board.calls.values():
            lengths[waiting.call.queue] += 1
        return lengths

    def longest_wait(self, now: float, queue: str | None = None) -> float:
        """Return the seconds that the longest waiting call, of `queue` or of all, has waited; 0 if none."""
        times = (waiting.call.waiting_since for waiting in self._board.calls.values())
        if queue is not None:
            times = (w.call.waiting_since for w in self._board.calls.values() if w.call.queue == queue)
        return max(0.0, now - min(times, default=now))

    def _agent(self, agent_id: str) -> Agent:
        try:
            return self._board.agents[agent_id]
        except KeyError:
            raise UnknownAgent(agent_id) from None

    def _call(self, call_id: str) -> Waiting:
        try:
            return self._board.calls[call_id]
        except KeyError:
            raise UnknownCall(call_id) from None

    def _withhold(self, agent: Agent, standing: Standing, now: float) -> None:
        self._unseat(agent)
        if agent.call_id is not None:
            self._reserved.pop(agent.call_id, None)
            agent.call_id = None
        agent.stand(standing, now)
        if standing is Standing.AWAY:
            self._exclusions.reconsider()

    def _unseat(self, agent: Agent) -> None:
        if agent.seated:
            self._board.unseat(agent)
        else:
            self._freed.pop(agent.id, None)

    def _lift(self, waiting: Waiting) -> None:
        self._board.lift(waiting)
        self._exclusions.forget(waiting)

    def _exchange(self, waiting: Waiting, call: WaitingCall, now: float) -> None:
        self._lift(waiting)
        again = Waiting(call, waiting.serial, self._policy.ageing_s)
        self._board.place(again, now)
        for agent_id, until in waiting.barred_until.items():
            self._exclusions.add(again, agent_id, until)

    def _match_the_only_freed(self, now: float) -> list[Match]:
        """Match without seating the agent: where nobody else is free, the caller in front is the answer."""
        _, agent = self._freed.popitem()
        front: Place | None = None
        for lane in agent.lanes:
            if lane.calls and (front is None or lane.calls[0] < front):
                front = lane.calls[0]
        if front is None:
            self._board.seat(agent)
            return []
        waiting = self._board.calls[front[3]]
        if waiting.barred_until:
            self._board.seat(agent)
            self._board.stir(agent.lanes)
            return self._settle(now)
        through = next(lane for lane in waiting.lanes if agent.id in lane.agents)
        return [self._reserve(waiting, agent, through, now)]

    def _settle(self, now: float) -> list[Match]:
        """Match in the stirred lanes: always the caller who comes first in any, until nobody can be."""
        matches: list[Match] = []
        passed: set[Place] = set()
        fronts = [
            (front, lane.number, lane)
            for lane in self._board.stirred
            if (front := self._front(lane, passed)) is not None
        ]
        heapify(fronts)
        self._board.stirred.clear()
        while fronts:
            expected, number, lane = heappop(fronts)
            front = self._front(lane, passed)
            if front is not None and front == expected:
                waiting = self._board.calls[front[3]]
                choice = self._choose(waiting, now)
                if choice is None:
                    passed.add(front)
                else:
                    matches.append(self._reserve(waiting, *choice, now))
                front = self._front(lane, passed)
            if front is not None:
                heappush(fronts, (front, number, lane))
        return matches

    @staticmethod
    def _front(lane: Lane, passed: set[Place]) -> Place | None:
        if not len(lane.idle):
            return None
        return next((place for place in lane.calls if place not in passed), None)

    def _choose(self, waiting: Waiting, now: float) -> tuple[Agent, Lane] | None:
        barred = self._exclusions.barred(waiting, now) if waiting.barred_until else ()
        for lane in waiting.lanes:
            agent = lane.idle.best(now, barred) if len(lane.idle) else None
            if agent is not None:
                return agent, lane
        return None

    def _reserve(self, waiting: Waiting, agent: Agent, lane: Lane, now: float) -> Match:
        call = waiting.call
        for passed in waiting.lanes:
            passed.pace.step(now)
        self._lift(waiting)
        if agent.seated:
            self._board.unseat(agent)
        agent.stand(Standing.RESERVED, now)
        agent.call_id = call.call_id
        self._reserved[call.call_id] = (agent, waiting.serial)
        return Match(call.call_id, agent.id, call.queue, lane.queue, max(0.0, now - call.waiting_since))
