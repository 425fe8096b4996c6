"""What agents ask for at the desk. Each function does it, or raises CommandRefused and changes nothing."""

from __future__ import annotations

from telephony import commands
from telephony.agent import Agent, AgentState, NotReadyReason
from telephony.call import Call, CallState, LegOutcome, Span
from telephony.centre import ringing, talking
from telephony.centre.actions import ForgetJournal, MuteRecording, StepIn, StepOut
from telephony.centre.callers import finish_wrap_up
from telephony.centre.facts import LegEnd
from telephony.centre.floor import Floor, profile_of
from telephony.commands import CommandRefused
from telephony.events import (
    AgentSignedIn,
    AgentSignedOut,
    CallForgotten,
    RecordingPaused,
    RecordingResumed,
)

AT_REST = (AgentState.READY, AgentState.NOT_READY)


def sign_in(floor: Floor, wish: commands.SignIn, now: float) -> None:
    """Take a seat, or bring name, team, skills and languages of a signed-in agent up to date."""
    unknown = set(wish.languages) - floor.policy.languages
    if unknown or not wish.languages:
        raise CommandRefused(
            "bad-languages", f"languages: {sorted(unknown) or 'none'}: use those of queues.toml"
        )
    holder = floor.seats.get(wish.seat)
    if holder not in (None, wish.agent_id):
        raise CommandRefused("seat-taken", f"seat {wish.seat} is taken: choose another")
    agent = floor.agents.get(wish.agent_id)
    if agent is not None and agent.seat != wish.seat:
        if agent.state not in AT_REST:
            raise CommandRefused("in-call", "finish the present call before changing the seat")
        floor.drop_agent(agent, now)
        agent = None
    if agent is None:
        floor.add_agent(_new_agent(wish, now), now)
        floor.emit(AgentSignedIn(at=now, agent_id=wish.agent_id, seat=wish.seat))
        return
    agent.name, agent.team, agent.skills, agent.languages = wish.name, wish.team, wish.skills, wish.languages
    floor.acd.update_profile(profile_of(agent), now)
    floor.touched(agent)


def _new_agent(wish: commands.SignIn, now: float) -> Agent:
    return Agent(
        id=wish.agent_id,
        name=wish.name,
        seat=wish.seat,
        team=wish.team,
        skills=wish.skills,
        languages=wish.languages,
        state=AgentState.NOT_READY,
        state_since=now,
        signed_in_at=now,
        reason=NotReadyReason.SIGNED_IN,
    )


def sign_out(floor: Floor, wish: commands.SignOut, now: float) -> None:
    """Leave the seat."""
    agent = floor.agents.get(wish.agent_id)
    if agent is None:
        return
    if agent.state not in AT_REST:
        raise CommandRefused("in-call", "finish the present call and its form before signing out")
    floor.drop_agent(agent, now)
    floor.emit(AgentSignedOut(at=now, agent_id=agent.id))


def set_ready(floor: Floor, wish: commands.SetReady, now: float) -> None:
    """Become ready, or stay so after the present call."""
    agent = _agent(floor, wish.agent_id)
    if agent.state is AgentState.NOT_READY:
        if agent.seat not in floor.reachable:
            raise CommandRefused(
                "phone-lost", "the phone at your seat is not connected: wait for it, or reload"
            )
        floor.move_agent(agent, AgentState.READY, now)
    elif agent.not_ready_next is not None:
        agent.not_ready_next = None
        floor.touched(agent)


def set_not_ready(floor: Floor, wish: commands.SetNotReady, now: float) -> None:
    """Become not-ready, at once or after the present call."""
    agent = _agent(floor, wish.agent_id)
    if wish.reason not in floor.policy.reasons:
        raise CommandRefused(
            "unknown-reason", f"reason {wish.reason!r} is not one of hotline.toml's pause_reasons"
        )
    if agent.state in AT_REST:
        floor.move_agent(agent, AgentState.NOT_READY, now, wish.reason)
    else:
        agent.not_ready_next = wish.reason
        floor.touched(agent)


