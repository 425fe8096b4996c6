"""The client against a real Asterisk."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.ami import (
    Actions,
    AmiActionFailed,
    AmiClient,
    AmiHandler,
    AmiNotConnected,
    BadActionValue,
    Message,
    encode_action,
    unescape,
    variable,
)
from tests.telephony.ami.private_asterisk import PrivateAsterisk
from tests.telephony.ami.recorder import Recorder, running

pytestmark = pytest.mark.xdist_group("ami-asterisk")


async def call(client: AmiClient, extension: str, *headers: tuple[str, str]) -> str:
    """A call between `extension` and a waiting application; return its channel's unique id once it is up."""
    channel_id = uuid4().hex
    reply = await client.action(
        "Originate",
        [
            ("Channel", f"Local/{extension}@default"),
            ("Context", "default"),
            ("Exten", "wait"),
            ("Priority", "1"),
            ("Async", "true"),
            ("ChannelId", channel_id),
            ("OtherChannelId", channel_id + "-far"),
            *headers,
        ],
        action_id=channel_id,
    )
    assert reply.message == "Originate successfully queued"
    return channel_id


async def hang_up(client: AmiClient, recorder: Recorder, channel_id: str) -> None:
    await recorder.until(lambda: channel_id in ids(recorder, "Newchannel"))
    await client.action("Hangup", {"Channel": channel_id})
    await recorder.until(lambda: {channel_id, f"{channel_id}-far"} <= ids(recorder, "Hangup"))


def ids(recorder: Recorder, event: str) -> set[str]:
    return {message["Uniqueid"] for message in recorder.named(event)}


async def test_command_output_comes_line_by_line(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk.account(), Recorder()) as client:
        await client.wait_live()
        reply = await client.action("Command", {"Command": "dialplan show default"})
        with pytest.raises(AmiActionFailed) as refused:
            await client.action("Command", {"Command": "no such thing"})

    shown = asterisk.console("dialplan show default")
    assert reply.output == shown.removesuffix("\n").split("\n")
    assert len(reply.output) > 5
    assert refused.value.reply.output[0].startswith("No such command 'no such thing'")


async def test_a_call_is_in_the_list_with_its_variables_and_its_events_are_in_order(
    asterisk: PrivateAsterisk,
) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        channel_id = await call(client, "wait", variable("LINE", "citizen"), variable("NOTE", "a: b, c=d"))
        await recorder.until_named("OriginateResponse")
        listed = await client.action("Status", {"Variables": "LINE,NOTE"})
        await hang_up(client, recorder, channel_id)

    ours = next(event for event in listed.events if event["Uniqueid"] == channel_id)
    assert ours.getall("Variable") == ["LINE=citizen", "NOTE=a: b, c=d"]
    assert [event.event for event in listed.events] == ["Status"] * len(listed.events)
    outcome = recorder.named("OriginateResponse")[-1]
    assert outcome["ActionID"] == channel_id
    assert outcome["Response"] == "Success"
    assert not recorder.named("Status")
    lives = [event.event for event in recorder.events if event.get("Uniqueid") == channel_id]
    assert lives[0] == "Newchannel"
    assert lives.index("Newstate") < lives.index("Hangup")


async def test_a_call_that_nobody_takes_is_told_by_its_id(asterisk: PrivateAsterisk) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        channel_id = await call(client, "busy")
        await recorder.until_named("OriginateResponse")

    outcome = recorder.named("OriginateResponse")[0]
    assert outcome["ActionID"] == channel_id
    assert outcome["Response"] == "Failure"


ROUNDS = 12


class Follower(Recorder):
    """Knows which channels there are: from its snapshot, then by events alone."""

    def __init__(self) -> None:
        super().__init__(self._list)
        self.present: set[str] = set()
        self.listed = 0

    def heard_the_last_round(self) -> bool:
        return bool(self.story) and self.told[-1] == str(ROUNDS - 1)

    async def _list(self, ami: Actions) -> None:
        self.present = {event["Uniqueid"] for event in (await ami.action("Status")).events}
        self.listed = len(self.present)

    def event(self, message: Message) -> None:
        if message.event == "Newchannel":
            self.present.add(message["Uniqueid"])
        elif message.event == "Hangup":
            self.present.discard(message["Uniqueid"])
        super().event(message)


