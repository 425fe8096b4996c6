from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest

from cli.callers import (
    Answers,
    Callers,
    CallLoad,
    Media,
    NotAnswered,
    NotHeard,
    Refuses,
    RegistrationRefused,
    Rings,
    SeatPhones,
    SippFailed,
    Unreachable,
    level_dbov,
    recorded_speech,
    synthesised_speech,
    tone,
    tone_share,
    write_wav,
)
from cli.callers.audio import ALAW_VALUES, decode_alaw, encode_alaw, read_wav
from cli.callers.hearing import Hearing
from cli.paths import find_paths
from telephony.asterisk import Asterisk, find_installation
from tests.conftest import children
from tests.telephony.asterisk_fixture import running_asterisk

# What a test needs of the switch besides the project's own: numbers that ring for long, are busy, note the caller's
# name, take keys, and ring a phone.
DIALPLAN = """
[trunk]
exten => 700,1,Ringing()
 same => n,Wait(60)
exten => 701,1,Hangup(17)
exten => 702,1,Set(GLOBAL(NAME)=${CALLERID(name)})
 same => n,Answer()
 same => n,Wait(60)
exten => 703,1,Answer()
 same => n,Set(TIMEOUT(digit)=1)
 same => n,Goto(keys,s,1)
exten => _72XXX,1,Answer()
 same => n,Dial(PJSIP/${EXTEN:1},2)
 same => n,Set(GLOBAL(DIALLED)=${DIALSTATUS})
 same => n,Hangup()
[keys]
exten => s,1,WaitExten(10)
exten => _[0-9*#].,1,Set(GLOBAL(KEYS)=${EXTEN})
 same => n,Hangup()
"""
MUSIC_AT_LEAST_DBOV = -50.0
CALLERS_TONE_HZ, PHONES_TONE_HZ = 600.0, 1500.0


class Town:
    """A switch, citizens who may call it, and phones at its seats."""

    def __init__(self, asterisk: Asterisk, callers: Callers, phones: SeatPhones, folder: Path) -> None:
        self.asterisk = asterisk
        self.callers = callers
        self.phones = phones
        self.callers_tone = folder / "caller.wav"
        self.phones_tone = folder / "phone.wav"
        write_wav(self.callers_tone, tone(CALLERS_TONE_HZ, 1.0))
        write_wav(self.phones_tone, tone(PHONES_TONE_HZ, 1.0))

    async def noted(self, name: str) -> str:
        """What the test's dialplan wrote down."""
        listed = await self.asterisk.command("dialplan show globals")
        found = re.search(rf"^\s*{name}=(.*)$", listed, re.MULTILINE)
        return found[1] if found else ""

    async def is_empty(self) -> bool:
        """Whether the switch has forgotten every call within a few seconds of the last goodbye."""
        async with asyncio.timeout(5):
            # A channel outlives its BYE for a moment, and Asterisk's console has no events.
            while "0 active channels" not in await self.asterisk.command("core show channels"):
                continue
        return True


@pytest.fixture
def media() -> Iterator[Media]:
    with Media() as media:
        yield media


@pytest.fixture
async def town(tmp_path: Path, media: Media) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(
            running_asterisk(tmp_path, dialplan=DIALPLAN, modules=("res_clioriginate",))
        )
        switch = ("127.0.0.1", asterisk.site.sip_port)
        callers = await stack.enter_async_context(Callers(switch, media, lines=30))
        phones = await stack.enter_async_context(SeatPhones(switch, media))
        yield Town(asterisk, callers, phones, tmp_path)


@pytest.mark.system
async def test_a_caller_hears_music_in_their_room(town: Town, tmp_path: Path) -> None:
    caller = await town.callers.call("12345", from_number="13800138000", name="张三", says=town.callers_tone)
    await caller.answered()
    await caller.hears(lambda pcm: level_dbov(pcm) > MUSIC_AT_LEAST_DBOV)
    await caller.media.more(50, within_s=5)
    ended = await caller.hang_up()

    assert (ended.by, ended.code) == ("party", 200)
    assert caller.media.heard.packets >= 50
    assert caller.media.sent >= 45
    assert caller.media.heard.lost == 0
    assert caller.media.dropped_here == 0
    caller.media.save(tmp_path / "heard.wav")
    assert level_dbov(read_wav(tmp_path / "heard.wav")) > MUSIC_AT_LEAST_DBOV


