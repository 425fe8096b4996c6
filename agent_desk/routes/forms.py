"""The request form of a call that lives: read, saved as it is written, confirmed in wrap-up."""

from __future__ import annotations

from typing import Annotated

import msgspec

from agent_desk.access import EVERY_ROLE, SUPERVISORS
from agent_desk.ask import REFUSED, ask
from agent_desk.http.errors import BAD_REQUEST, NO_CONTROLLER, ApiError, Refusal
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from agent_desk.routes.shapes import CallPath
from records.drafts import CallClosed, Draft, DraftConflict
from records.form import RequestForm, form_faults
from telephony.call import Call, CallState
from telephony.commands import FinishWrapUp

NO_CALL = Refusal(404, "no-such-call", "您没有这个通话,或它已结束", "you have no such call, or not any more")
NEWER = Refusal(
    409,
    "version",
    "工单已被他人修改,请核对后再保存",
    "somebody saved a newer form: look at it, then save again",
)
CLOSED = Refusal(
    409, "closed", "工单已归档,不能再修改", "the record has been made: it cannot be changed here"
)
NOT_IN_WRAP_UP = Refusal(
    409, "not-in-wrap-up", "市民挂机后才能提交工单", "the form can be confirmed once the caller has left"
)
SAVING = (NO_CALL, NEWER, CLOSED)


class FormEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form, and the version of the draft that it was made from."""

    form: RequestForm
    version: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


table = Table("forms")


@table.operation("GET", "/api/calls/{call_id}/form", roles=EVERY_ROLE, refusals=(NO_CALL,))
async def get_form(visit: Visit, path: CallPath) -> Draft:
    """Tell the form as it was last saved; the call's own agent and supervisors may."""
    return await visit.desk.drafts.get(_call(visit, path).id)


@table.operation("PUT", "/api/calls/{call_id}/form", roles=EVERY_ROLE, refusals=SAVING)
async def save_form(visit: Visit, path: CallPath, body: FormEdit) -> Draft:
    """Save a form that is still being written: parts of it may not fit together yet.

    It is refused when somebody saved another version since; the answer then holds that one.
    """
    return await _save(visit, _call(visit, path), body, confirmed_by=None)


@table.operation(
    "POST",
    "/api/calls/{call_id}/confirm",
    roles=EVERY_ROLE,
    refusals=(*SAVING, NOT_IN_WRAP_UP, REFUSED, NO_CONTROLLER),
)
async def confirm_form(visit: Visit, path: CallPath, body: FormEdit) -> None:
    """Save the form as it shall be recorded, and finish the wrap-up. Asking again does no harm."""
    call = _call(visit, path)
    if call.state is not CallState.WRAP_UP or call.agent_id is None:
        raise ApiError(NOT_IN_WRAP_UP)
    faults = form_faults(body.form, visit.desk.config.categories, visit.desk.areas.streets)
    if faults:
        raise ApiError(BAD_REQUEST, field=f"form.{faults[0].field}", detail=faults[0].message)
    try:
        await _save(visit, call, body, confirmed_by=visit.who.user_id)
    except ApiError as error:
        if not _confirmed_already(error, visit.who.user_id, body):
            raise
    await ask(visit.desk.bus, FinishWrapUp(agent_id=call.agent_id, call_id=call.id))


def _call(visit: Visit, path: CallPath) -> Call:
    call = visit.journal.calls.get(path.call_id)
    # Another agent's call answers like none at all: which calls there are is not every agent's business.
    if call is None or (visit.who.role not in SUPERVISORS and call.agent_id != visit.who.user_id):
        raise ApiError(NO_CALL)
    return call


async def _save(visit: Visit, call: Call, body: FormEdit, *, confirmed_by: str | None) -> Draft:
    try:
        return await visit.desk.drafts.save(call.id, body.form, body.version, confirmed_by=confirmed_by)
    except DraftConflict as conflict:
        raise ApiError(NEWER, draft=conflict.newer) from conflict
    except CallClosed:
        raise ApiError(CLOSED) from None


def _confirmed_already(error: ApiError, user_id: str, body: FormEdit) -> bool:
    """Whether the same was confirmed before, and only the controller's answer did not come."""
    newer = error.body.draft
    return (
        newer is not None
        and newer.confirmed_by == user_id
        and newer.version == body.version + 1
        and newer.form == body.form
    )
