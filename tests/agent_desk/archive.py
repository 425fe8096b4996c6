"""Finished records in the desk's database, kept as the keeper keeps them."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from records.assembly import assemble
from records.drafts import Draft
from records.form import RequestForm
from records.keeping import keep
from records.recordings import Recordings
from records.schema import Record
from tests.agent_desk.house import House
from tests.records.calls import OFFERED_AT, closed_call
from tests.records.wav import write_recording


async def finished_record(
    house: House,
    number: str = "13800138000",
    *,
    title: str = "路灯不亮",
    minute: int = 0,
    recorded: bool = True,
) -> Record:
    """A record of a call that arrived `minute` minutes after OFFERED_AT, with a second of sound."""
    call = closed_call(caller_number=number, offered_at=OFFERED_AT + 60 * minute)
    if recorded:
        write_recording(house.desk.recordings, call.id)
    found = await Recordings(house.desk.recordings).finished(call.id, 0.0)
    draft = Draft(
        form=RequestForm(title=title), version=1, confirmed_by="agent-1", confirmed_at=OFFERED_AT + 90
    )
    record = assemble(call, draft, found, record_id=uuid.uuid4().hex, zone=ZoneInfo("Asia/Shanghai"))
    await keep(house.database, record)
    return record