@pytest.mark.system
async def test_a_caller_gives_up_while_it_rings(town: Town) -> None:
    caller = await town.callers.call("700", from_number="13800138000")
    await caller.ringing()

    ended = await caller.hang_up()

    assert (ended.by, ended.code) == ("party", 487)
    with pytest.raises(NotAnswered) as error:
        await caller.answered()
    assert error.value.ended == ended
    assert await town.is_empty()


@pytest.mark.system
async def test_a_caller_is_told_that_a_number_is_busy(town: Town) -> None:
    caller = await town.callers.call("701", from_number="13800138000")

    ended = await caller.ended()

    assert (ended.by, ended.code, ended.cause) == ("hotline", 486, 17)


@pytest.mark.system
async def test_a_caller_knows_when_the_hotline_hangs_up(town: Town) -> None:
    caller = await town.callers.call("12345", from_number="13800138000", says=town.callers_tone)
    await caller.answered()
    assert caller.up

    await town.asterisk.command("channel request hangup all")
    ended = await caller.ended()

    assert (ended.by, ended.code, caller.up) == ("hotline", 200, False)


@pytest.mark.system
async def test_callers_who_hang_up_at_any_moment_leave_nothing_behind(town: Town) -> None:
    async def call_and_leave(after_s: float) -> str:
        caller = await town.callers.call("12345", from_number="13800138000")
        await asyncio.sleep(after_s)
        return (await caller.hang_up()).by

    ended = await asyncio.gather(*(call_and_leave(moment / 1000) for moment in range(25)))

    assert ended == ["party"] * 25
    assert await town.is_empty()


@pytest.mark.system
async def test_keys_that_a_caller_presses_reach_the_switch(town: Town) -> None:
    caller = await town.callers.call("703", from_number="13800138000", says=town.callers_tone)
    await caller.answered()

    await caller.press("1250*#")
    await caller.ended()

    assert await town.noted("KEYS") == "1250*#"
    with pytest.raises(ValueError, match="no such key: X"):
        await caller.press("12X")


@pytest.mark.system
@pytest.mark.parametrize(
    "name",
    ["张三", 'Bob "the Builder"', "<script>alert(1)</script>", "a\\b'; DROP TABLE calls; --", "长" * 1_000],
)
async def test_a_name_arrives_as_the_caller_gave_it(town: Town, name: str) -> None:
    caller = await town.callers.call("702", from_number="13800138000", name=name)
    await caller.answered()

    noted = await town.noted("NAME")

    assert noted.replace("\\\\", "\\").replace('\\"', '"') == name[: len(noted)]
    assert len(noted) >= min(len(name), 20)


@pytest.mark.system
async def test_a_caller_may_send_a_from_header_that_no_honest_telephone_would(town: Town) -> None:
    smuggled = '"Bob"\r\n <sip:13800138000@127.0.0.2>\r\nSubject: x'
    caller = await town.callers.call("702", from_number="", raw_from=smuggled)
    await caller.answered()
    assert await town.noted("NAME") == "Bob"

    broken = await town.callers.call("702", from_number="", raw_from='"\udcff\udcfe" <sip:1@127.0.0.2>')
    await broken.answered()

    with pytest.raises(ValueError, match="NUL or ESC"):
        await town.callers.call("702", from_number="", raw_from="\x1b")


@pytest.mark.system
async def test_a_caller_and_a_phone_hear_each_other_until_the_phone_hangs_up(town: Town) -> None:
    phone = await town.phones.register("2001", "secret-2001", says=town.phones_tone)
    dialled_at = time.monotonic()
    caller = await town.callers.call("72001", from_number="13800138000", says=town.callers_tone)

    call = await phone.rung()
    await asyncio.gather(call.answered(), caller.answered())
    await caller.hears(lambda pcm: tone_share(pcm, PHONES_TONE_HZ) > 0.9)
    await call.hears(lambda pcm: tone_share(pcm, CALLERS_TONE_HZ) > 0.9)
    await call.media.more(25, within_s=5)
    ended = await call.hang_up()

    assert dialled_at < call.rung_at < time.monotonic()
    assert "13800138000" in call.from_header
    assert (ended.by, ended.code) == ("party", 200)
    assert (await caller.ended()).by == "hotline"
    assert call.media.sent > 20
    assert call.media.heard.packets > 20


