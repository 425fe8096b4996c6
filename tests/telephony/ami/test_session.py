"""What a handler is told while connections come and go: every event once, in order, snapshots between."""

from __future__ import annotations

import asyncio
import time

import pytest

from telephony.ami import Actions, AmiAccount, AmiNotConnected, Message
from tests.telephony.ami.fake_asterisk import FakeAsterisk, numbered
from tests.telephony.ami.private_asterisk import free_port
from tests.telephony.ami.recorder import Recorder, running


def strings(numbers: range) -> list[str]:
    return [str(number) for number in numbers]


async def test_events_during_the_snapshot_come_after_it_in_order_and_once(fake: FakeAsterisk) -> None:
    async def take_snapshot(ami: Actions) -> None:
        reply = await ami.action("CoreShowChannels")
        assert len(reply.events) == 1

    recorder = Recorder(take_snapshot)
    async with running(fake.account, recorder) as client:
        link = await fake.link(booted=False)
        numbered(link, range(3))
        link.event("FullyBooted")
        numbered(link, range(3, 5))
        asked = await link.action("CoreShowChannels")
        link.answer(asked, "EventList: start")
        numbered(link, range(5, 7))
        link.event("CoreShowChannel", ActionID=asked["ActionID"])
        numbered(link, range(7, 9))
        assert not client.connected
        link.event("CoreShowChannelsComplete", ActionID=asked["ActionID"], EventList="Complete")
        numbered(link, range(9, 12))
        await recorder.until(lambda: "11" in recorder.told)

    assert recorder.told == ["snapshot", "ready", *strings(range(12))]


