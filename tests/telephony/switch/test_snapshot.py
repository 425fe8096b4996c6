"""A snapshot of Asterisk becomes legs, reachable seats and the dialplan's journal."""

from __future__ import annotations

from telephony.ami import AmiActionFailed, Message, Reply
from telephony.ami.action import Headers
from telephony.centre.facts import JournalEntry, Leg, LegState
from telephony.switch import take_snapshot

CALL = "2a572dca-9cd2-44d4-a022-79103a1f056f"
OTHER = "61f6315e-d6ae-4e4c-86e4-e1c2a2fbbe17"


def channel(name: str, unique: str, application: str, *variables: str, **headers: str) -> dict[str, str | list[str]]:
    return {
        "Channel": name,
        "Uniqueid": unique,
        "Application": application,
        "ChannelStateDesc": "Up",
        "Variable": list(variables),
        **headers,
    }


class Recorded:
    """Asterisk's answers as it gave them once; asking for a list of nothing is refused, as Asterisk does."""

    def __init__(self, **lists: list[dict[str, str | list[str]]]) -> None:
        self._lists = lists
        self.contacts: dict[str, str] = {}

    async def action(
        self, name: str, headers: Headers = (), *, timeout: float = 5.0, action_id: str | None = None
    ) -> Reply:
        if name == "Getvar":
            variable = dict(headers)["Variable"]
            return Reply(_message({"Response": "Success", "Value": self.contacts.get(str(variable), "")}))
        rows = self._lists.get(name)
        if rows is None:
            raise AmiActionFailed(name, Reply(_message({"Response": "Error", "Message": "Database entry not found"})))
        return Reply(_message({"Response": "Success"}), tuple(_message(row) for row in rows))


def _message(row: dict[str, str | list[str]] | dict[str, str]) -> Message:
    lines: list[str] = []
    for key, value in row.items():
        lines += [f"{key}: {item}" for item in ([value] if isinstance(value, str) else value)]
    return Message("\r\n".join(lines).encode())


async def test_a_caller_in_a_room_and_the_agent_who_is_rung() -> None:
    caller = channel(
        "PJSIP/trunk-local-00000001",
        "h-1.0",
        "ConfBridge",
        f"HOTLINE_CALL={CALL}",
        "HOTLINE_ROLE=caller",
        "HOTLINE_DIALLED=12345",
        "HOTLINE_SINCE=1795359245",
        CallerIDNum="13800138000",
        CallerIDName="张三",
    )
    agent = channel(
        "PJSIP/1001-00000002",
        f"{CALL}.1",
        "AppDial",
        f"HOTLINE_CALL={CALL}",
        "HOTLINE_ROLE=agent",
        "HOTLINE_AGENT=wang",
        ChannelStateDesc="Ringing",
    )
    announcer = channel("CBAnn/x;1", "h-1.1", "", f"HOTLINE_CALL={CALL}")
    snapshot = await take_snapshot(Recorded(Status=[caller, agent, announcer]))
    assert snapshot.legs == [
        Leg(
            leg="h-1.0",
            state=LegState.IN_ROOM,
            call_id=CALL,
            caller_number="13800138000",
            caller_name="张三",
            dialled="12345",
            since=1795359245.0,
        ),
        Leg(leg=f"{CALL}.1", state=LegState.RINGING, call_id=CALL, seat="1001", agent_id="wang"),
    ]


async def test_a_pair_that_the_dialplan_brought_together_know_each_other() -> None:
    caller = channel(
        "PJSIP/trunk-local-00000001",
        "h-1.0",
        "Queue",
        f"HOTLINE_CALL={CALL}",
        "HOTLINE_ROLE=caller",
        BridgeID="b1",
    )
    seat = channel("PJSIP/1001-00000002", "h-1.7", "AppQueue", BridgeID="b1")
    waiting = channel(
        "PJSIP/trunk-local-00000003", "h-1.9", "Queue", f"HOTLINE_CALL={OTHER}", "HOTLINE_ROLE=caller"
    )
    talking, partner, alone = (await take_snapshot(Recorded(Status=[caller, seat, waiting]))).legs
    assert (talking.state, talking.partner) == (LegState.ALONE_TALKING, "h-1.7")
    assert (partner.seat, partner.call_id) == ("1001", None)
    assert (alone.state, alone.partner) == (LegState.ALONE_WAITING, None)


async def test_a_busy_phone_is_reachable_only_while_it_is_registered() -> None:
    asterisk = Recorded(
        DeviceStateList=[
            {"Device": "PJSIP/1001", "State": "NOT_INUSE"},
            {"Device": "PJSIP/1002", "State": "UNAVAILABLE"},
            {"Device": "PJSIP/1003", "State": "INUSE"},
            {"Device": "PJSIP/1004", "State": "INUSE"},
            {"Device": "Queue:alone", "State": "NOT_INUSE"},
        ]
    )
    asterisk.contacts["PJSIP_AOR(1003,contact)"] = "1003;@abc"
    assert (await take_snapshot(asterisk)).reachable_seats == ["1001", "1003"]


async def test_the_journal_tells_of_calls_that_nobody_watched() -> None:
    asterisk = Recorded(
        DBGetTree=[
            {"Key": f"/journal/{CALL}", "Val": "1795359245|1795359260|12345|13800138000"},
            {"Key": f"/journal/{OTHER}", "Val": "1795359250||12319|"},
            {"Key": "/journal/not-a-call", "Val": "1||2|3"},
            {"Key": f"/journal/{CALL}", "Val": "broken"},
        ]
    )
    assert (await take_snapshot(asterisk)).journal == [
        JournalEntry(
            call_id=CALL, since=1795359245.0, until=1795359260.0, dialled="12345", caller_number="13800138000"
        ),
        JournalEntry(call_id=OTHER, since=1795359250.0, until=None, dialled="12319", caller_number=""),
    ]
