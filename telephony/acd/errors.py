"""What the ACD refuses. Each is a mistake of the caller of this package, never of a citizen."""

from __future__ import annotations


class AcdError(Exception):
    """Something was asked of the ACD that makes no sense in its present state."""


class UnknownQueue(AcdError):
    """No queue has this name."""


class UnknownCall(AcdError):
    """No such call is waiting."""


class CallAlreadyWaiting(AcdError):
    """The call waits already; a call waits once."""


class UnknownAgent(AcdError):
    """No such agent is signed in."""


class AgentAlreadySignedIn(AcdError):
    """The agent is signed in already."""


class AgentReserved(AcdError):
    """The agent is being rung for a call: one call an agent at a time.

    The reservation ends with `set_busy` (answered), `enqueue` of the same call (not answered), `withdraw`
    (the caller gave up) or `sign_out`.
    """