async def test_no_event_is_lost_or_doubled_across_a_broken_link(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.link()
        numbered(link, range(500))
        await link.close()
        link = await fake.link()
        numbered(link, range(500, 1000))
        await recorder.until(lambda: "999" in recorder.told)
        assert client.connected

    assert recorder.told == [
        "snapshot",
        "ready",
        *strings(range(500)),
        "lost: Asterisk closed the connection",
        "snapshot",
        "ready",
        *strings(range(500, 1000)),
    ]


async def test_a_link_that_breaks_during_the_snapshot_is_told_and_followed_by_another(
    fake: FakeAsterisk,
) -> None:
    async def take_snapshot(ami: Actions) -> None:
        await ami.action("Status")

    recorder = Recorder(take_snapshot)
    async with running(fake.account, recorder) as client:
        link = await fake.link()
        asked = await link.action("Status")
        numbered(link, range(3))
        link.answer(asked, "EventList: start")
        await link.close()
        link = await fake.link()
        asked = await link.action("Status")
        link.answer(asked, "EventList: start")
        link.event("StatusComplete", ActionID=asked["ActionID"], EventList="Complete")
        await client.wait_live()

    assert recorder.told[:4] == ["snapshot", "0", "1", "2"]
    assert recorder.told[4].startswith("lost: Asterisk closed the connection")
    assert recorder.told[5:] == ["snapshot", "ready"]


async def test_a_snapshot_that_waits_for_something_else_ends_with_its_link(fake: FakeAsterisk) -> None:
    stopped = asyncio.Event()

    async def take_snapshot(ami: Actions) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    recorder = Recorder(take_snapshot)
    async with running(fake.account, recorder):
        link = await fake.link()
        await recorder.until(lambda: recorder.story)
        await link.close()
        await recorder.until(lambda: recorder.losses)
        assert stopped.is_set()


async def test_a_failing_snapshot_costs_the_connection_and_is_tried_again(fake: FakeAsterisk) -> None:
    async def take_snapshot(ami: Actions) -> None:
        if len(recorder.told) == 1:
            raise RuntimeError("the database is locked")

    recorder = Recorder(take_snapshot)
    async with running(fake.account, recorder) as client:
        await (await fake.link()).closed.wait()
        await fake.link()
        await client.wait_live()

    assert recorder.told == [
        "snapshot",
        "lost: the snapshot failed: the database is locked",
        "snapshot",
        "ready",
    ]


async def test_a_handler_that_falls_behind_by_the_bound_starts_again_instead_of_missing_events(
    fake: FakeAsterisk,
) -> None:
    slow = True

    def handle(message: Message) -> None:
        if slow:
            time.sleep(0.002)

    recorder = Recorder(on_event=handle)
    async with running(fake.account, recorder, backlog=100) as client:
        link = await fake.link()
        await client.wait_live()
        numbered(link, range(3000))
        await recorder.until(lambda: recorder.losses)
        before = recorder.told[2:-1]
        assert before == strings(range(len(before)))
        assert 100 <= len(before) < 3000
        assert recorder.told[-1] == "lost: the handler fell more than 100 events behind"
        slow = False
        link = await fake.link()
        await client.wait_live()
        numbered(link, range(3000, 3050))
        await recorder.until(lambda: "3049" in recorder.told)

    assert recorder.told[len(before) + 3 :] == ["snapshot", "ready", *strings(range(3000, 3050))]


async def test_the_link_is_read_while_the_handler_works_through_a_backlog(fake: FakeAsterisk) -> None:
    def handle(message: Message) -> None:
        time.sleep(0.0005)

    recorder = Recorder(on_event=handle)
    async with running(fake.account, recorder, backlog=10_000) as client:
        link = await fake.link()
        await client.wait_live()
        numbered(link, range(2000))
        await recorder.until(lambda: recorder.events)
        asking = asyncio.create_task(client.action("DBGet", {"Family": "f", "Key": "k"}))
        link.answer(await link.action("DBGet"))
        await asking
        answered_after = len(recorder.events)
        await recorder.until(lambda: "1999" in recorder.told)

    assert answered_after < 2000
    assert recorder.told[2:] == strings(range(2000))


async def test_a_failing_handler_does_not_stop_the_events(fake: FakeAsterisk) -> None:
    def handle(message: Message) -> None:
        if message["Number"] == "1":
            raise ValueError("an event nobody expected")

    recorder = Recorder(on_event=handle)
    async with running(fake.account, recorder) as client:
        numbered(await fake.link(), range(4))
        await recorder.until(lambda: "3" in recorder.told)
        assert client.counters.handler_errors == 1

    assert recorder.told[2:] == strings(range(4))


async def test_silence_does_not_end_a_link_that_answers_pings(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder, keepalive=0.05) as client:
        link = await fake.link()
        ticks = 0
        async with asyncio.timeout(10):
            while link.pings < 12:
                link.event("Tick")
                ticks += 1
                await recorder.until_named("Tick", ticks)
        assert client.connected
        assert client.counters.connections == 1


async def test_an_unanswered_ping_ends_the_link(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder, keepalive=0.1):
        link = await fake.link()
        link.answers_pings = False
        await fake.link()
        await recorder.until(lambda: recorder.told.count("ready") == 2)

    assert recorder.losses == ["lost: the link is dead: Ping: no complete answer within 0.1 s"]
    assert link.closed.is_set()


async def test_asterisk_that_is_still_starting_is_waited_for(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.link(booted=False)
        numbered(link, range(1))
        with pytest.raises(AmiNotConnected, match="not live within"):
            await client.wait_live(0.2)
        assert recorder.story == []
        link.event("FullyBooted")
        await client.wait_live()


async def test_characters_cut_in_two_arrive_whole(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.link()
        await client.wait_live()
        name = "张伟\u2028Channel: forged"
        for byte in f"Event: Newchannel\r\nCallerIDName: {name}\r\n\r\n".encode():
            link.send_bytes(bytes([byte]))
            await link.sent()
        await recorder.until(lambda: recorder.events)

    assert list(recorder.events[0].items()) == [("Event", "Newchannel"), ("CallerIDName", name)]


async def test_a_message_larger_than_the_bound_costs_the_connection(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.link()
        await client.wait_live()
        numbered(link, range(2))
        link.event("Huge", Text="x" * 5_000_000)
        numbered(link, range(2, 4))
        await recorder.until(lambda: recorder.losses)
        assert client.counters.messages_truncated == 1

    assert recorder.told[:4] == ["snapshot", "ready", "0", "1"]
    assert "larger than this client accepts" in recorder.told[4]


async def test_a_refused_login_is_named_and_tried_again(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.raw_link()
        link.answer(await link.action("Challenge"), "Challenge: 1")
        login = await link.action("Login")
        assert "secret" not in login.values()
        link.answer(login, "Message: Authentication failed", response="Error")
        await fake.raw_link()
        assert "Authentication failed; compare its manager.conf" in client.problem
        assert "secret" not in client.problem
        assert recorder.story == []


async def test_a_port_where_something_else_listens_is_named() -> None:
    mail = FakeAsterisk(banner=b"220 mail ESMTP\r\n")
    async with mail.listening(), running(mail.account, Recorder()) as client:
        await mail.raw_link()
        await mail.raw_link()
        assert "not Asterisk's banner but b'220 mail ESMTP'" in client.problem


async def test_a_client_waits_for_an_asterisk_that_starts_later() -> None:
    fake = FakeAsterisk()
    fake.port = free_port()
    recorder = Recorder()
    async with running(AmiAccount("127.0.0.1", fake.port, "controller", "secret"), recorder) as client:
        with pytest.raises(AmiNotConnected, match=r"not live within 0\.3 s: .*[Cc]onnect"):
            await client.wait_live(0.3)
        async with fake.listening():
            await fake.link()
            await client.wait_live()


async def test_the_delays_between_tries_grow_and_differ(
    fake: FakeAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(fake.account, Recorder()):
        for _ in range(5):
            await (await fake.raw_link()).close()
    delays = [float(record.getMessage().split("next try in ")[1].split()[0]) for record in caplog.records]
    assert delays[0] <= 0.1
    assert delays[3] >= 0.35
    assert sorted(delays) == delays


async def test_stopping_the_client_leaves_no_task_and_no_connection(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder) as client:
        link = await fake.link()
        await client.wait_live()
        numbered(link, range(3))
        tasks_within = asyncio.all_tasks()
    await asyncio.wait_for(link.closed.wait(), 5)

    own = {task for task in tasks_within if "Session" in repr(task) or "Dispatcher" in repr(task)}
    assert own
    assert all(task.done() for task in own)
    assert not client.connected
    assert recorder.losses == []


async def test_filters_are_set_before_the_snapshot_and_nothing_else_is_delivered(fake: FakeAsterisk) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder, filters=("Hangup", "OriginateResponse")) as client:
        link = await fake.link()
        link.event("VarSet", Number=1)
        link.event("Hangup", Number=2)
        for name in ("Hangup", "OriginateResponse"):
            asked = await link.action("Filter")
            assert asked["MatchCriteria"] == f"action(include),name({name}),method(none)"
            assert recorder.story == []
            link.answer(asked)
        link.event("OriginateResponse", Number=3)
        await recorder.until(lambda: "3" in recorder.told)
        assert client.counters.events_skipped == 1

    assert recorder.told == ["snapshot", "ready", "2", "3"]


@pytest.mark.parametrize("in_pieces", [False, True])
async def test_a_list_is_gathered_whole_although_its_events_are_not_among_the_wanted(
    fake: FakeAsterisk, in_pieces: bool
) -> None:
    recorder = Recorder()
    async with running(fake.account, recorder, filters=("Hangup",)) as client:
        link = await fake.link()
        link.answer(await link.action("Filter"))
        await client.wait_live()
        asking = asyncio.create_task(client.action("Status"))
        asked = await link.action("Status")
        link.answer(asked, "EventList: start")
        for number in range(3):
            link.event("Status", ActionID=asked["ActionID"], Number=number)
            link.event("OriginateResponse", ActionID="of another client")
            link.event("Hangup", Number=f"live {number}")
            if in_pieces:
                await recorder.until_named("Hangup", number + 1)
        link.event("StatusComplete", ActionID=asked["ActionID"], EventList="Complete")
        reply = await asking
        await recorder.until_named("Hangup", 3)

    assert [event["Number"] for event in reply.events] == ["0", "1", "2"]
    assert recorder.told[2:] == ["live 0", "live 1", "live 2"]
    assert client.counters.events_skipped == 3
