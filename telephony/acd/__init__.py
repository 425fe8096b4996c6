"""The automatic call distributor: which caller is given to which agent, and when.

Pure: `Acd` is told what happens and when, and answers with matches. See `Acd` for the rules.
"""

from __future__ import annotations

from telephony.acd.acd import Acd
from telephony.acd.agents import AgentProfile, Standing
from telephony.acd.calls import Match, WaitingCall
from telephony.acd.errors import (
    AcdError,
    AgentAlreadySignedIn,
    AgentReserved,
    CallAlreadyWaiting,
    UnknownAgent,
    UnknownCall,
    UnknownQueue,
)
from telephony.acd.policy import AcdPolicy, QueuePolicy, acd_policy

__all__ = [
    "Acd",
    "AcdError",
    "AcdPolicy",
    "AgentAlreadySignedIn",
    "AgentProfile",
    "AgentReserved",
    "CallAlreadyWaiting",
    "Match",
    "QueuePolicy",
    "Standing",
    "UnknownAgent",
    "UnknownCall",
    "UnknownQueue",
    "WaitingCall",
    "acd_policy",
]
