"""Live calls and agents must fit together at every moment. Where they do not, Violation says how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from telephony.agent import Agent, AgentState
from telephony.call import Call, CallState

AT_REST = (AgentState.READY, AgentState.NOT_READY)
IN_CALL = {
    CallState.RINGING: AgentState.RINGING,
    CallState.TALKING: AgentState.TALKING,
    CallState.WRAP_UP: AgentState.WRAP_UP,
}
OVER = (CallState.WRAP_UP, CallState.CLOSED)


class Violation(AssertionError):
    """A promise was broken."""


def check_calls(calls: Iterable[Call], now: float) -> None:
    """Each call by itself: its times, its legs, its spans.

    Raises:
        Violation: names the call and what is wrong with it.
    """
    for call in calls:
        _check_times(call, now)
        _check_legs(call)
        if call.held != any(span.until is None for span in call.holds):
            raise Violation(f"{call.id}: held={call.held} is not what its spans say")
        if call.recording_paused != any(span.until is None for span in call.recording_pauses):
            raise Violation(f"{call.id}: recording_paused={call.recording_paused} is not what its spans say")


def check_agents(calls: Mapping[str, Call], agents: Mapping[str, Agent], waiting: Collection[str]) -> None:
    """Nobody has two calls, nobody is in a call that is not theirs, and who waits is known to the ACD.

    `waiting` are the ids of the calls that the ACD has waiting.

    Raises:
        Violation: names the call or agent.
    """
    for agent in agents.values():
        if agent.state in AT_REST:
            if agent.call_id is not None:
                raise Violation(f"{agent.id} is {agent.state} and holds call {agent.call_id}")
            continue
        call = calls.get(agent.call_id or "")
        if call is None or call.agent_id != agent.id or IN_CALL.get(call.state) is not agent.state:
            raise Violation(f"{agent.id} is {agent.state} with call {agent.call_id}: {call}")
    for call in calls.values():
        agent_of = agents.get(call.agent_id or "")
        if call.state in (CallState.RINGING, CallState.TALKING) and agent_of is not None:
            # Who has ended a call may be in another before its caller is gone.
            if agent_of.call_id != call.id and call.end_reason is None:
                raise Violation(f"{agent_of.id} has two calls: {call.id} and {agent_of.call_id}")
        elif call.state is CallState.RINGING or (call.state is CallState.WAITING and call.agent_id):
            raise Violation(f"{call.id} is {call.state} with agent {call.agent_id}")
    known = {call.id for call in calls.values() if call.state is CallState.WAITING}
    if known != set(waiting):
        raise Violation(f"the ACD has {sorted(waiting)} waiting, the centre {sorted(known)}")


def _check_legs(call: Call) -> None:
    legs = [party.leg for party in call.parties]
    if len(set(legs)) != len(legs):
        raise Violation(f"{call.id}: a leg stands twice among {legs}")
    others = [party for party in call.parties[1:] if party.present]
    joined = {party.agent_id or party.seat for party in others if party.joined_at is not None}
    if len(joined) > 1:
        raise Violation(f"{call.id}: agents {sorted(map(str, joined))} have all joined")
    if call.state in OVER:
        if call.ended_at is None or call.caller.present or others:
            raise Violation(f"{call.id}: {call.state}, and somebody is still there")
    elif call.ended_at is not None or not call.caller.present:
        raise Violation(f"{call.id}: {call.state}, though the caller has left")
    elif call.state is CallState.RINGING and (not others or joined):
        raise Violation(f"{call.id}: rings with {others}")
    elif call.state is CallState.WAITING and others:
        raise Violation(f"{call.id}: waits with {others}")
    elif call.state is CallState.TALKING and not others and call.end_reason is None:
        raise Violation(f"{call.id}: nobody talks with the caller")


def _check_times(call: Call, now: float) -> None:
    offered, ended = call.offered_at, call.ended_at
    chains: list[tuple[str, tuple[float | None, ...]]] = [
        ("call", (offered, call.answered_at, ended, call.closed_at)),
        ("waiting", (offered, call.waiting_since)),
    ]
    chains += [
        (f"leg {party.leg}", (offered, party.rang_at, party.joined_at, party.left_at, ended))
        for party in call.parties
    ]
    chains += [
        ("span", (call.answered_at, span.since, span.until, ended))
        for span in (*call.holds, *call.recording_pauses)
    ]
    for name, times in chains:
        known = [moment for moment in times if moment is not None]
        if known != sorted(known) or known[-1] > now:
            raise Violation(f"{call.id}: times of its {name} go backwards: {times}, now {now}")
