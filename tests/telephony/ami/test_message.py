"""What a reader sees of one message."""

from __future__ import annotations

import pytest

from telephony.ami.escapes import unescape
from telephony.ami.message import Follows, Kind, Message

CALL = Message(
    b"Event: Newchannel\r\n"
    b"Channel: PJSIP/trunk-00000001\r\n"
    b"ChanVariable: LINE=citizen\r\n"
    b"ChanVariable: NOTE=first\r\n"
    b"CallerIDName: \xe5\xbc\xa0\xe4\xb8\x89\r\n"
    b"AccountCode: \r\n"
    b"Uniqueid: 1.2"
)


def test_headers_are_found_whatever_their_case() -> None:
    assert CALL["uniqueid"] == CALL["UNIQUEID"] == CALL["Uniqueid"] == "1.2"
    assert CALL["CallerIDName"] == "张三"
    assert CALL["accountcode"] == ""


def test_a_missing_header_is_a_key_error_or_the_default() -> None:
    with pytest.raises(KeyError, match="Linkedid"):
        CALL["Linkedid"]
    assert CALL.get("Linkedid") is None
    assert CALL.get("Linkedid", "none") == "none"
    assert "Linkedid" not in CALL
    assert "Channel" in CALL


def test_repeated_headers_are_kept_in_order() -> None:
    assert CALL.getall("chanvariable") == ["LINE=citizen", "NOTE=first"]
    assert CALL["ChanVariable"] == "LINE=citizen"
    assert [name for name, _ in CALL.items()].count("ChanVariable") == 2


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\n", "\r"])
def test_a_value_cannot_forge_a_header_with_what_other_programs_take_for_a_line_end(separator: str) -> None:
    forged = f"caller{separator}Channel: PJSIP/119"
    message = Message(f"Event: Newchannel\r\nCallerIDName: {forged}\r\nChannel: PJSIP/trunk".encode())

    assert message["CallerIDName"] == forged
    assert message.getall("Channel") == ["PJSIP/trunk"]
    assert len(list(message.items())) == 3


def test_a_value_that_looks_like_a_header_is_only_a_value() -> None:
    message = Message(b"Event: A\r\nX: Uniqueid: 9\r\nUniqueid: 1")
    assert message["Uniqueid"] == "1"
    assert message["X"] == "Uniqueid: 9"


def test_bytes_that_are_no_utf_8_can_still_be_shown_and_stored() -> None:
    message = Message(b"Event: A\r\nName: \xff\xc3\r\nNext: \xe4\xbd\xa0")
    assert message["Name"] == "\ufffd\ufffd"
    assert message["Next"] == "你"
    assert b"\xff\xc3" in message.raw


def test_lines_that_are_no_headers_are_kept_apart() -> None:
    message = Message(b"Event: UserEvent\r\nno colon here\r\nA: 1\r\nnor:here")
    assert message.stray == ["no colon here", "nor:here"]
    assert list(message.items()) == [("Event", "UserEvent"), ("A", "1")]


@pytest.mark.parametrize("name", ["A: B", "A\r\nB", "\udc80", "no colon here", "nor:here"])
def test_what_no_header_can_be_called_is_not_found(name: str) -> None:
    assert Message(b"Event: X\r\nA: B: C\r\nA\r\nB: 1\r\nno colon here\r\nnor:here").get(name) is None


def test_even_an_empty_name_is_found() -> None:
    assert Message(b"Event: X\r\n: 2").get("") == "2"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"Event: A\r\nResponse: Success", Kind.EVENT),
        (b"Response: Success\r\nEvent: A", Kind.RESPONSE),
        (b"event: A", Kind.EVENT),
        (b"a stray line\r\nEvent: A", Kind.EVENT),
        (b"Variable: A\r\nEvent: A", Kind.OTHER),
        (b"nothing at all", Kind.OTHER),
    ],
)
def test_the_first_header_tells_what_a_message_is(raw: bytes, kind: Kind) -> None:
    assert Message(raw).kind is kind
    assert Message(raw).event == ("A" if kind is Kind.EVENT else "")


def test_command_output_of_today_and_of_old() -> None:
    today = Message(
        b"Response: Success\r\nMessage: Command output follows\r\nOutput: one\r\nOutput: \r\nOutput: two: 2"
    )
    old = Follows(b"Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\none\n\ntwo: 2\n--END COMMAND--")
    assert today.output == old.output == ["one", "", "two: 2"]
    assert dict(old.items()) == {"Response": "Follows", "Privilege": "Command", "ActionID": "1"}


def test_old_command_output_may_be_empty() -> None:
    assert Follows(b"Response: Follows\r\nPrivilege: Command\r\n--END COMMAND--").output == []


def test_what_asterisk_escapes_can_be_undone() -> None:
    assert unescape(r"O\'Brien \"x\" \? a\\nb\tc") == 'O\'Brien "x" ? a\\nb\tc'
    assert unescape("ends in \\") == "ends in \\"
