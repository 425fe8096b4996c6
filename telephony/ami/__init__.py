"""Asterisk's manager interface (AMI): a client that loses, doubles and repeats nothing by itself."""

from telephony.ami.account import AmiAccount
from telephony.ami.action import encode_action, variable
from telephony.ami.client import AmiClient
from telephony.ami.counters import AmiCounters
from telephony.ami.errors import (
    AmiActionFailed,
    AmiDisconnected,
    AmiError,
    AmiLoginRefused,
    AmiNotConnected,
    AmiProtocolError,
    AmiTimeout,
    BadActionValue,
)
from telephony.ami.escapes import unescape
from telephony.ami.handler import Actions, AmiHandler
from telephony.ami.message import Kind, Message
from telephony.ami.reply import Reply

__all__ = [
    "Actions",
    "AmiAccount",
    "AmiActionFailed",
    "AmiClient",
    "AmiCounters",
    "AmiDisconnected",
    "AmiError",
    "AmiHandler",
    "AmiLoginRefused",
    "AmiNotConnected",
    "AmiProtocolError",
    "AmiTimeout",
    "BadActionValue",
    "Kind",
    "Message",
    "Reply",
    "encode_action",
    "unescape",
    "variable",
]
