"""How long a session lives, and what becomes of its agent when it has ended."""

from __future__ import annotations

import time

import pytest

from agent_desk import sessions as module
from agent_desk.departures import Departures
from agent_desk.sessions import IDLE_S, LONGEST_S
from telephony import commands
from tests.agent_desk.house import PASSWORD, House


class Clock:
    """Stands in for the time module where sessions look at the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        monkeypatch.setattr(module, "time", self)

    def time(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def test_a_session_ends_when_nothing_is_heard_of_it_for_too_long(house: House, clock: Clock) -> None:
    browser = await house.supervisor()
    clock.advance(IDLE_S - 5)
    assert (await browser.get("/api/session")).status == 200
    clock.advance(IDLE_S - 5)
    assert (await browser.get("/api/session")).status == 200
    clock.advance(IDLE_S + 5)
    assert (await browser.get("/api/session")).status == 401


async def test_a_session_ends_after_a_shift_however_busy_it_was(house: House, clock: Clock) -> None:
    browser = await house.supervisor()
    for _ in range(int(LONGEST_S / IDLE_S * 2)):
        clock.advance(IDLE_S / 2)
        last = await browser.get("/api/session")
    assert last.status == 401


async def test_an_agent_whose_session_ended_leaves_the_seat_for_others(house: House, clock: Clock) -> None:
    _, person = await house.agent("lan")
    clock.advance(IDLE_S + 1)
    await Departures(house.desk.sessions, house.desk.bus).look()
    assert commands.SignOut(agent_id=person.id) in house.centre.asked
    assert person.id not in house.centre.centre.agents
    assert await house.desk.sessions.ended(10) == []


async def test_an_agent_whose_session_ended_in_a_call_leaves_once_it_is_over(
    house: House, clock: Clock
) -> None:
    _, person = await house.ready_agent("lan")
    call = await house.centre.call_comes_in()
    await house.centre.phone_answers()
    clock.advance(LONGEST_S + 1)
    departures = Departures(house.desk.sessions, house.desk.bus)
    await departures.look()
    assert house.centre.centre.agents[person.id].state == "talking"
    await house.centre.caller_hangs_up(call)
    await house.desk.bus.ask(commands.FinishWrapUp(agent_id=person.id, call_id=call.id))
    await departures.look()
    assert person.id not in house.centre.centre.agents


async def test_an_agent_who_signed_in_again_is_not_signed_out_for_the_old_session(
    house: House, clock: Clock
) -> None:
    first, person = await house.agent("lan")
    session = await house.desk.sessions.find(next(iter(first.session.cookie_jar)).value)
    assert session is not None
    await house.desk.sessions.end(session, owes_sign_out=True)
    second = await house.browser()
    assert (await second.sign_in("lan", PASSWORD)).status == 200
    await Departures(house.desk.sessions, house.desk.bus).look()
    assert person.id in house.centre.centre.agents


async def test_ending_all_sessions_of_a_person_closes_each_of_their_pages(house: House) -> None:
    first = await house.supervisor()
    second = await house.browser()
    await second.sign_in("super", PASSWORD)
    user_id = (await first.get("/api/session")).json["user"]["id"]
    async with first.live() as one, second.live() as other:
        await one.next()
        await other.next()
        assert await house.desk.sessions.end_all(user_id) == 2
        assert await one.closed() == 4401
        assert await other.closed() == 4401
    assert (await first.get("/api/session")).status == (await second.get("/api/session")).status == 401
