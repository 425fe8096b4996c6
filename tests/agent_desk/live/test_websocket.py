"""The live WebSocket, as browsers use it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import aiohttp
import pytest

from agent_desk.live import socket as live_socket
from telephony.live import STREAM
from tests.agent_desk.browser import LiveView
from tests.agent_desk.house import House

HOSTILE = "O'Brien\"; DROP\r\nX: y\x00 <script>alert(1)</script>\u2028名😀" + "长" * 1000


async def test_a_supervisor_sees_a_call_from_its_arrival_to_its_end(house: House) -> None:
    _, agent = await house.ready_agent("lan")
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.until(lambda view: view.agents[agent.id]["state"] == "ready")
        call = await house.centre.call_comes_in("13911112222", "李四")
        await live.until(lambda view: call.id in view.calls)
        await house.centre.phone_answers()
        await live.until(lambda view: view.calls[call.id]["state"] == "talking")
        shown = live.calls[call.id]
        assert (shown["caller_number"], shown["caller_name"]) == ("13911112222", "李四")
        assert (shown["agent_id"], shown["line"]) == (agent.id, "citizen")
        assert all("leg" not in party for party in shown["parties"])
        await house.centre.caller_hangs_up(call)
        await live.until(lambda view: view.calls[call.id]["state"] == "wrap-up")
        assert {event["type"] for event in live.events} >= {"CallOffered", "PartyJoined", "CallEnded"}


async def test_an_agent_sees_their_own_call_and_of_others_only_how_many_wait(house: House) -> None:
    lan, person = await house.ready_agent("lan")
    await house.supervisor()
    async with lan.live() as live:
        mine = await house.centre.call_comes_in("13911110001")
        await house.centre.phone_answers()
        await live.until(lambda view: view.calls.get(mine.id, {}).get("state") == "talking")
        for number in range(3):
            await house.centre.call_comes_in(f"1391111100{number + 2}", f"等待者{number}")
        await live.until(lambda view: view.queues["citizen"]["waiting"] == 3)
        assert live.queues["citizen"]["waiting_since"] == pytest.approx(time.time(), abs=30)
        assert set(live.calls) == {mine.id}
        assert set(live.agents) == {person.id}
        text = str(live.messages)
        assert "13911110001" in text
        assert "1391111100" not in text.replace("13911110001", "")
        assert "等待者" not in text


async def test_a_call_that_goes_to_somebody_else_leaves_the_first_agents_page(house: House) -> None:
    lan, _ = await house.ready_agent("lan")
    async with lan.live() as live:
        call = await house.centre.call_comes_in()
        await live.until(lambda view: view.calls.get(call.id, {}).get("state") == "ringing")
        await house.centre.phone_does_not_answer()
        await live.until(lambda view: call.id not in view.calls)
        (agent,) = live.agents.values()
        assert (agent["state"], agent["reason"]) == ("not-ready", "no-answer")


async def test_a_page_resumes_after_a_lost_link_with_only_what_changed(house: House) -> None:
    supervisor = await house.supervisor()
    first = await house.centre.call_comes_in("13911110001")
    async with supervisor.live() as live:
        await live.until(lambda view: first.id in view.calls)
        position = live.position
    second = await house.centre.call_comes_in("13911110002")
    async with supervisor.live(since=position) as live:
        message = await live.next()
        assert message["type"] == "changes"
        await live.until(lambda view: second.id in view.calls)
        assert first.id not in live.calls


async def test_a_page_that_was_away_for_too_long_gets_everything_anew(house: House) -> None:
    supervisor = await house.supervisor()
    call = await house.centre.call_comes_in()
    async with supervisor.live(since="1-1") as live:
        message = await live.next()
        assert message["type"] == "snapshot"
        await live.until(lambda view: call.id in view.calls)


async def test_a_hostile_caller_name_arrives_unharmed_and_harmless(house: House) -> None:
    supervisor = await house.supervisor()
    call = await house.centre.call_comes_in("+8613800138000", HOSTILE)
    async with supervisor.live() as live:
        await live.until(lambda view: call.id in view.calls)
        assert live.calls[call.id]["caller_name"] == HOSTILE


async def test_changes_come_at_most_ten_times_a_second_and_the_first_at_once(house: House) -> None:
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.next()
        await asyncio.sleep(0.15)  # The time in which nothing may be sent after the snapshot.
        began = time.monotonic()
        call = await house.centre.call_comes_in()
        await live.until(lambda view: call.id in view.calls)
        assert time.monotonic() - began < 0.5
        before, began = len(live.messages), time.monotonic()
        calls = [await house.centre.call_comes_in() for _ in range(300)]
        await live.until(lambda view: len(view.calls) == len(calls) + 1)
        took = time.monotonic() - began
        assert len(live.messages) - before <= took * 10 + 2


class StuckPage:
    """A page that has opened the WebSocket and reads nothing until it is told to."""

    def __init__(self, house: House, cookie: str) -> None:
        self._request = (
            f"GET /api/live HTTP/1.1\r\nHost: {house.url.partition('//')[2]}\r\nOrigin: {house.url}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: hotline_session={cookie}\r\n\r\n"
        )
        self._port = int(house.url.rpartition(":")[2])
        self._socket = socket.socket()
        # So that little fits between the desk and the page.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)

    async def __aenter__(self) -> StuckPage:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        await loop.sock_sendall(self._socket, self._request.encode())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    async def read_until(self, text: bytes) -> bytes:
        """Read what was sent, until `text` or the end of the link comes; returns all of it."""
        loop, read = asyncio.get_running_loop(), bytearray()
        async with asyncio.timeout(30):
            while text not in read[-(1 << 17) :]:
                piece = await loop.sock_recv(self._socket, 1 << 16)
                if not piece:
                    break
                read += piece
        return bytes(read)


async def flood(house: House, live: LiveView, rounds: int) -> None:
    """More than any buffer between the desk and a page holds: 12 KB a call."""
    for _ in range(rounds):
        for _ in range(10):
            await house.centre.call_comes_in(name="长" * 4000)
        await live.next()
    await live.until(lambda view: len(view.calls) == rounds * 10)


async def test_a_page_that_reads_nothing_holds_nobody_up_and_catches_up_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_socket, "SEND_LIMIT_S", 60.0)
    supervisor = await house.supervisor()
    cookie = next(iter(supervisor.session.cookie_jar)).value
    async with StuckPage(house, cookie) as stuck, supervisor.live() as quick:
        await flood(house, quick, 60)
        last = list(quick.calls)[-1]
        told = await stuck.read_until(last.encode())
        assert last.encode() in told
        messages = told.count(b'{"type":"changes"') + told.count(b'{"type":"snapshot"')
        assert messages < len(quick.messages) / 2


async def test_a_page_that_takes_nothing_any_more_is_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_socket, "SEND_LIMIT_S", 0.2)
    monkeypatch.setattr(live_socket, "CLOSE_LIMIT_S", 0.2)
    supervisor = await house.supervisor()
    cookie = next(iter(supervisor.session.cookie_jar)).value
    async with StuckPage(house, cookie) as stuck:
        async with supervisor.live() as quick:
            await flood(house, quick, 40)
            assert await quick.until(lambda view: len(view.calls) == 400)
        with contextlib.suppress(ConnectionResetError):
            await stuck.read_until(b"never sent")


async def test_a_websocket_from_another_site_is_refused(house: House) -> None:
    supervisor = await house.supervisor()
    for origin in ("https://evil.example", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await supervisor.session.ws_connect(house.url + "/api/live", headers={"Origin": origin})
        assert refused.value.status == 403


async def test_a_websocket_without_a_session_is_refused(house: House) -> None:
    browser = await house.browser()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with browser.live():
            pass
    assert refused.value.status == 401


async def test_what_a_page_sends_is_of_no_consequence(house: House) -> None:
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.next()
        await live.socket.send_str('{"type":"CallClosed","call_id":"x"}')
        call = await house.centre.call_comes_in()
        await live.until(lambda view: call.id in view.calls)
    async with house.redis_server.client() as redis:
        assert b"CallClosed" not in str(await redis.xrange(STREAM)).encode()


async def test_a_page_that_sends_too_much_is_cut_off(house: House) -> None:
    supervisor = await house.supervisor()
    async with supervisor.live() as live:
        await live.next()
        await live.socket.send_str("x" * 100_000)
        assert await live.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