async def test_who_connects_while_calls_come_and_go_knows_every_channel_all_the_same(
    asterisk: PrivateAsterisk,
) -> None:
    recorder = Recorder()
    followers = [Follower() for _ in range(ROUNDS)]
    async with AsyncExitStack() as clients:
        caller = await clients.enter_async_context(running(asterisk.account(), recorder))
        await caller.wait_live()
        kept = []
        for number, follower in enumerate(followers):
            await clients.enter_async_context(running(asterisk.account(), follower))
            going = [await call(caller, "room") for _ in range(4)]
            kept.append(going.pop())
            await asyncio.gather(*(hang_up(caller, recorder, channel_id) for channel_id in going))
            await caller.action("UserEvent", [("UserEvent", "Round"), ("Number", number)])
        for follower in followers:
            await follower.until(follower.heard_the_last_round)
        known = [set(follower.present) for follower in followers]
        there = {event["Uniqueid"] for event in (await caller.action("Status")).events}
        await asyncio.gather(*(hang_up(caller, recorder, channel_id) for channel_id in kept))

    assert len(there) >= 2 * len(kept)
    assert any(follower.listed for follower in followers)
    assert known == [there] * len(followers)
    for follower in followers:
        begun = [event["Uniqueid"] for event in follower.named("Newchannel")]
        assert len(begun) == len(set(begun))


async def test_a_filter_set_on_asterisk_lets_only_the_wanted_events_through(
    asterisk: PrivateAsterisk,
) -> None:
    filtered, all_events = Recorder(), Recorder()
    async with (
        running(asterisk.account(), filtered, filters=("Hangup", "OriginateResponse")) as client,
        running(asterisk.account(), all_events) as other,
    ):
        await client.wait_live()
        await other.wait_live()
        skipped = client.counters.events_skipped
        channel_id = await call(client, "wait")
        await filtered.until_named("OriginateResponse")
        listed = await client.action("Status")
        await hang_up(other, all_events, channel_id)
        await filtered.until(lambda: f"{channel_id}-far" in ids(filtered, "Hangup"))

        # What Asterisk does not send, the client has not to skip.
        assert client.counters.events_skipped == skipped
    assert {event.event for event in filtered.events} == {"Hangup", "OriginateResponse"}
    assert channel_id in {event["Uniqueid"] for event in listed.events}
    assert len(all_events.events) > 2 * len(filtered.events)


async def _until_problem(client: AmiClient, text: str) -> None:
    for _ in range(50):
        with pytest.raises(AmiNotConnected) as caught:
            await client.wait_live(0.1)
        if text in str(caught.value):
            return
    raise AssertionError(client.problem)


async def test_a_wrong_secret_is_refused(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk.account(secret="wrong"), Recorder()) as client:
        await _until_problem(client, "Authentication failed")


async def test_an_account_without_the_right_is_refused_by_name(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk.account("quiet"), Recorder()) as client:
        await client.wait_live()
        with pytest.raises(AmiActionFailed, match="Command: Permission denied"):
            await client.action("Command", {"Command": "core show uptime"})


async def test_an_account_that_may_not_set_filters_is_told_to(asterisk: PrivateAsterisk) -> None:
    async with running(asterisk.account("reader"), Recorder(), filters=("Hangup",)) as client:
        await _until_problem(client, "Filter: Permission denied")


async def test_headers_that_repeat_arrive_in_order(asterisk: PrivateAsterisk) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        channel_id = await call(client, "wait", variable("LINE", "citizen"), variable("NOTE", "first"))
        await hang_up(client, recorder, channel_id)

    last = next(event for event in recorder.named("Hangup") if event["Uniqueid"] == channel_id)
    assert last.getall("ChanVariable") == ["LINE=citizen", "NOTE=first"]
    assert last["ChanVariable"] == "LINE=citizen"


