"""What becomes of an action: its whole answer, or an error that says whether it may have been carried out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from telephony.ami import (
    Actions,
    AmiActionFailed,
    AmiClient,
    AmiDisconnected,
    AmiNotConnected,
    AmiProtocolError,
    AmiTimeout,
    BadActionValue,
)
from tests.telephony.ami.fake_asterisk import FakeAsterisk, FakeLink
from tests.telephony.ami.recorder import Recorder, running

ORIGINATE = {"Channel": "PJSIP/119@trunk", "Async": "true"}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def client(fake: FakeAsterisk, recorder: Recorder) -> AsyncIterator[AmiClient]:
    async with running(fake.account, recorder) as client:
        yield client


@pytest.fixture
async def link(fake: FakeAsterisk, client: AmiClient) -> FakeLink:
    link = await fake.link()
    await client.wait_live()
    return link


async def test_answers_find_their_actions_in_any_order(client: AmiClient, link: FakeLink) -> None:
    asking = [asyncio.create_task(client.action("Getvar", {"Variable": str(number)})) for number in range(20)]
    asked = [await link.action("Getvar") for _ in asking]
    for action in reversed(asked):
        link.answer(action, f"Value: {action['Variable']}")
    replies = await asyncio.gather(*asking)
    assert [reply.response["Value"] for reply in replies] == [str(number) for number in range(20)]


async def test_two_lists_at_a_time_are_gathered_each_to_its_end(
    client: AmiClient, link: FakeLink, recorder: Recorder
) -> None:
    first, second = asyncio.create_task(client.action("Status")), asyncio.create_task(client.action("Status"))
    one, two = await link.action("Status"), await link.action("Status")
    link.answer(one, "EventList: start", "Message: Channel status will follow")
    link.answer(two, "EventList: start", "Message: Channel status will follow")
    for number in range(4):
        link.event("Status", ActionID=(one, two)[number % 2]["ActionID"], Number=number)
        link.event("Hangup", Number=f"live {number}")
    link.event("StatusComplete", ActionID=two["ActionID"], EventList="Complete", ListItems=2)
    link.event("StatusComplete", ActionID=one["ActionID"], EventList="Complete", ListItems=2)

    assert [event["Number"] for event in (await first).events] == ["0", "2"]
    assert [event["Number"] for event in (await second).events] == ["1", "3"]
    await recorder.until(lambda: "live 3" in recorder.told)
    assert recorder.told[2:] == ["live 0", "live 1", "live 2", "live 3"]


async def test_the_outcome_of_a_call_that_was_ordered_reaches_the_handler(
    client: AmiClient, link: FakeLink, recorder: Recorder
) -> None:
    asking = asyncio.create_task(client.action("Originate", ORIGINATE, action_id="call-7"))
    asked = await link.action("Originate")
    assert asked["ActionID"] == "call-7"
    # It may come before the answer that announces it.
    link.event("OriginateResponse", ActionID="call-7", Response="Failure")
    link.answer(asked, "Message: Originate successfully queued")
    link.event("OriginateResponse", ActionID="call-7", Response="Success")

    assert (await asking).message == "Originate successfully queued"
    await recorder.until(lambda: len(recorder.events) == 2)
    assert [event["Response"] for event in recorder.events] == ["Failure", "Success"]


async def test_a_refusal_is_raised_in_asterisks_words(client: AmiClient, link: FakeLink) -> None:
    asking = asyncio.create_task(client.action("PJSIPShowContacts"))
    link.answer(await link.action("PJSIPShowContacts"), "Message: No Contacts found\n", response="Error")
    with pytest.raises(AmiActionFailed, match=r"^PJSIPShowContacts: No Contacts found$") as caught:
        await asking
    assert caught.value.reply.message == "No Contacts found"


async def test_an_unanswered_call_to_119_fails_with_its_link_and_is_not_placed_again(
    fake: FakeAsterisk, client: AmiClient, link: FakeLink
) -> None:
    asking = asyncio.create_task(client.action("Originate", ORIGINATE))
    await link.action("Originate")
    await link.close()
    with pytest.raises(AmiDisconnected, match="unknown whether it was carried out") as caught:
        await asking
    assert not isinstance(caught.value, AmiNotConnected)

    again = await fake.link()
    await client.wait_live()
    asking = asyncio.create_task(client.action("CoreStatus"))
    again.answer(await again.action("CoreStatus"))
    await asking
    assert again.unread() == 0


async def test_a_list_cut_short_is_no_answer(client: AmiClient, link: FakeLink) -> None:
    asking = asyncio.create_task(client.action("Status"))
    asked = await link.action("Status")
    link.answer(asked, "EventList: start")
    link.event("Status", ActionID=asked["ActionID"])
    await link.close()
    with pytest.raises(AmiDisconnected):
        await asking


async def test_without_a_live_link_an_action_is_certainly_not_sent(fake: FakeAsterisk) -> None:
    held = asyncio.Event()

    async def take_snapshot(ami: Actions) -> None:
        await held.wait()

    recorder = Recorder(take_snapshot)
    async with running(fake.account, recorder) as client:
        with pytest.raises(AmiNotConnected, match="not sent"):
            await client.action("Originate", ORIGINATE)
        link = await fake.link()
        await recorder.until(lambda: recorder.story)
        with pytest.raises(AmiNotConnected, match="not sent"):
            await client.action("Originate", ORIGINATE)
        held.set()
        await client.wait_live()
        assert link.unread() == 0


async def test_the_action_that_notices_the_broken_link_says_so(
    client: AmiClient, link: FakeLink, recorder: Recorder
) -> None:
    await link.close()
    await recorder.until(lambda: recorder.losses)
    with pytest.raises(AmiNotConnected, match="Asterisk closed the connection"):
        await client.action("Originate", ORIGINATE)


async def test_a_late_answer_is_dropped_and_counted(client: AmiClient, link: FakeLink) -> None:
    with pytest.raises(AmiTimeout, match=r"Originate: no complete answer within 0\.05 s"):
        await client.action("Originate", ORIGINATE, timeout=0.05)
    link.answer(await link.action("Originate"), "Message: too late")

    asking = asyncio.create_task(client.action("CoreStatus"))
    link.answer(await link.action("CoreStatus"), "Message: in time")
    assert (await asking).message == "in time"
    assert client.counters.timeouts == 1
    assert client.counters.responses_late == 1
    assert client.counters.responses_unknown == 0


async def test_a_late_list_is_not_taken_for_live_events(
    client: AmiClient, link: FakeLink, recorder: Recorder
) -> None:
    with pytest.raises(AmiTimeout):
        await client.action("Status", timeout=0.05)
    asked = await link.action("Status")
    link.answer(asked, "EventList: start")
    link.event("Status", ActionID=asked["ActionID"])
    link.event("StatusComplete", ActionID=asked["ActionID"], EventList="Complete")
    link.event("Hangup", Number="live")

    await recorder.until(lambda: recorder.events)
    assert recorder.told[2:] == ["live"]


async def test_a_list_that_does_not_end_in_time_is_no_answer(client: AmiClient, link: FakeLink) -> None:
    asking = asyncio.create_task(client.action("Status", timeout=0.1))
    asked = await link.action("Status")
    link.answer(asked, "EventList: start")
    with pytest.raises(AmiTimeout):
        await asking


async def test_the_answer_to_an_action_that_nobody_waits_for_any_more_is_dropped(
    client: AmiClient, link: FakeLink
) -> None:
    asking = asyncio.create_task(client.action("Originate", ORIGINATE))
    asked = await link.action("Originate")
    asking.cancel()
    await asyncio.wait([asking])
    link.answer(asked)
    following = asyncio.create_task(client.action("CoreStatus"))
    link.answer(await link.action("CoreStatus"))
    await following
    assert client.counters.responses_late == 1


async def test_an_answer_that_nobody_asked_for_is_counted(client: AmiClient, link: FakeLink) -> None:
    link.send("Response: Success", "ActionID: of another time")
    link.send("Response: Success")
    link.send("Output: neither event nor response")
    asking = asyncio.create_task(client.action("CoreStatus"))
    link.answer(await link.action("CoreStatus"))
    await asking
    assert client.counters.responses_unknown == 2
    assert client.counters.messages_unknown == 1


async def test_an_answer_too_large_fails_its_action_and_leaves_the_link(
    client: AmiClient, link: FakeLink
) -> None:
    asking = asyncio.create_task(client.action("Command", {"Command": "core show channels"}, action_id="7"))
    link.answer(await link.action("Command"), "Output: " + "x" * 5_000_000)
    with pytest.raises(AmiProtocolError, match="larger than this client accepts"):
        await asking
    asking = asyncio.create_task(client.action("CoreStatus", action_id="7"))
    link.answer(await link.action("CoreStatus"))
    await asking


async def test_a_second_answer_does_not_end_a_list(client: AmiClient, link: FakeLink) -> None:
    asking = asyncio.create_task(client.action("Status"))
    asked = await link.action("Status")
    link.answer(asked, "EventList: start")
    link.answer(asked, "Message: again", response="Error")
    link.event("Status", ActionID=asked["ActionID"])
    link.event("StatusComplete", ActionID=asked["ActionID"], EventList="Complete")
    assert len((await asking).events) == 1
    assert client.counters.responses_unknown == 1


async def test_a_bad_value_is_refused_before_anything_is_sent(client: AmiClient, link: FakeLink) -> None:
    with pytest.raises(BadActionValue, match="CallerID"):
        await client.action("Originate", {**ORIGINATE, "CallerID": "x\r\nApplication: System"})
    asking = asyncio.create_task(client.action("CoreStatus"))
    link.answer(await link.action("CoreStatus"))
    await asking
    assert link.unread() == 0


async def test_an_id_under_way_cannot_be_used_twice(client: AmiClient, link: FakeLink) -> None:
    asking = asyncio.create_task(client.action("Originate", ORIGINATE, action_id="call-7"))
    asked = await link.action("Originate")
    with pytest.raises(ValueError, match="call-7"):
        await client.action("Originate", ORIGINATE, action_id="call-7")
    link.answer(asked)
    await asking


async def test_stopping_the_client_fails_what_is_under_way(fake: FakeAsterisk) -> None:
    async with running(fake.account, Recorder()) as client:
        link = await fake.link()
        await client.wait_live()
        asking = asyncio.create_task(client.action("Originate", ORIGINATE))
        await link.action("Originate")
    with pytest.raises(AmiDisconnected, match="unknown whether it was carried out"):
        await asking
