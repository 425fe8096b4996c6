"""What machines that watch the desk are told."""

from __future__ import annotations

import re

from records import outbox
from tests.agent_desk.archive import finished_record
from tests.agent_desk.house import House

SAMPLE = re.compile(r'^(\w+)(?:\{((?:\w+="[^"\\]*",?)*)\})? (-?[0-9.e+]+|NaN)$')


def samples(text: str) -> dict[str, float]:
    """Parse the exposition format, strictly."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = SAMPLE.match(line)
            assert match, line
            found[f"{match[1]}{{{match[2]}}}" if match[2] else match[1]] = float(match[3])
    return found


async def test_a_desk_that_can_work_is_healthy(house: House) -> None:
    browser = await house.browser()
    answer = await browser.get("/healthz")
    assert (answer.status, answer.json) == (200, {"live_state": "ok", "database": "ok"})


async def test_a_database_without_tables_is_not_healthy(house: House) -> None:
    async with house.database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE people RENAME TO persons")
    answer = await (await house.browser()).get("/healthz")
    assert (answer.status, answer.json) == (503, {"live_state": "ok", "database": "away"})


async def test_figures_count_calls_agents_waits_and_undelivered_records(house: House) -> None:
    browser, _ = await house.ready_agent("lan")
    await house.agent("wei")
    await house.centre.call_comes_in()
    await house.centre.phone_answers()
    waiting = [await house.centre.call_comes_in() for _ in range(3)]
    record = await finished_record(house)
    await finished_record(house)
    await outbox.mark_dead(house.database, record.call_id, now=1.0, reason="no")
    async with browser.live() as live:
        await live.until(lambda view: view.queues["citizen"]["waiting"] == len(waiting))
    answer = await browser.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = samples(answer.body.decode())
    assert found['hotline_calls{queue="citizen",state="talking"}'] == 1
    assert found['hotline_calls{queue="citizen",state="waiting"}'] == 3
    assert found['hotline_calls{queue="elderly",state="waiting"}'] == 0
    assert found['hotline_agents{state="talking"}'] == 1
    assert found['hotline_agents{state="not-ready"}'] == 1
    assert 0 < found['hotline_longest_wait_seconds{queue="citizen"}'] < 60
    assert found['hotline_outbox_records{state="pending"}'] == 1
    assert found['hotline_outbox_records{state="dead"}'] == 1
    assert found["hotline_live_state_lag_seconds"] == 0


async def test_figures_are_not_for_whoever_comes_through_a_proxy(house: House) -> None:
    stranger = await house.browser()
    through = {"X-Forwarded-For": "203.0.113.9"}
    refused = await stranger.ask("GET", "/metrics", headers=through)
    assert (refused.status, refused.error) == (403, "wrong-role")
    agent, _ = await house.agent("lan")
    assert (await agent.ask("GET", "/metrics", headers=through)).status == 403
    supervisor = await house.supervisor()
    assert (await supervisor.ask("GET", "/metrics", headers=through)).status == 200
