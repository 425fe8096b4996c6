"""What an agent does with their own state and their own call."""

from __future__ import annotations

from typing import Annotated

import msgspec

from agent_desk.access import AGENTS
from agent_desk.ask import REFUSED, ask
from agent_desk.http.errors import NO_CONTROLLER, ApiError, Refusal
from agent_desk.http.operation import Table, bad_field
from agent_desk.http.visit import Visit
from agent_desk.seats import PhoneAccount
from telephony import commands

NO_SOFTPHONE = Refusal(
    404, "no-softphone", "该座席使用硬件话机", "this seat has a phone of its own: use that one"
)
FAILURES = (REFUSED, NO_CONTROLLER)


class NotReady(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an agent is not ready: the id of one of the settings' `not_ready_reasons`."""

    reason: Annotated[str, msgspec.Meta(max_length=32)]


table = Table("agent")


@table.operation("GET", "/api/phone", roles=AGENTS, refusals=(NO_SOFTPHONE,))
async def get_phone(visit: Visit) -> PhoneAccount:
    """Tell what the softphone at the agent's own seat registers with."""
    who = visit.who
    host = visit.request.host
    account = None if who.seat is None else visit.desk.seats.account(who.seat, who.name, host)
    if account is None:
        raise ApiError(NO_SOFTPHONE)
    return account


@table.operation("POST", "/api/agent/ready", roles=AGENTS, refusals=FAILURES)
async def be_ready(visit: Visit) -> None:
    """Become ready for calls, or take back a wish to be not-ready after the present one."""
    await ask(visit.desk.bus, commands.SetReady(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/not-ready", roles=AGENTS, refusals=FAILURES)
async def be_not_ready(visit: Visit, body: NotReady) -> None:
    """Become not-ready, at once or after the present call."""
    if body.reason not in {reason.id for reason in visit.desk.config.hotline.agents.pause_reasons}:
        raise bad_field(
            "reason", "没有这个示忙原因,请从列表中选择", "no such reason: choose one from the list"
        )
    await ask(visit.desk.bus, commands.SetNotReady(agent_id=visit.who.user_id, reason=body.reason))


@table.operation("POST", "/api/agent/hang-up", roles=AGENTS, refusals=FAILURES)
async def hang_up(visit: Visit) -> None:
    """End the call for the caller too; while it rings, refuse it."""
    await ask(visit.desk.bus, commands.HangUp(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/hold", roles=AGENTS, refusals=FAILURES)
async def hold(visit: Visit) -> None:
    """Step out of the room: the caller hears music."""
    await ask(visit.desk.bus, commands.Hold(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/resume", roles=AGENTS, refusals=FAILURES)
async def resume(visit: Visit) -> None:
    """Step back into the room."""
    await ask(visit.desk.bus, commands.Resume(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/rejoin", roles=AGENTS, refusals=FAILURES)
async def rejoin(visit: Visit) -> None:
    """Have the seat rung again for the call that goes on, after the page was loaded anew."""
    await ask(visit.desk.bus, commands.Rejoin(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/recording/pause", roles=AGENTS, refusals=FAILURES)
async def pause_recording(visit: Visit) -> None:
    """Stop recording what is said, for private details."""
    await ask(visit.desk.bus, commands.PauseRecording(agent_id=visit.who.user_id))


@table.operation("POST", "/api/agent/recording/resume", roles=AGENTS, refusals=FAILURES)
async def resume_recording(visit: Visit) -> None:
    """Record again."""
    await ask(visit.desk.bus, commands.ResumeRecording(agent_id=visit.who.user_id))
