"""Whole messages out of bytes that come in any pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ami.errors import AmiProtocolError
from telephony.ami.framing import BANNER_LIMIT, Framer
from telephony.ami.message import Kind, Message
from tests.telephony.ami.reference import Parsed, observe, reference_messages

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
OLD_BANNER = b"Asterisk Call Manager/2.10.6\r\n"

# What breaks parsers: line ends of every kind, colons, half characters, and plain text.
AWKWARD = ["\r", "\n", ": ", ":", "\u2028", "\x85", "张", "Event", "\x00", " ", "--END COMMAND--", "a"]
values = st.lists(st.sampled_from(AWKWARD), max_size=6).map("".join).filter(lambda text: "\r\n" not in text)
names = st.sampled_from(["Uniqueid", "ActionID", "Channel", "x", "ChanVariable"])
bodies = st.lists(st.tuples(names, values), max_size=5)
messages = st.tuples(st.sampled_from(["Event", "Response", "Other"]), st.text("abc", max_size=3), bodies)


def encode(kind: str, name: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"{label}: {value}" for label, value in [(kind, name), *headers]]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def feed(framer: Framer, data: bytes, cuts: list[int]) -> list[Message]:
    found = []
    start = 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += framer.feed(data[start:cut])
        start = cut
    return found


@given(st.lists(messages, max_size=6), st.lists(st.integers(0, 5000), max_size=12))
def test_every_message_comes_out_as_it_went_in_however_the_bytes_are_cut(
    sent: list[tuple[str, str, list[tuple[str, str]]]], cuts: list[int]
) -> None:
    data = BANNER + b"".join(encode(*message) for message in sent)

    got = feed(Framer(), data, cuts)

    assert [list(message.items()) for message in got] == [
        [(kind, name), *headers] for kind, name, headers in sent
    ]
    assert [observe(message) for message in got] == reference_messages(data)


@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=8))
def test_noise_is_framed_as_the_reference_does(noise: bytes, cuts: list[int]) -> None:
    data = BANNER + noise + b"\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n\r\n"

    got = feed(Framer(), data, cuts)

    assert [observe(message) for message in got] == reference_messages(data)
    assert got[-1]["Uniqueid"] == "1.1"


@given(
    st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"A: 1", b"x" * 30, b"ActionID: 7"]), max_size=40),
    st.lists(st.integers(0, 700), max_size=8),
    st.integers(10, 60),
)
def test_the_bound_on_size_does_not_depend_on_how_the_bytes_are_cut(
    pieces: list[bytes], cuts: list[int], limit: int
) -> None:
    data = BANNER + b"".join(pieces) + b"\r\n\r\nEvent: A\r\n\r\n"

    cut = [observe(message) for message in feed(Framer(limit=limit), data, cuts)]

    assert cut == reference_messages(data, limit)
    assert cut[-1] == Parsed(Kind.EVENT, [("Event", "A")], [])


def test_an_oversized_message_shows_its_head_and_the_next_one_is_whole() -> None:
    framer = Framer(limit=2000)
    huge = b"Response: Success\r\nActionID: 42\r\n" + b"Output: line\r\n" * 1000 + b"\r\n"

    got = feed(framer, BANNER + huge + b"Event: Hangup\r\n\r\n", list(range(0, 14000, 7)))

    assert [message.kind for message in got] == [Kind.TRUNCATED, Kind.EVENT]
    assert got[0]["ActionID"] == "42"
    assert len(got[0].raw) < 2000
    assert observe(got[0]).size == len(huge) - 4


def test_a_message_as_large_as_the_bound_is_whole_whatever_stands_around_it() -> None:
    largest = b"Event: A\r\nX: " + b"x" * 86
    stream = BANNER + b"\r\n" + largest + b"\r\n\r\n\r\n" + largest + b"x\r\n\r\n"

    for step in (1, 10_000):
        got = feed(Framer(limit=len(largest)), stream, list(range(0, len(stream), step)))
        assert got[0].raw == largest
        assert [message.kind for message in got] == [Kind.EVENT, Kind.TRUNCATED]


def test_a_blank_line_too_many_belongs_to_no_message() -> None:
    got = Framer().feed(BANNER + b"\r\nEvent: A\r\n\r\n\r\nEvent: B\r\n\r\n\r\n\r\n\r\nEvent: C\r\n\r\n")
    assert [message.raw for message in got] == [b"Event: A", b"Event: B", b"Event: C"]


def test_only_wanted_events_come_out_and_every_response() -> None:
    framer = Framer(wanted={"Hangup"})
    stream = (
        b"Event: VarSet\r\nX: 1\r\n\r\nEvent: Hangup\r\nX: 2\r\n\r\nResponse: Success\r\n\r\n"
        b"Event: Hangups\r\n\r\nEvent\r\nEvent: VarSet\r\n\r\nevent: Hangup\r\nX: 3\r\n\r\n"
        b"Event: StatusEntry\r\nActionID: 1\r\n\r\n"
    )

    got = framer.feed(BANNER + stream)

    assert [message.get("X", message.kind.value) for message in got] == ["2", "response", "3"]
    assert framer.skipped == 4


def test_an_event_of_a_list_passes_the_filter_while_a_list_may_be_coming() -> None:
    framer = Framer(wanted={"Hangup"})
    framer.keep_lists = True

    got = framer.feed(BANNER + b"Event: Status\r\nActionID: 7\r\n\r\nEvent: VarSet\r\nX: 1\r\n\r\n")

    assert [message.event for message in got] == ["Status"]


@pytest.mark.parametrize(
    "opening",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"x" * (BANNER_LIMIT + 1),
        b"Asterisk Call Manager/\r\n",
        b"Asterisk Call Manager/1" + b"1" * BANNER_LIMIT + b"\r\n",
    ],
)
@pytest.mark.parametrize("step", [1, 10_000])
def test_a_server_that_is_no_asterisk_is_told_apart_by_its_first_line(opening: bytes, step: int) -> None:
    with pytest.raises(AmiProtocolError, match="is this the port of its manager"):
        feed(Framer(), opening, list(range(0, len(opening), step)))


def test_the_banner_is_kept() -> None:
    framer = Framer()
    assert framer.feed(b"Asterisk Call Ma") == []
    assert framer.feed(b"nager/11.0.0\r") == []
    assert framer.feed(b"\nEvent: A\r\n\r\n")[0].event == "A"
    assert framer.banner == "Asterisk Call Manager/11.0.0"


@given(st.lists(st.integers(0, 400), max_size=8))
def test_output_of_an_asterisk_before_14_may_hold_blank_lines(cuts: list[int]) -> None:
    data = (
        OLD_BANNER + b"Response: Follows\r\nPrivilege: Command\r\nActionID: 3\r\n"
        b"first\nActionID: forged\r\n\r\nEvent: forged\r\n\r\nlast\n--END COMMAND--\r\n\r\n"
        b"Event: Hangup\r\n\r\n"
    )

    got = feed(Framer(), data, cuts)

    assert [message.kind for message in got] == [Kind.RESPONSE, Kind.EVENT]
    assert got[0].getall("ActionID") == ["3"]
    assert got[0].output == ["first", "ActionID: forged", "", "Event: forged", "", "last"]


def test_output_without_its_end_mark_is_given_up_at_the_bound() -> None:
    framer = Framer(limit=100)
    stream = OLD_BANNER + b"Response: Follows\r\nActionID: 3\r\n\r\n" + b"Event: lost\r\n\r\n" * 8

    got = framer.feed(stream + b"Event: Hangup\r\n\r\n")

    assert got[0].kind is Kind.TRUNCATED
    assert got[0]["ActionID"] == "3"
    assert got[-1].event == "Hangup"


def test_old_output_that_outgrows_the_bound_in_one_piece_is_given_up_too() -> None:
    framer = Framer(limit=100)
    stream = (
        OLD_BANNER
        + b"Response: Follows\r\nActionID: 3\r\n\r\n"
        + b"x" * 300
        + b"\r\n\r\nEvent: Hangup\r\n\r\n"
    )

    got = feed(framer, stream, list(range(0, len(stream), 10)))

    assert [message.kind for message in got] == [Kind.TRUNCATED, Kind.EVENT]


def test_todays_asterisk_cannot_be_made_to_swallow_events_by_the_old_mark() -> None:
    got = Framer().feed(BANNER + b"Response: Follows\r\nActionID: 3\r\n\r\nEvent: Hangup\r\n\r\n")
    assert [message.kind for message in got] == [Kind.RESPONSE, Kind.EVENT]
