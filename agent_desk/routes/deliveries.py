"""Records on their way to the case store."""

from __future__ import annotations

import time

import msgspec

from agent_desk.access import SUPERVISORS
from agent_desk.audit_trail import Action, note
from agent_desk.http.errors import ApiError, Refusal
from agent_desk.http.operation import Table
from agent_desk.http.visit import Visit
from agent_desk.routes.shapes import CallPath, PageSize
from records import outbox
from records.models import DeliveryState
from records.outbox import AlreadyDelivered, Delivery

NO_DELIVERY = Refusal(404, "no-such-record", "没有这个工单", "there is no record of that call")
DELIVERED = Refusal(409, "delivered", "工单已送达,无需重发", "the case store has this record already")


class DeliveryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which deliveries: all, or those in one state."""

    state: DeliveryState | None = None
    limit: PageSize = 100


table = Table("deliveries")


@table.operation("GET", "/api/deliveries", roles=SUPERVISORS)
async def list_deliveries(visit: Visit, query: DeliveryQuery) -> list[Delivery]:
    """Tell how records fare on their way to the case store, newest first."""
    return await outbox.deliveries(visit.desk.database, state=query.state, limit=query.limit)


@table.operation(
    "POST", "/api/deliveries/{call_id}/resend", roles=SUPERVISORS, refusals=(NO_DELIVERY, DELIVERED)
)
async def resend(visit: Visit, path: CallPath) -> Delivery:
    """Send a record again that the case store refused, or that waits for its next attempt."""
    await note(visit, Action.DELIVERY_RESENT, path.call_id)
    try:
        delivery = await outbox.resend(visit.desk.database, path.call_id, now=time.time())
    except AlreadyDelivered:
        raise ApiError(DELIVERED) from None
    if delivery is None:
        raise ApiError(NO_DELIVERY)
    return delivery