@pytest.mark.system
async def test_a_phone_is_rung_from_the_switchs_console_and_hears_music(town: Town) -> None:
    phone = await town.phones.register("2001", "secret-2001")
    ringing = asyncio.create_task(
        town.asterisk.command("channel originate PJSIP/2001 extension 12345@intake")
    )
    call = await phone.rung()
    await call.answered()
    await call.hears(lambda pcm: level_dbov(pcm) > MUSIC_AT_LEAST_DBOV)
    await call.hang_up()
    await ringing


@pytest.mark.system
async def test_a_phone_that_only_rings_is_given_up_by_the_switch(town: Town) -> None:
    phone = await town.phones.register("2001", "secret-2001", Rings())
    caller = await town.callers.call("72001", from_number="13800138000")

    call = await phone.rung()
    ended = await call.ended()

    assert (ended.by, ended.code) == ("hotline", 487)
    await caller.ended()
    assert await town.noted("DIALLED") == "NOANSWER"


@pytest.mark.system
async def test_a_phone_answers_after_its_time_and_is_busy_meanwhile(town: Town) -> None:
    phone = await town.phones.register("2001", "secret-2001", Answers(after_s=0.3))
    first = await town.callers.call("72001", from_number="13800138000")
    call = await phone.rung()
    await call.answered()
    assert call.answered_at is not None
    assert 0.3 <= call.answered_at - call.rung_at < 2.0

    second = await town.callers.call("72001", from_number="13800138001")
    await second.ended()

    assert await town.noted("DIALLED") == "BUSY"
    assert first.up


@pytest.mark.system
async def test_a_phone_that_hangs_up_in_the_moment_of_its_answer_ends_the_call(town: Town) -> None:
    phone = await town.phones.register("2001", "secret-2001")
    caller = await town.callers.call("72001", from_number="13800138000")

    ended = await (await phone.rung()).hang_up()

    assert (ended.by, ended.code) == ("party", 200)
    assert (await caller.ended()).by == "hotline"


@pytest.mark.system
@pytest.mark.parametrize(("manner", "status"), [(Refuses(), "BUSY"), (Unreachable(), "NOANSWER")])
async def test_a_phone_refuses_or_gives_no_sign_of_life(
    town: Town, manner: Refuses | Unreachable, status: str
) -> None:
    phone = await town.phones.register("2001", "secret-2001", manner)
    caller = await town.callers.call("72001", from_number="13800138000")
    await phone.rung()
    await caller.ended()

    assert await town.noted("DIALLED") == status


@pytest.mark.system
async def test_a_phone_needs_its_password_and_is_gone_after_it_unregistered(town: Town) -> None:
    with pytest.raises(RegistrationRefused, match=r"phone 2001: SIP/2\.0 401"):
        await town.phones.register("2001", "a guess")
    phone = await town.phones.register("2001", "secret-2001")
    await town.phones.unregister(phone)
    caller = await town.callers.call("72001", from_number="13800138000")
    await caller.ended()

    assert await town.noted("DIALLED") == "CHANUNAVAIL"


@pytest.mark.system
async def test_twenty_callers_at_once_all_hear_music(town: Town) -> None:
    load = CallLoad("12345", rate=20.0, total=20, hold_s=2.0, says=[town.callers_tone])
    levels: list[float] = []

    outcomes = await load.run(town.callers, lambda caller: levels.append(caller.answered_at or 0.0))

    assert [outcome.failure for outcome in outcomes] == [""] * 20
    assert len(levels) == 20
    for outcome in outcomes:
        assert outcome.packets_heard > 80
        assert outcome.packets_sent > 80
        assert outcome.lost == 0
        assert outcome.ended is not None
        assert outcome.ended.by == "party"


@pytest.mark.system
async def test_a_caller_who_hears_nothing_says_what_came_instead(town: Town) -> None:
    caller = await town.callers.call("702", from_number="13800138000", says=town.callers_tone)
    await caller.answered()

    with pytest.raises(NotHeard, match=r"the call to 702 .* packets in 0.5 s, the last 0.5 s at -72.2 dBov"):
        await caller.hears(lambda pcm: level_dbov(pcm) > MUSIC_AT_LEAST_DBOV, within_s=0.5)


