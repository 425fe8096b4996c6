"""The events of the AMI bench: what Asterisk sends while calls come and go."""

from __future__ import annotations

from collections.abc import Iterator

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
# In one call's life, as often as in Asterisk's own traffic: mostly dialplan, little that tells who talks to
# whom.
LIFE = (
    *(
        "Newchannel",
        "Newexten",
        "VarSet",
        "VarSet",
        "Newexten",
        "VarSet",
        "Newstate",
        "Newexten",
        "VarSet",
        "VarSet",
    ),
    *(
        "ConfbridgeJoin",
        "VarSet",
        "Newexten",
        "DeviceStateChange",
        "VarSet",
        "Newexten",
        "VarSet",
        "ConfbridgeLeave",
    ),
    *("VarSet", "Hangup"),
)
WANTED = ("ConfbridgeJoin", "ConfbridgeLeave", "Hangup")
STATES = ("Down", "Ring", "Ringing", "Up")


def event(name: str, call: int) -> bytes:
    """One event with the headers that describe a channel; 402 bytes on average."""
    unique = f"1795359397.{call}"
    headers = [
        ("Event", name),
        ("Privilege", "call,all"),
        ("Channel", f"PJSIP/trunk-{call:08x}"),
        ("ChannelState", str(call % 4)),
        ("ChannelStateDesc", STATES[call % 4]),
        ("CallerIDNum", f"138{call:08d}"),
        ("CallerIDName", "张伟"),
        ("ConnectedLineNum", "<unknown>"),
        ("ConnectedLineName", "<unknown>"),
        ("Language", "zh"),
        ("AccountCode", ""),
        ("Context", "from-trunk"),
        ("Exten", "12345"),
        ("Priority", "7"),
        ("Uniqueid", unique),
        ("Linkedid", unique),
        ("Variable", "HOTLINE_QUEUE"),
        ("Value", "citizen-" + "x" * (7 + call % 3)),
    ]
    return "".join(f"{key}: {value}\r\n" for key, value in headers).encode() + b"\r\n"


def lives(count: int) -> Iterator[tuple[str, int]]:
    """`count` events' names and calls, in order."""
    return ((LIFE[number % len(LIFE)], number // len(LIFE)) for number in range(count))
