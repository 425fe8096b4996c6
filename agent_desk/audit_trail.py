"""What the desk's people do that somebody may ask about later."""

from __future__ import annotations

import enum
import logging
import time

from agent_desk.http.visit import Visit
from records import audit
from records.audit import Entry
from records.database import is_away

log = logging.getLogger(__name__)


class Action(enum.StrEnum):
    """The words of the trail."""

    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGNED_OUT = "signed-out"
    NUMBER_SEARCHED = "number-searched"
    RECORD_OPENED = "record-opened"
    RECORDING_HEARD = "recording-heard"
    DELIVERY_RESENT = "delivery-resent"


async def note(visit: Visit, action: Action, about: str, *, who: str = "", role: str = "") -> None:
    """Write an entry before what it tells of happens.

    `who` and `role` are the session's unless they are given. Raises what `records.database.is_away` recognises: then
    the thing must not happen.
    """
    if visit.session is not None:
        who, role = who or visit.session.user_id, role or visit.session.role
    entry = Entry(at=time.time(), who=who, role=role, action=action, object=about, address=visit.address)
    await audit.write(visit.desk.database, entry)


async def note_if_possible(
    visit: Visit, action: Action, about: str, *, who: str = "", role: str = ""
) -> None:
    """Write an entry about what happens anyhow; a database that is away is logged instead."""
    try:
        await note(visit, action, about, who=who, role=role)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("not in the audit trail, for the database is away: %s %s %s", action, who, about)
