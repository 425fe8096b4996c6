"""AMI events become facts. What is not about a call, a room or a seat's phone becomes nothing."""

from __future__ import annotations

import re

from telephony.ami import Message, unescape
from telephony.centre.facts import CallerArrived, Fact, JournalEntry, LegEnd, LegGone, RoomEntered, RoomLeft

# The events that become facts; manager.conf keeps all others away from this account.
EVENTS = ("UserEvent", "ConfbridgeJoin", "ConfbridgeLeave", "Hangup", "OriginateResponse", "ContactStatus")

ARRIVAL, DEPARTURE = "HotlineCaller", "HotlineGone"
CALL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SEAT = re.compile(r"[0-9]{2,8}")
NOT_IN_A_NUMBER = re.compile(r"[^0-9+]")
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
NAME_LENGTH = 4096

# Q.850 causes (ITU-T Q.850, table 1) by what they mean for a seat that is rung or talked with.
ENDS = {
    "1": LegEnd.UNREACHABLE,
    "3": LegEnd.UNREACHABLE,
    "16": LegEnd.HUNG_UP,
    "17": LegEnd.REFUSED,
    "18": LegEnd.NO_ANSWER,
    "19": LegEnd.NO_ANSWER,
    "20": LegEnd.UNREACHABLE,
    "21": LegEnd.REFUSED,
    "27": LegEnd.UNREACHABLE,
    "38": LegEnd.MEDIA_LOST,
    "44": LegEnd.MEDIA_LOST,
}


def read(message: Message) -> Fact | None:
    """Return what the event says, or None."""
    match message.event:
        case "UserEvent":
            return _arrival(message) if message.get("UserEvent") == ARRIVAL else _note(message)
        case "ConfbridgeJoin":
            return RoomEntered(call_id=message["Conference"], leg=message["Uniqueid"])
        case "ConfbridgeLeave":
            return RoomLeft(call_id=message["Conference"], leg=message["Uniqueid"])
        case "Hangup":
            return LegGone(leg=message["Uniqueid"], end=end_of(message.get("Cause", "")))
        case "OriginateResponse" if message.get("Response") == "Failure":
            # Of a leg that became a channel, Hangup tells more, a moment before or after.
            return LegGone(leg=message.get("Uniqueid", ""), end=LegEnd.UNREACHABLE)
    return None


def changed_phone(message: Message) -> str | None:
    """Return the seat whose phone registered or was lost; which of the two must be asked for.

    A phone that registers anew has two contacts for a moment, so one event alone does not tell.
    """
    seat = message.get("AOR", "") if message.event == "ContactStatus" else ""
    return seat if SEAT.fullmatch(seat) else None


def _arrival(message: Message) -> CallerArrived | None:
    call_id = message.get("Call", "")
    if not CALL_ID.fullmatch(call_id):
        return None
    return CallerArrived(
        call_id=call_id,
        leg=message["Uniqueid"],
        caller_number=number_of(message.get("CallerIDNum", "")),
        caller_name=name_of(message.get("CallerIDName", "")),
        dialled=number_of(message.get("Dialled", "")),
        since=seconds(message.get("Since", "")),
    )


def _note(message: Message) -> JournalEntry | None:
    """What the dialplan writes down as a caller leaves, who may have come and gone before we were told of them."""
    return (
        journal_entry(message.get("Call", ""), message.get("Note", ""))
        if message.get("UserEvent") == DEPARTURE
        else None
    )


def journal_entry(call_id: str, note: str) -> JournalEntry | None:
    """Return a note of the dialplan: since, until, dialled number and caller's number, between bars."""
    fields = note.split("|")
    if not CALL_ID.fullmatch(call_id) or len(fields) != 4:
        return None
    since, until, dialled, number = fields
    return JournalEntry(
        call_id=call_id,
        since=seconds(since),
        until=seconds(until) if until else None,
        dialled=number_of(dialled),
        caller_number=number_of(number),
    )


def end_of(cause: str) -> LegEnd:
    """Return what a Q.850 cause means; an unknown one counts as not answered or lost."""
    return ENDS.get(cause, LegEnd.MEDIA_LOST)


def number_of(text: str) -> str:
    """Return the digits and plus signs of a number that somebody sent, at most 32."""
    return NOT_IN_A_NUMBER.sub("", text)[:32]


def name_of(text: str) -> str:
    """Return a caller's name as it was meant, at most NAME_LENGTH characters; empty for none.

    Two layers are taken off: AMI's escapes, and the quoted pairs of SIP (RFC 3261, 25.1), which Asterisk keeps.
    """
    return "" if text == "<unknown>" else QUOTED_PAIR.sub(r"\1", unescape(text))[:NAME_LENGTH]


def seconds(text: str) -> float:
    """Return epoch seconds, 0 where the dialplan gave none."""
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text) else 0.0
