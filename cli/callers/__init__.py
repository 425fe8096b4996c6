"""Simulated citizens and phones with real audio, for the demo, the system tests and the benches.

SIPp (Debian `sip-tester`) does the signalling, one process for all callers and one for all phones; the audio is this
process's own: see media.py. Callers and phones come from loopback addresses of their own (127.0.0.2, 127.0.0.3), since
the switch tells its trunk by address.

    with Media() as media:
        async with Callers(("127.0.0.1", 5060), media) as callers:
            caller = await callers.call("12345", from_number="13800138000", name="张三", says=Path("speech.wav"))
            await caller.answered()
            await caller.hears(lambda pcm: level_dbov(pcm) > -40)
            await caller.hang_up()
"""

from cli.callers.audio import (
    NoSpeech,
    level_dbov,
    recorded_speech,
    synthesised_speech,
    tone,
    tone_share,
    write_wav,
)
from cli.callers.caller import CALLERS_HOST, Caller, Callers
from cli.callers.load import CallLoad, CallOutcome
from cli.callers.media import Media, RtpPort
from cli.callers.party import Ended, NotAnswered, NotHeard
from cli.callers.seat_phone import (
    PHONES_HOST,
    Answers,
    PhoneCall,
    Refuses,
    RegistrationRefused,
    Rings,
    SeatPhone,
    SeatPhones,
    Unreachable,
)
from cli.callers.sipp import SippFailed

__all__ = [
    "CALLERS_HOST",
    "PHONES_HOST",
    "Answers",
    "CallLoad",
    "CallOutcome",
    "Caller",
    "Callers",
    "Ended",
    "Media",
    "NoSpeech",
    "NotAnswered",
    "NotHeard",
    "PhoneCall",
    "Refuses",
    "RegistrationRefused",
    "Rings",
    "RtpPort",
    "SeatPhone",
    "SeatPhones",
    "SippFailed",
    "Unreachable",
    "level_dbov",
    "recorded_speech",
    "synthesised_speech",
    "tone",
    "tone_share",
    "write_wav",
]