@pytest.mark.parametrize(
    "hostile",
    [
        "张伟 \u2028Channel: forged",
        "a\x85Event: Hangup",
        '"><script>alert(1)</script>',
        "' OR 1=1; --",
        "x" * 900,
    ],
)
async def test_hostile_text_goes_to_asterisk_and_back_unharmed(
    asterisk: PrivateAsterisk, hostile: str
) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        await client.action("UserEvent", {"UserEvent": "Said", "Text": hostile})
        await recorder.until_named("UserEvent")
    [said] = recorder.named("UserEvent")
    assert said["Text"] == hostile
    assert not recorder.named("Hangup")


async def test_the_longest_line_and_the_most_headers_that_are_accepted_are_read(
    asterisk: PrivateAsterisk,
) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        longest = "x" * (1024 - len("Text: ") - 2)
        await client.action("UserEvent", {"UserEvent": "Long", "Text": longest})
        await client.action("UserEvent", [("UserEvent", "Wide"), *((f"H{n}", "1") for n in range(125))])
        await recorder.until_named("UserEvent", 2)

    assert recorder.named("UserEvent")[0]["Text"] == longest
    assert "H124" in recorder.named("UserEvent")[1]


# What Asterisk gives a meaning to in a Variable header, and what it does not.
pieces = st.lists(
    st.sampled_from(
        [",", "\\", '"', "(", ")", "[", "]", "'", "=", " ", "${X}", "$[1+1]", "张", ";", "|", "B=2", "a"]
    ),
    max_size=12,
).map("".join)


async def test_a_variable_arrives_as_it_was_given_and_brings_no_other(asterisk: PrivateAsterisk) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        values: list[str] = []

        @settings(max_examples=40, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(pieces)
        def collect(value: str) -> None:
            values.append(value)

        collect()
        for number, value in enumerate(values, start=1):
            channel_id = await call(client, "wait", variable("NOTE", value), variable("B", "1"))
            await recorder.until_named("OriginateResponse", number)
            for name, expected in (("NOTE", value), ("B", "1")):
                got = await client.action("Getvar", {"Channel": channel_id, "Variable": name})
                assert got.response["Value"] == expected
            await client.action("Hangup", {"Channel": channel_id})


@pytest.mark.parametrize("name", ["O'Brien", '"><script>alert(1)</script>', "a\\b ?", "张伟 \u2028x", "\\n"])
async def test_a_callers_name_can_be_had_as_it_was_sent(asterisk: PrivateAsterisk, name: str) -> None:
    recorder = Recorder()
    async with running(asterisk.account(), recorder) as client:
        await client.wait_live()
        channel_id = await call(client, "wait")
        await recorder.until(lambda: channel_id in ids(recorder, "Newchannel"))
        await client.action("Setvar", {"Channel": channel_id, "Variable": "CALLERID(name)", "Value": name})
        await recorder.until(lambda: channel_id in ids(recorder, "NewCallerid"))
        listed = (await client.action("Status", {"Channel": channel_id})).events
        told = next(event for event in recorder.named("NewCallerid") if event["Uniqueid"] == channel_id)
        await hang_up(client, recorder, channel_id)

    assert unescape(told["CallerIDName"]) == name
    assert [unescape(event["CallerIDName"]) for event in listed] == [name]


async def test_after_a_restart_of_asterisk_the_client_takes_a_new_snapshot(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    private = PrivateAsterisk(tmp_path_factory.mktemp("restart"))
    private.start()
    recorder = Recorder()
    try:
        async with running(private.account(), recorder) as client:
            await client.wait_live()
            await call(client, "wait")
            await recorder.until_named("OriginateResponse")
            await asyncio.to_thread(private.stop)
            await recorder.until(lambda: recorder.losses)
            starting = asyncio.to_thread(private.start)
            await asyncio.gather(starting, client.wait_live(60))
            assert (await client.action("Status")).events == ()
    finally:
        private.stop()
    assert [entry for entry in recorder.told if entry in ("snapshot", "ready")] == ["snapshot", "ready"] * 2


def test_the_recorder_is_a_handler() -> None:
    handler: AmiHandler = Recorder()
    assert handler
    with pytest.raises(BadActionValue):
        encode_action("Ping", {"": ""}, "1")
