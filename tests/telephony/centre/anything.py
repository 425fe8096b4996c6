"""Every command that a desk could send, sensible or not."""

from __future__ import annotations

from hypothesis import strategies as st

from telephony import commands
from telephony.commands import AnyCommand

AGENTS = ("li", "wang", "zhao")

agents = st.sampled_from((*AGENTS, "nobody"))


def any_command(calls: st.SearchStrategy[str]) -> st.SearchStrategy[AnyCommand]:
    """Return commands of known and unknown agents, naming `calls`."""
    return st.one_of(
        st.builds(
            commands.SignIn,
            agent_id=agents,
            name=st.text(max_size=5),
            team=st.just("day"),
            seat=st.sampled_from(["1001", "1002", "1009"]),
            skills=st.dictionaries(st.sampled_from(["citizen", "urban", "astronomy"]), st.integers(0, 9)),
            languages=st.lists(st.sampled_from(["zh", "en", "tlh"])),
        ),
        st.builds(commands.SetNotReady, agent_id=agents, reason=st.sampled_from(["meal", "golf"])),
        st.builds(commands.FinishWrapUp, agent_id=agents, call_id=calls),
        st.builds(commands.RecordKept, call_id=calls),
        *(
            st.builds(kind, agent_id=agents)
            for kind in (
                commands.SignOut,
                commands.SetReady,
                commands.HangUp,
                commands.Hold,
                commands.Resume,
                commands.PauseRecording,
                commands.ResumeRecording,
                commands.Rejoin,
            )
        ),
    )
