"""Parts of the hotline die one after the other while callers come and agents work: nobody notices."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from cli.callers import Caller
from cli.callers.desk_client import DeskRefused
from cli.callers.media import Media
from tests.system.faults import kill
from tests.system.hotline import Hotline
from tests.system.once import one_record_of_each
from tests.system.staff import Agent, filled_in, staff_of

PARTS = ("controller", "controller", "redis", "records", "desk", "casestore")
CALLS, DEATHS, SEED = 20, 8, 12345
LOOK_S = 1.0
ALL_SERVED_S = 90.0

pytestmark = pytest.mark.system


async def test_twenty_callers_are_served_while_parts_of_the_hotline_die_one_after_the_other(
    hotline: Hotline, media: Media
) -> None:
    chance = random.Random(SEED)
    numbers = [f"138000000{place:02}" for place in range(CALLS)]
    async with staff_of(hotline, media) as staff:
        agents = [await staff.ready_agent(name) for name in ("wang", "li", "zhao")]
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for agent in agents:
                tasks.create_task(serve(agent, over))
            dialling = tasks.create_task(dial(hotline, numbers, chance))
            for _ in range(DEATHS):
                await asyncio.sleep(chance.uniform(0.2, 1.5))
                await kill(hotline.launcher.parts[chance.choice(PARTS)])
            async with asyncio.timeout(ALL_SERVED_S):
                ends = [await caller.ended(ALL_SERVED_S) for caller in await dialling]
            await hotline.launcher.until_healthy()
            cases = await hotline.until_cases(CALLS)
            over.set()
    assert [end.by for end in ends] == ["hotline"] * CALLS
    await one_record_of_each(hotline, [case["call_id"] for case in cases])
    assert sorted(case["caller"]["number"] for case in cases) == numbers
    assert {case["end_reason"] for case in cases} == {"agent-hung-up"}
    assert all(case["recording"]["complete"] for case in cases)


async def dial(hotline: Hotline, numbers: list[str], chance: random.Random) -> list[Caller]:
    """Let people call one after the other."""
    callers = []
    for number in numbers:
        callers.append(await hotline.callers.call("12345", from_number=number))
        await asyncio.sleep(chance.uniform(0.0, 0.6))
    return callers


async def serve(agent: Agent, over: asyncio.Event) -> None:
    """Talk with whoever comes, hang up, confirm the form, until all is over."""
    while not over.is_set():
        with suppress(TimeoutError):
            await agent.desk.until(lambda desk: desk.me["state"] in ("talking", "wrap-up"), LOOK_S)
        # Refused is what was done before, when only its answer was lost.
        with suppress(DeskRefused):
            if agent.state == "talking":
                await agent.presses("hang-up")
                await agent.becomes("wrap-up")
            elif agent.state == "wrap-up":
                path = f"/api/calls/{agent.call_id}"
                form = await agent.insists("GET", f"{path}/form")
                await agent.insists("POST", f"{path}/confirm", filled_in(form, "路灯不亮"))
