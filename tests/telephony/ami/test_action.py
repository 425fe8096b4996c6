"""What may be sent to Asterisk, and how it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ami import BadActionValue, encode_action, variable


def test_headers_are_written_in_order_and_may_repeat() -> None:
    encoded = encode_action(
        "Originate",
        [("Channel", "Local/1@default"), ("Variable", "A=1"), ("Variable", "B=2"), ("Timeout", 5000)],
        "7",
    )
    assert encoded == (
        b"Action: Originate\r\nActionID: 7\r\nChannel: Local/1@default\r\n"
        b"Variable: A=1\r\nVariable: B=2\r\nTimeout: 5000\r\n\r\n"
    )


@pytest.mark.parametrize("bad", ["a\r\nAction: Hangup", "a\nb", "a\rb", "\r", "a\0b"])
def test_a_value_cannot_carry_a_second_header(bad: str) -> None:
    with pytest.raises(BadActionValue, match="CallerID") as caught:
        encode_action("Originate", {"Channel": "Local/1@default", "CallerID": bad}, "1")
    assert caught.value.header == "CallerID"
    with pytest.raises(BadActionValue, match="Action"):
        encode_action(bad, {}, "1")
    with pytest.raises(BadActionValue, match="ActionID"):
        encode_action("Ping", {}, bad)


@pytest.mark.parametrize("name", ["", "A:B", "A B", "Ä", "A\r\nB", "A\0"])
def test_a_header_cannot_have_a_name_that_is_none(name: str) -> None:
    with pytest.raises(BadActionValue, match="the name must be printable ASCII"):
        encode_action("Ping", {name: "1"}, "1")


@pytest.mark.parametrize("name", ["Action", "actionid", "ACTION"])
def test_action_and_its_id_are_not_the_callers_to_set_as_headers(name: str) -> None:
    with pytest.raises(BadActionValue, match="set by the client"):
        encode_action("Ping", {name: "Originate"}, "1")


def test_a_line_is_at_most_1024_bytes_with_its_end_counted_in_utf_8() -> None:
    assert (
        len(encode_action("UserEvent", {"Text": "x" * (1024 - len("Text: ") - 2)}, "1").split(b"\r\n")[2])
        == 1022
    )
    with pytest.raises(BadActionValue, match=r"Text.*1025 bytes"):
        encode_action("UserEvent", {"Text": "x" * (1025 - len("Text: ") - 2)}, "1")
    with pytest.raises(BadActionValue, match="Text"):
        encode_action("UserEvent", {"Text": "张" * 340}, "1")


def test_an_action_has_at_most_128_headers() -> None:
    encode_action("UserEvent", [(f"H{number}", "") for number in range(126)], "1")
    with pytest.raises(BadActionValue, match="H126"):
        encode_action("UserEvent", [(f"H{number}", "") for number in range(127)], "1")


def test_lone_surrogates_are_refused_by_name() -> None:
    with pytest.raises(BadActionValue, match="Text"):
        encode_action("UserEvent", {"Text": "\udc80"}, "1")


@given(st.text(max_size=40))
def test_whatever_is_accepted_is_one_line_of_its_own(value: str) -> None:
    try:
        encoded = encode_action("UserEvent", {"Text": value}, "1")
    except BadActionValue:
        return
    assert encoded.split(b"\r\n") == [
        b"Action: UserEvent",
        b"ActionID: 1",
        b"Text: " + value.encode(),
        b"",
        b"",
    ]


@pytest.mark.parametrize("name", ["", "A=B", "A,B", "1A", "A B", "A\r\nB", "SHELL(rm -rf)", "A(b),C"])
def test_a_variable_needs_a_plain_name(name: str) -> None:
    with pytest.raises(BadActionValue, match="no name of a variable"):
        variable(name, "1")


def test_what_asterisk_would_split_a_variable_at_is_escaped() -> None:
    assert variable("NOTE", 'a,B=1 "x" \\ (y]') == ("Variable", r"NOTE=a\,B=1 \"x\" \\ \(y\]")
    assert variable("__CALLERID(name)", "张三")[1] == "__CALLERID(name)=张三"
