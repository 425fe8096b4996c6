"""Callers who wait: whose turn it is, and what becomes of those whom an agent does not answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cli.callers.audio import level_dbov
from cli.callers.media import Media
from cli.callers.seat_phone import Refuses, Rings
from telephony.call import CallState
from tests.system.hotline import Hotline, running_hotline
from tests.system.staff import Agent, Staff, staff_of

pytestmark = pytest.mark.system


@pytest.fixture
async def staff(hotline: Hotline, media: Media) -> AsyncIterator[Staff]:
    async with staff_of(hotline, media) as staff:
        yield staff


async def test_a_caller_who_hangs_up_in_the_queue_is_recorded_as_having_given_up(hotline: Hotline) -> None:
    caller = await hotline.callers.call("12345", from_number="13800138000")
    await caller.hears(lambda pcm: level_dbov(pcm) > -50)
    live = await hotline.until(lambda live: bool(live.calls))
    assert (await caller.hang_up()).by == "party"
    (case,) = await hotline.until_cases(1)
    assert [case["call_id"]] == list(live.calls)
    assert case["end_reason"] == "abandoned"
    assert case["answered_at"] is None
    assert case["agent_id"] is None
    assert case["durations"]["talk_s"] == 0
    assert case["durations"]["wait_s"] > 0
    assert case["recording"]["complete"] is True
    await hotline.until(lambda live: not live.calls)


async def test_a_caller_keeps_their_place_while_one_agent_refuses_and_another_does_not_answer(
    media: Media,
) -> None:
    async with (
        running_hotline(media, queues__citizen__ring_s="5") as hotline,
        staff_of(hotline, media) as staff,
    ):
        first = await hotline.callers.call("12345", from_number="13800000001")
        place = (await hotline.knows("13800000001")).waiting_since
        second = await hotline.callers.call("12345", from_number="13800000002")
        await hotline.knows("13800000002")
        busy = await staff.ready_agent("busy", Refuses())
        await busy.is_set_aside("refused")
        absent = await staff.ready_agent("absent", Rings())
        await absent.is_set_aside("no-answer")
        assert {call.state for call in (await hotline.live()).calls.values()} == {CallState.WAITING}
        diligent = await staff.ready_agent("diligent")
        await diligent.becomes("talking")
        assert diligent.desk.call["caller_number"] == "13800000001"
        assert diligent.desk.call["waiting_since"] == place
        await diligent.hang_up()
        await diligent.confirm()
        await diligent.serve()
        assert [(await caller.ended()).by for caller in (first, second)] == ["hotline", "hotline"]
        cases = {case["caller"]["number"]: case for case in await hotline.until_cases(2)}
        parties = cases["13800000001"]["parties"][1:]
        assert [(party["agent_id"], party["outcome"]) for party in parties] == [
            (busy.id, "refused"),
            (absent.id, "no-answer"),
            (diligent.id, "joined"),
        ]
        assert [party["agent_id"] for party in cases["13800000002"]["parties"]] == [None, diligent.id]
        assert (busy.state, absent.state) == ("not-ready", "not-ready")


async def test_twenty_callers_and_three_agents_first_come_first_served(
    hotline: Hotline, staff: Staff
) -> None:
    numbers = [f"138000001{place:02}" for place in range(20)]
    for number in numbers:
        await hotline.callers.call("12345", from_number=number)
        await hotline.knows(number)
    agents = [await staff.agent(name) for name in ("wang", "li", "zhao")]
    await asyncio.gather(*(agent.be_ready() for agent in agents))
    served: list[str] = []

    async def work(agent: Agent) -> None:
        while len(served) < len(numbers):
            served.append("")
            await agent.serve()

    await asyncio.gather(*map(work, agents))
    cases = await hotline.until_cases(len(numbers))
    rung = sorted(cases, key=lambda case: case["parties"][1]["rang_at"])
    assert [case["caller"]["number"] for case in rung] == numbers
    assert {case["end_reason"] for case in cases} == {"agent-hung-up"}
    assert all(case["confirmation"]["confirmed"] and case["recording"]["complete"] for case in cases)
    assert len({case["agent_id"] for case in cases}) == 3
    assert_no_agent_had_two_callers(cases)


async def test_an_enterprise_comes_before_citizens_unless_they_have_waited_much_longer(media: Media) -> None:
    # A second of waiting weighs as much as a level of priority, and the green channel has four.
    async with running_hotline(media, acd__ageing_s="1") as hotline, staff_of(hotline, media) as staff:
        head_start_s = hotline.deployment.config.queues.lines["enterprise"].priority
        await hotline.callers.call("12345", from_number="13800000001")
        await hotline.knows("13800000001")
        await asyncio.sleep(head_start_s)
        await hotline.callers.call("12345", from_number="13800000002")
        await hotline.knows("13800000002")
        await hotline.callers.call("1234501", from_number="01065000003")
        await hotline.knows("01065000003")
        agent = await staff.ready_agent("wang", skills={"citizen": 3, "enterprise": 3})
        for _ in range(3):
            await agent.serve()
        cases = sorted(await hotline.until_cases(3), key=lambda case: str(case["answered_at"]))
        numbers = [case["caller"]["number"] for case in cases]
        assert numbers == ["13800000001", "01065000003", "13800000002"]
        assert [case["line"] for case in cases] == ["citizen", "enterprise", "citizen"]


def assert_no_agent_had_two_callers(cases: list[dict[str, Any]]) -> None:
    """From the ringing of one call to the end of its wrap-up, no other call may touch the same agent."""
    spans = sorted((case["agent_id"], case["parties"][1]["rang_at"], case["closed_at"]) for case in cases)
    for (agent, _, until), (next_agent, since, _) in itertools.pairwise(spans):
        assert agent != next_agent or since >= until
