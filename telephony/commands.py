"""What desk and records ask of the controller, and its answers.

A command is answered exactly once, with a Reply; a command that is older than COMMAND_LIMIT_S when it is read is
refused, so that nothing asked before an outage happens after it.
"""

from __future__ import annotations

import msgspec

COMMAND_LIMIT_S = 5.0


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """A wish of `agent_id`, or of the process named in the command."""


class SignIn(Command, frozen=True, kw_only=True, tag=True):
    """Take a seat; signing in again at the same seat updates name, team, skills and languages."""

    agent_id: str
    name: str
    team: str
    seat: str
    skills: dict[str, int]
    languages: list[str]


class SignOut(Command, frozen=True, kw_only=True, tag=True):
    """Leave the seat. Refused while in a call or in wrap-up."""

    agent_id: str


class SetReady(Command, frozen=True, kw_only=True, tag=True):
    """Become ready for calls; during a call or wrap-up it takes back a SetNotReady."""

    agent_id: str


class SetNotReady(Command, frozen=True, kw_only=True, tag=True):
    """Become not-ready for `reason`, at once or after the present call."""

    agent_id: str
    reason: str


class HangUp(Command, frozen=True, kw_only=True, tag=True):
    """End the agent's call for the caller too; while it rings, refuse it."""

    agent_id: str


class Hold(Command, frozen=True, kw_only=True, tag=True):
    """Step out of the room: the caller hears music."""

    agent_id: str


class Resume(Command, frozen=True, kw_only=True, tag=True):
    """Step back into the room."""

    agent_id: str


class PauseRecording(Command, frozen=True, kw_only=True, tag=True):
    """Stop recording what is said, for private details."""

    agent_id: str


class ResumeRecording(Command, frozen=True, kw_only=True, tag=True):
    """Record again."""

    agent_id: str


class Rejoin(Command, frozen=True, kw_only=True, tag=True):
    """The agent's page was loaded anew: ring the seat again for the call that goes on."""

    agent_id: str


class FinishWrapUp(Command, frozen=True, kw_only=True, tag=True):
    """The form is confirmed: close the call and be ready again."""

    agent_id: str
    call_id: str


class RecordKept(Command, frozen=True, kw_only=True, tag=True):
    """The call's record is committed to the database: the live call may be forgotten."""

    call_id: str


AnyCommand = (
    SignIn
    | SignOut
    | SetReady
    | SetNotReady
    | HangUp
    | Hold
    | Resume
    | PauseRecording
    | ResumeRecording
    | Rejoin
    | FinishWrapUp
    | RecordKept
)


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`error` is None when it was done; else a word for programs, with `message` for people."""

    error: str | None = None
    message: str | None = None


class CommandRefused(Exception):
    """The centre's state does not allow the command. `code` is for programs, the text says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
