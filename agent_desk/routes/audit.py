"""The audit trail, for those who answer for it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from agent_desk.access import ADMINS
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from agent_desk.routes.shapes import PageSize
from records import audit
from records.audit import Listed


class AuditQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries: those of one person, and those before the entry `before`."""

    who: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    before: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    limit: PageSize = 100


table = Table("audit")


@table.operation("GET", "/api/audit", roles=ADMINS)
async def list_audit(visit: Visit, query: AuditQuery) -> list[Listed]:
    """Tell who did what, latest first."""
    return await audit.latest(visit.desk.database, limit=query.limit, before=query.before, who=query.who)
