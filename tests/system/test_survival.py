"""Controllers, links and browsers die during calls: no caller is lost, and each call becomes one record."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from cli.callers import Caller, Media, Rings
from cli.callers.desk_client import DeskRefused
from telephony.call import Call, CallState
from telephony.live import Live
from tests.system.agent_browser import DeskPage, chromium
from tests.system.faults import ami_link_of, kill
from tests.system.hotline import PASSWORD, Hotline, running_hotline
from tests.system.once import by_number, one_record_of_each
from tests.system.staff import Agent, Staff, staff_of
from tests.system.voices import LI_HZ, WANG_HZ, hears, hears_music, hears_one_of, voice

KNOWN_AGAIN_LIMIT_S = 10.0
A_FEW = 5
CUT_S = 10.0
SOONER_THAN_RTP_TIMES_OUT_S = 10.0

pytestmark = pytest.mark.system


async def test_the_controller_is_killed_with_twenty_calls_up(
    media: Media, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = {"seats__phone": '["2001-2015"]', "queues__citizen__ring_s": "60"}
    async with running_hotline(media, **settings) as hotline, staff_of(hotline, media) as staff:
        talkers = await some_agents(staff, "talker", says=voice(tmp_path, WANG_HZ))
        talking = await some_callers(hotline, "13800011")
        await all_become(talkers, "talking")
        wrappers = await some_agents(staff, "wrapper")
        wrapped_up = await some_callers(hotline, "13800012")
        await all_become(wrappers, "talking")
        await asyncio.gather(*(agent.hang_up() for agent in wrappers))
        ringers = await some_agents(staff, "ringer", manner=Rings())
        ringing = await some_callers(hotline, "13800013")
        await all_become(ringers, "ringing")
        waiting = await some_callers(hotline, "13800014")
        before = await hotline.live()
        assert Counter(call.state for call in before.calls.values()) == dict.fromkeys(
            (CallState.TALKING, CallState.WRAP_UP, CallState.RINGING, CallState.WAITING), A_FEW
        )

        started = await kill(hotline.launcher.parts["controller"])
        await talkers[0].presses("hold")
        known_again_s = time.time() - started
        record_property("known_again_s", known_again_s)
        print(f"20 calls known again, and one held, {known_again_s:.2f} s after the controller's start")
        assert known_again_s < KNOWN_AGAIN_LIMIT_S
        after = await hotline.live()
        assert whatever_a_call_is(after) == whatever_a_call_is(before)
        assert whatever_an_agent_does(after) == whatever_an_agent_does(before)
        assert all(caller.up for caller in (*talking, *ringing, *waiting))
        assert [(await caller.ended()).by for caller in wrapped_up] == ["hotline"] * A_FEW
        await hears(talking[1], WANG_HZ)
        await talkers[0].presses("resume")
        await hears(talking[0], WANG_HZ)

        for agent in ringers:
            (await agent.phone.rung()).answer()
        await all_become(ringers, "talking")
        assert {agent.call_id for agent in ringers} == calls_in(before, CallState.RINGING)
        for agent in wrappers:
            await agent.confirm()
        await all_become(wrappers, "talking")
        assert {agent.call_id for agent in wrappers} == calls_in(before, CallState.WAITING)
        for agent in (*talkers, *ringers, *wrappers):
            await agent.serve()
        cases = await one_record_of_each(hotline, before.calls)
        assert {case["end_reason"] for case in cases.values()} == {"agent-hung-up"}
        assert all(case["confirmation"]["confirmed"] for case in cases.values())
        assert all(case["recording"]["complete"] for case in cases.values())
        waited = [cases[call_id] for call_id in calls_in(before, CallState.WAITING)]
        assert in_order(waited, "answered_at") == in_order(waited, "offered_at")


async def test_the_link_to_asterisk_is_cut_for_ten_seconds_while_people_come_and_go(
    hotline: Hotline, media: Media, tmp_path: Path
) -> None:
    async with ami_link_of(hotline) as link, staff_of(hotline, media) as staff:
        wang = await staff.ready_agent("wang", says=voice(tmp_path, WANG_HZ))
        with_wang = await hotline.callers.call("12345", from_number="13800000001")
        await hears(with_wang, WANG_HZ)
        li = await staff.ready_agent("li", says=voice(tmp_path, LI_HZ))
        with_li = await hotline.callers.call("12345", from_number="13800000002")
        await hears(with_li, LI_HZ)
        impatient = await hotline.callers.call("12345", from_number="13800000003")
        await hotline.knows("13800000003")

        await link.cut()
        cut_at = asyncio.get_running_loop().time()
        await (await li.phone.rung()).hang_up()
        await hears_music(with_li)
        await impatient.hang_up()
        late = await hotline.callers.call("12345", from_number="13800000004")
        await late.answered()
        with pytest.raises(DeskRefused, match="no-link"):
            await wang.desk.ask("POST", "/api/agent/hold")
        await asyncio.sleep(cut_at + CUT_S - asyncio.get_running_loop().time())
        await link.mend()

        await hotline.knows("13800000004")
        calls = (await hotline.live()).calls
        await hears(with_wang, WANG_HZ)
        assert wang.state == "talking"
        assert (with_li.up, late.up) == (True, True)
        await li.serve()
        await li.serve()
        await wang.serve()
        assert [(await caller.ended()).by for caller in (with_wang, with_li, late)] == ["hotline"] * 3
        cases = by_number(await one_record_of_each(hotline, calls))
        assert cases["13800000003"]["end_reason"] == "abandoned"
        assert cases["13800000004"]["agent_id"] == li.id
        assert {cases[number]["end_reason"] for number in ("13800000001", "13800000002", "13800000004")} == {
            "agent-hung-up"
        }


async def test_with_no_controller_at_all_asterisk_alone_brings_callers_to_agents(
    hotline: Hotline, media: Media, tmp_path: Path
) -> None:
    async with staff_of(hotline, media) as staff:
        wang = await staff.ready_agent("wang", says=voice(tmp_path, WANG_HZ))
        li = await staff.ready_agent("li", says=voice(tmp_path, LI_HZ))
        controller = hotline.launcher.parts["controller"]
        await controller.stop()
        unlucky = await hotline.callers.call("12345", from_number="13800000001", name="张三")
        await unlucky.answered()
        await unlucky.hang_up()
        first = await hotline.callers.call("12345", from_number="13800000002")
        heard = [await hears_one_of(first, WANG_HZ, LI_HZ)]
        second = await hotline.callers.call("12345", from_number="13800000003")
        heard.append(await hears_one_of(second, WANG_HZ, LI_HZ))
        assert set(heard) == {WANG_HZ, LI_HZ}

        since = time.monotonic()
        await controller.start()
        await wang.becomes("talking")
        await li.becomes("talking")
        live = await hotline.until(lambda live: all(call.caller.in_room for call in in_talk(live)))
        talks = {call.caller_number: call.agent_id for call in in_talk(live)}
        served_by = {WANG_HZ: wang.id, LI_HZ: li.id}
        assert talks == {"13800000002": served_by[heard[0]], "13800000003": served_by[heard[1]]}
        await hears(first, heard[0])
        await hears(second, heard[1])
        gap_ms = max(caller.media.heard.largest_gap_ms(since) for caller in (first, second))
        print(f"the largest gap while two pairs were taken over: {gap_ms:.0f} ms")
        await wang.serve()
        await li.serve()
        calls = [case["call_id"] for case in await hotline.until_cases(3)]
        cases = by_number(await one_record_of_each(hotline, calls))
        assert cases["13800000001"]["end_reason"] == "unobserved"


async def test_an_agents_browser_dies_in_mid_call_and_the_next_agent_takes_the_caller(
    media: Media, tmp_path: Path
) -> None:
    async with (
        running_hotline(media, agents__vanish_grace_s="2") as hotline,
        staff_of(hotline, media) as staff,
        chromium(voice(tmp_path, WANG_HZ)) as browser,
    ):
        await hotline.add_person("wang", name="王芳")
        desk = await DeskPage.open(browser, hotline.url)
        await desk.sign_in("wang", PASSWORD)
        await desk.become_ready()
        first = await hotline.callers.call("12345", from_number="13800000001")
        await desk.click("answer")
        await hears(first, WANG_HZ)
        place = (await hotline.knows("13800000001")).waiting_since
        second = await hotline.callers.call("12345", from_number="13800000002")
        await hotline.knows("13800000002")

        await desk.close()
        await hears_music(first, within_s=SOONER_THAN_RTP_TIMES_OUT_S)
        live = await hotline.until(lambda live: not in_talk(live))
        (wang,) = live.agents.values()
        assert (wang.state, wang.reason) == ("not-ready", "phone-lost")
        assert (await hotline.knows("13800000001")).waiting_since == place
        li = await staff.ready_agent("li", says=voice(tmp_path, LI_HZ))
        await hears(first, LI_HZ)
        assert li.desk.call["caller_number"] == "13800000001"
        await li.serve()
        await li.serve()
        assert [(await caller.ended()).by for caller in (first, second)] == ["hotline", "hotline"]
        cases = by_number(await one_record_of_each(hotline, live.calls))
        parties = cases["13800000001"]["parties"]
        assert [party["agent_id"] for party in parties] == [None, wang.id, li.id]
        assert cases["13800000001"]["recording"]["complete"] is True


async def some_agents(staff: Staff, name: str, **profile: Any) -> list[Agent]:
    """A few agents who are ready."""
    return [await staff.ready_agent(f"{name}{number}", **profile) for number in range(A_FEW)]


async def some_callers(hotline: Hotline, numbers: str) -> list[Caller]:
    """A few callers, whom the hotline knows in their order; their numbers begin with `numbers`."""
    begun = []
    for place in range(A_FEW):
        number = f"{numbers}{place:03}"
        begun.append(await hotline.callers.call("12345", from_number=number))
        await hotline.knows(number)
    return begun


async def all_become(agents: Iterable[Agent], state: str) -> None:
    await asyncio.gather(*(agent.becomes(state) for agent in agents))


def whatever_a_call_is(live: Live) -> dict[str, tuple[object, ...]]:
    """What must be known again of each call: who, since when, at which place, with whom."""
    return {call.id: _identity(call) for call in live.calls.values()}


def _identity(call: Call) -> tuple[object, ...]:
    legs = [(party.leg, party.present) for party in call.parties]
    times = (call.offered_at, call.waiting_since, call.answered_at, call.ended_at, call.wrap_up_until)
    return (call.state, call.caller_number, call.caller_name, call.agent_id, times, legs)


def whatever_an_agent_does(live: Live) -> dict[str, tuple[object, ...]]:
    """What must be known again of each agent."""
    return {
        agent.id: (agent.state, agent.reason, agent.state_since, agent.call_id)
        for agent in live.agents.values()
    }


def calls_in(live: Live, state: CallState) -> set[str]:
    return {call.id for call in live.calls.values() if call.state is state}


def in_order(cases: list[dict[str, Any]], moment: str) -> list[str]:
    return [case["call_id"] for case in sorted(cases, key=lambda case: str(case[moment]))]


def in_talk(live: Live) -> list[Call]:
    return [call for call in live.calls.values() if call.state is CallState.TALKING]