def hang_up(floor: Floor, wish: commands.HangUp, now: float) -> None:
    """End the call, or refuse it while it rings."""
    agent, call = _call_of(floor, wish.agent_id, AgentState.RINGING, AgentState.TALKING)
    if agent.state is AgentState.RINGING:
        party = call.leg_of_agent
        if party is not None:
            floor.hang_up_seat(party.leg, party.seat or "", now)
            ringing.ring_failed(floor, call, party, LegEnd.REFUSED, now)
        return
    talking.end_call(floor, call, now)


def hold(floor: Floor, wish: commands.Hold, now: float) -> None:
    """Step out of the room."""
    _, call = _call_of(floor, wish.agent_id, AgentState.TALKING)
    if call.held:
        return
    floor.act(StepOut(leg=_joined_leg(call)))
    talking.set_held(floor, call, True, now)


def resume(floor: Floor, wish: commands.Resume, now: float) -> None:
    """Step back into the room."""
    _, call = _call_of(floor, wish.agent_id, AgentState.TALKING)
    if not call.held:
        return
    floor.act(StepIn(leg=_joined_leg(call)))
    talking.set_held(floor, call, False, now)


def pause_recording(floor: Floor, wish: commands.PauseRecording, now: float) -> None:
    """Record silence from here."""
    _, call = _call_of(floor, wish.agent_id, AgentState.TALKING)
    if call.recording_paused:
        return
    floor.act(MuteRecording(leg=call.caller.leg, muted=True))
    call.recording_paused = True
    call.recording_pauses.append(Span(since=now))
    floor.emit(RecordingPaused(at=now, call_id=call.id))
    floor.touched(call)


def resume_recording(floor: Floor, wish: commands.ResumeRecording, now: float) -> None:
    """Record again from here."""
    _, call = _call_of(floor, wish.agent_id, AgentState.TALKING)
    if not call.recording_paused:
        return
    floor.act(MuteRecording(leg=call.caller.leg, muted=False))
    call.recording_paused = False
    call.recording_pauses[-1].until = now
    floor.emit(RecordingResumed(at=now, call_id=call.id))
    floor.touched(call)


def rejoin(floor: Floor, wish: commands.Rejoin, now: float) -> None:
    """Ring the seat again; the older leg stays until the new one is in the room."""
    agent, call = _call_of(floor, wish.agent_id, AgentState.TALKING)
    if any(party.present and party.outcome is None for party in call.parties):
        return
    ringing.ring_seat(floor, call, agent.id, now)


def finish(floor: Floor, wish: commands.FinishWrapUp, now: float) -> None:
    """Close the call whose form is confirmed."""
    call = floor.calls.get(wish.call_id)
    if call is None or call.state is CallState.CLOSED:
        return
    if call.state is not CallState.WRAP_UP or call.agent_id != wish.agent_id:
        raise CommandRefused(
            "not-in-wrap-up", "the form can be confirmed once the caller has left, by their agent"
        )
    finish_wrap_up(floor, call, now)


def record_kept(floor: Floor, wish: commands.RecordKept, now: float) -> None:
    """Forget a call whose record is in the database."""
    call = floor.calls.get(wish.call_id)
    if call is not None and call.state is not CallState.CLOSED:
        raise CommandRefused("call-lives", f"call {wish.call_id} is not closed: its record comes later")
    floor.act(ForgetJournal(call_id=wish.call_id))
    if call is not None:
        floor.forget_call(call)
        floor.emit(CallForgotten(at=now, call_id=call.id))


def _agent(floor: Floor, agent_id: str) -> Agent:
    agent = floor.agents.get(agent_id)
    if agent is None:
        raise CommandRefused("not-signed-in", "sign in at a seat first")
    return agent


def _call_of(floor: Floor, agent_id: str, *states: AgentState) -> tuple[Agent, Call]:
    agent = _agent(floor, agent_id)
    call = floor.calls.get(agent.call_id or "")
    if agent.state not in states or call is None:
        raise CommandRefused("no-call", "there is no call for that at the moment")
    return agent, call


def _joined_leg(call: Call) -> str:
    for party in reversed(call.parties):
        if party.present and party.outcome is LegOutcome.JOINED and party is not call.caller:
            return party.leg
    raise CommandRefused("no-call", "your phone is not in the call: reload the page to join again")