@pytest.mark.system
async def test_every_wait_ends_with_sipps_own_words_when_sipp_dies(town: Town) -> None:
    caller = await town.callers.call("700", from_number="13800138000")
    await caller.ringing()

    for pid, command in children().items():
        if "-i 127.0.0.2" in command:
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(SippFailed, match="SIPp ended"):
        await caller.answered()
    with pytest.raises(SippFailed):
        await town.callers.call("12345", from_number="13800138000")


async def test_nothing_answers_where_no_switch_is(media: Media) -> None:
    async with Callers(("127.0.0.1", 9), media, lines=2) as callers:
        caller = await callers.call("12345", from_number="13800138000")
        with pytest.raises(TimeoutError, match=r"the call to 12345 .* was not answered within 0\.2 s"):
            await caller.answered(within_s=0.2)


def test_alaw_says_every_sample_as_near_as_its_256_values_allow() -> None:
    samples = np.arange(-32768, 32768, dtype=np.int16)
    heard = decode_alaw(encode_alaw(samples)).astype(np.int32)
    spoken = np.clip(samples.astype(np.int32), ALAW_VALUES.min(), ALAW_VALUES.max())
    nearest = np.min(np.abs(spoken[::97, None] - ALAW_VALUES[None, :].astype(np.int32)), axis=1)

    assert np.array_equal(np.abs(heard - spoken)[::97], nearest)
    # ITU-T G.711, table 1: smallest and largest positive value; all codes survive the way there and back.
    assert (ALAW_VALUES[0xD5], ALAW_VALUES[0xAA]) == (8, 32256)
    assert encode_alaw(ALAW_VALUES) == bytes(range(256))


def test_a_tone_has_the_level_and_the_frequency_that_were_asked_for() -> None:
    sound = tone(1000.0, 1.0, level=-20.0)

    assert level_dbov(sound) == pytest.approx(-20.0, abs=0.05)
    assert tone_share(sound, 1000.0) > 0.99
    assert tone_share(sound, 1500.0) < 0.01


def test_callers_have_recordings_of_a_person_who_speaks() -> None:
    found = recorded_speech(find_installation(find_paths().asterisk).data / "sounds")

    assert len(found) >= 10
    for recording in found[:10]:
        said = read_wav(recording)
        assert said.size >= 4 * 8_000
        assert level_dbov(said) > -40.0


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_sentence_is_spoken_once_and_kept(tmp_path: Path) -> None:
    first = synthesised_speech("你好,我们小区的暖气不热。", "cmn", tmp_path / "cache")
    made_at = first.stat().st_mtime_ns
    said = read_wav(first)

    assert 8_000 < said.size < 80_000
    assert level_dbov(said) > -40.0
    assert synthesised_speech("你好,我们小区的暖气不热。", "cmn", tmp_path / "cache") == first
    assert first.stat().st_mtime_ns == made_at


def packet(sequence: int, source: int = 1, payload_type: int = 8) -> bytes:
    head = struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, source)
    return head + encode_alaw(tone(440.0, 0.02))


def test_lost_packets_are_counted_across_the_turn_of_the_numbers_and_a_new_sender() -> None:
    heard = Hearing(remember_s=1.0)
    for sequence in (65533, 65534, 65535, 65537, 65538, 65540):
        heard.take(packet(sequence), 0)
    assert (heard.packets, heard.lost) == (6, 2)

    for sequence in (100, 102):
        heard.take(packet(sequence, source=2), 0)
    assert (heard.packets, heard.lost) == (8, 3)


def test_the_largest_gap_is_between_packets_or_from_the_last_one_to_the_end() -> None:
    heard = Hearing(remember_s=1.0)
    assert heard.largest_gap_ms() == float("inf")
    start = time.monotonic_ns() - 1_000_000_000
    for milliseconds in (0, 20, 75, 95):
        heard.take(packet(milliseconds), start + milliseconds * 1_000_000)
    heard.end()

    assert heard.gaps_ms() == pytest.approx([20.0, 55.0, 20.0])
    assert heard.gaps_ms(since=start / 1e9 + 0.05) == pytest.approx([20.0])
    assert heard.largest_gap_ms() == pytest.approx(905.0, abs=50.0)


def test_what_is_no_speech_is_not_heard() -> None:
    heard = Hearing(remember_s=1.0)
    rtcp = b"\x80\xc8" + bytes(26)
    for noise in (b"", b"\x00" * 40, rtcp, packet(1, payload_type=101)):
        heard.take(noise, 0)

    assert heard.packets == 0
