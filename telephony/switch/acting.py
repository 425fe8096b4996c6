"""What the centre asks of the switch becomes AMI actions."""

from __future__ import annotations

from telephony.ami import Actions, variable
from telephony.centre import actions

NORMAL_CLEARING = "16"


async def carry_out(ami: Actions, action: actions.Action) -> None:
    """Send one action and wait for Asterisk's word that it began. Raises AmiError."""
    match action:
        case actions.RingSeat():
            await _ring(ami, action)
        case actions.HangUpLeg():
            await ami.action("Hangup", {"Channel": action.leg, "Cause": NORMAL_CLEARING})
        case actions.StepOut():
            await _redirect(ami, action.leg, "hold")
        case actions.StepIn():
            await _redirect(ami, action.leg, "room")
        case actions.AdoptSeat():
            await _adopt(ami, action)
        case actions.MuteRecording():
            state = "1" if action.muted else "0"
            await ami.action("MixMonitorMute", {"Channel": action.leg, "Direction": "both", "State": state})
        case actions.ForgetJournal():
            await ami.action("Setvar", {"Variable": f"DB_DELETE(journal/{action.call_id})", "Value": ""})


async def _ring(ami: Actions, ring: actions.RingSeat) -> None:
    await ami.action(
        "Originate",
        (
            ("Channel", f"PJSIP/{ring.seat}"),
            ("ChannelId", ring.leg),
            ("Context", "room"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(ring.ring_s * 1000)),
            ("CallerID", f'"{ring.caller_number}" <{ring.caller_number}>'),
            ("Async", "true"),
            variable("HOTLINE_CALL", ring.call_id),
            variable("HOTLINE_ROLE", "agent"),
            variable("HOTLINE_AGENT", ring.agent_id),
        ),
        action_id=ring.leg,
    )


async def _redirect(ami: Actions, leg: str, context: str) -> None:
    await ami.action("Redirect", {"Channel": leg, "Context": context, "Exten": "s", "Priority": "1"})


async def _adopt(ami: Actions, pair: actions.AdoptSeat) -> None:
    for name, value in (
        ("HOTLINE_CALL", pair.call_id),
        ("HOTLINE_ROLE", "agent"),
        ("HOTLINE_AGENT", pair.agent_id or ""),
    ):
        await ami.action("Setvar", {"Channel": pair.seat_leg, "Variable": name, "Value": value})
    await ami.action(
        "Redirect",
        {
            "Channel": pair.caller_leg,
            "Context": "room",
            "Exten": "s",
            "Priority": "1",
            "ExtraChannel": pair.seat_leg,
            "ExtraContext": "room",
            "ExtraExten": "s",
            "ExtraPriority": "1",
        },
    )
