"""Everything that Asterisk knows of calls, rooms and phones, asked for in one go."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from telephony.ami import Actions, AmiActionFailed, Message
from telephony.centre.facts import Leg, LegState, Snapshot
from telephony.switch.reading import CALL_ID, journal_entry, name_of, number_of, seconds

VARIABLES = "HOTLINE_CALL,HOTLINE_ROLE,HOTLINE_AGENT,HOTLINE_DIALLED,HOTLINE_SINCE"
SEAT_DEVICE = re.compile(r"PJSIP/([0-9]{2,8})")
SEAT_CHANNEL = re.compile(r"PJSIP/([0-9]{2,8})-[0-9a-f]+")
LIST_LIMIT_S = 15.0


async def take_snapshot(ami: Actions) -> Snapshot:
    """Return the switch's state. Raises AmiError."""
    journal = await _list(ami, "DBGetTree", {"Family": "journal"})
    devices = await _list(ami, "DeviceStateList", {})
    channels = await _list(ami, "Status", {"Variables": VARIABLES})
    return Snapshot(
        legs=_legs(channels),
        reachable_seats=[seat async for seat in _reachable(ami, devices)],
        journal=[
            entry
            for row in journal
            if (entry := journal_entry(row.get("Key", "").rpartition("/")[2], row.get("Val", ""))) is not None
        ],
    )


async def phone_is_reachable(ami: Actions, seat: str) -> bool:
    """Return whether a phone is registered at the seat. Raises AmiError."""
    reply = await ami.action("Getvar", {"Variable": f"PJSIP_AOR({seat},contact)"})
    return bool(reply.response.get("Value", ""))


async def _reachable(ami: Actions, devices: tuple[Message, ...]) -> AsyncIterator[str]:
    """A busy phone's device state says nothing of its registration: for these, ask."""
    for device in devices:
        seat = SEAT_DEVICE.fullmatch(device.get("Device", ""))
        state = device.get("State", "")
        if seat is None or state in ("UNAVAILABLE", "INVALID", "UNKNOWN"):
            continue
        if state == "NOT_INUSE" or await phone_is_reachable(ami, seat[1]):
            yield seat[1]


async def _list(ami: Actions, action: str, headers: dict[str, str]) -> tuple[Message, ...]:
    try:
        reply = await ami.action(action, headers, timeout=LIST_LIMIT_S)
    except AmiActionFailed as refusal:
        # Asterisk refuses to list what there is none of.
        if any(word in refusal.reply.message for word in ("No ", "not found")):
            return ()
        raise
    return reply.events


def _legs(channels: tuple[Message, ...]) -> list[Leg]:
    bridges: dict[str, list[Message]] = {}
    for channel in channels:
        if channel.get("BridgeID"):
            bridges.setdefault(channel["BridgeID"], []).append(channel)
    return [leg for leg in (_leg(channel, bridges) for channel in channels) if leg is not None]


def _leg(channel: Message, bridges: dict[str, list[Message]]) -> Leg | None:
    variables = dict(line.partition("=")[::2] for line in channel.getall("Variable"))
    call_id = variables.get("HOTLINE_CALL", "")
    seat = SEAT_CHANNEL.fullmatch(channel.get("Channel", ""))
    is_caller = variables.get("HOTLINE_ROLE") == "caller" and seat is None
    if (seat is None and not is_caller) or (is_caller and not CALL_ID.fullmatch(call_id)):
        return None
    others = [other for other in bridges.get(channel.get("BridgeID", ""), []) if other is not channel]
    state = _state(channel, alone=bool(others))
    return Leg(
        leg=channel["Uniqueid"],
        state=state,
        call_id=call_id if CALL_ID.fullmatch(call_id) else None,
        seat=seat[1] if seat else None,
        agent_id=variables.get("HOTLINE_AGENT") or None,
        caller_number=number_of(channel.get("CallerIDNum", "")),
        caller_name=name_of(channel.get("CallerIDName", "")),
        dialled=number_of(variables.get("HOTLINE_DIALLED", "")),
        since=seconds(variables.get("HOTLINE_SINCE", "")),
        partner=others[0]["Uniqueid"] if state is LegState.ALONE_TALKING else None,
    )


def _state(channel: Message, *, alone: bool) -> LegState:
    application = channel.get("Application", "")
    if channel.get("ChannelStateDesc") != "Up":
        return LegState.RINGING
    if application == "ConfBridge":
        return LegState.IN_ROOM
    if application == "MusicOnHold":
        return LegState.ON_HOLD
    if application == "Queue":
        return LegState.ALONE_TALKING if alone else LegState.ALONE_WAITING
    return LegState.ELSEWHERE
