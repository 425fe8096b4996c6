"""What can go wrong between this program and Asterisk's manager interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telephony.ami.reply import Reply


class AmiError(Exception):
    """Any failure of the AMI client; the text says what to do where there is something to do."""


class AmiProtocolError(AmiError):
    """The peer does not speak AMI, or sent a message larger than the bound."""


class BadActionValue(AmiError):
    """Asterisk would not read the action as it was meant; nothing was sent. `header` is the one at fault."""

    def __init__(self, header: str, problem: str) -> None:
        super().__init__(f"header {header!r}: {problem}")
        self.header = header
        self.problem = problem


class AmiActionFailed(AmiError):
    """Asterisk answered `Response: Error`; `reply` holds its words.

    Asterisk also answers so when a list would be empty: "No active conferences." to ConfbridgeListRooms and
    ConfbridgeList, "No Contacts found" to PJSIPShowContacts.
    """

    def __init__(self, action: str, reply: Reply) -> None:
        super().__init__(f"{action}: {reply.message or 'refused without a reason'}")
        self.action = action
        self.reply = reply


class AmiLoginRefused(AmiError):
    """Asterisk refused the account: compare user, secret, permit and deny lines in its manager.conf."""


class AmiTimeout(AmiError):
    """No complete answer within the time limit: it is unknown whether the action was carried out."""

    def __init__(self, action: str, limit_s: float) -> None:
        super().__init__(f"{action}: no complete answer within {limit_s:g} s")
        self.action = action


class AmiDisconnected(AmiError):
    """The connection ended before the answer: it is unknown whether the action was carried out.

    The action is never sent again by itself.
    """


class AmiNotConnected(AmiDisconnected):
    """There was no live connection, so the action was never sent: it was certainly not carried out."""
