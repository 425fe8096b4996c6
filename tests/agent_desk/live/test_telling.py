"""What browsers are told, over any history of a centre: nothing missed, nothing that is not theirs."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.live.journal import Journal
from agent_desk.live.lens import AgentLens, Lens, SupervisorLens, snapshot
from agent_desk.live.telling import Telling
from agent_desk.live.views import Message, Snapshot
from telephony.agent import Agent, AgentState
from telephony.call import Call, CallState
from telephony.events import CallStateChanged
from telephony.live import Commit, Live
from tests.records.calls import talking_call

AGENTS = ("lan", "wei", "min")
QUEUES = ("citizen", "elderly")


def call(number: int, state: CallState, agent_id: str | None, queue: str) -> Call:
    holder = None if state is CallState.WAITING else agent_id
    return talking_call(
        id=f"call-{number}", caller_number=f"1380013800{number}", state=state, agent_id=holder, queue=queue
    )


def agent(agent_id: str, state: AgentState) -> Agent:
    return Agent(
        id=agent_id,
        name=agent_id,
        seat="1001",
        team="",
        skills={},
        languages=["zh"],
        state=state,
        state_since=0.0,
        signed_in_at=0.0,
    )


CALLS = st.builds(
    call,
    st.integers(0, 5),
    st.sampled_from(CallState),
    st.sampled_from((None, *AGENTS)),
    st.sampled_from(QUEUES),
)
COMMITS = st.builds(
    lambda calls, agents, calls_gone, agents_gone: Commit(
        calls=calls,
        agents=agents,
        calls_gone=[f"call-{number}" for number in calls_gone],
        agents_gone=agents_gone,
        events=[CallStateChanged(at=0.0, call_id=one.id, state=one.state) for one in calls],
    ),
    st.lists(CALLS, max_size=3, unique_by=lambda one: one.id),
    st.lists(st.builds(agent, st.sampled_from(AGENTS), st.sampled_from(AgentState)), max_size=2),
    st.lists(st.integers(0, 5), max_size=1),
    st.lists(st.sampled_from(AGENTS), max_size=1),
)
LENSES: st.SearchStrategy[Lens] = st.sampled_from(
    [SupervisorLens(), *(AgentLens(agent_id) for agent_id in AGENTS)]
)


class Page:
    """A browser that takes in what it is told."""

    def __init__(self, lens: Lens, since: str | None = None) -> None:
        self.lens = lens
        self.telling = Telling(lens, since)
        self.calls: dict[str, Any] = {}
        self.agents: dict[str, Any] = {}
        self.queues: list[Any] = []
        self.position = ""
        self.heard: list[Message] = []

    def listen(self, journal: Journal) -> None:
        message = self.telling.next(journal)
        if message is None:
            return
        self.heard.append(message)
        self.position = message.position
        if isinstance(message, Snapshot):
            self.calls, self.agents = {}, {}
        else:
            for gone in message.calls_gone:
                self.calls.pop(gone, None)
            for gone in message.agents_gone:
                self.agents.pop(gone, None)
        self.calls.update({one.id: one for one in message.calls})
        self.agents.update({one.id: one for one in message.agents})
        self.queues = message.queues or self.queues

    def reloaded_link(self) -> None:
        """Connect anew from the last position, with everything that the page knows."""
        self.telling = Telling(self.lens, self.position or None)

    def agrees_with(self, journal: Journal) -> bool:
        truth = snapshot(journal, self.lens, 0.0)
        return (
            self.calls == {one.id: one for one in truth.calls}
            and self.agents == {one.id: one for one in truth.agents}
            and self.queues == truth.queues
        )


def empty_journal(length: int) -> Journal:
    return Journal(Live(calls={}, agents={}, position="0-0"), QUEUES, length)


@settings(max_examples=300, deadline=None)
@given(
    LENSES,
    st.lists(st.tuples(COMMITS, st.sampled_from(("listen", "be busy", "lose the link"))), max_size=20),
    st.integers(1, 6),
)
def test_whatever_happens_a_page_ends_up_knowing_what_is_true(
    lens: Lens, history: list[tuple[Commit, str]], length: int
) -> None:
    """Slow pages, lost links, and a journal so short that some fall out of it."""
    journal, page = empty_journal(length), Page(lens)
    page.listen(journal)
    for number, (commit, what) in enumerate(history):
        journal.apply(f"1-{number}", commit)
        if what == "lose the link":
            page.reloaded_link()
        if what != "be busy":
            page.listen(journal)
            assert page.agrees_with(journal)
    page.listen(journal)
    assert page.agrees_with(journal)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(AGENTS), st.lists(COMMITS, max_size=20), st.integers(0, 20))
def test_no_agent_is_ever_told_of_a_call_that_is_not_theirs(
    agent_id: str, history: list[Commit], listens_after: int
) -> None:
    journal, page = empty_journal(50), Page(AgentLens(agent_id))
    theirs: set[str] = set()
    for number, commit in enumerate(history):
        journal.apply(f"1-{number}", commit)
        theirs |= {one.id for one in commit.calls if one.agent_id == agent_id}
        if number >= listens_after:
            page.listen(journal)
    page.listen(journal)
    text = msgspec.json.encode(page.heard).decode()
    for number in range(6):
        if f"call-{number}" not in theirs:
            assert f"1380013800{number}" not in text
            assert f"call-{number}" not in text
    for other in AGENTS:
        assert other == agent_id or f'"seat":"1001","id":"{other}"' not in text
    assert all(one.id == agent_id for message in page.heard for one in message.agents)


def test_a_page_that_is_up_to_date_is_told_nothing() -> None:
    journal, page = empty_journal(50), Page(AgentLens("lan"))
    page.listen(journal)
    journal.apply("1-0", Commit(calls=[call(1, CallState.TALKING, "wei", "citizen")]))
    page.listen(journal)
    journal.apply("1-1", Commit(agents=[agent("wei", AgentState.WRAP_UP)]))
    page.listen(journal)
    first, counts = page.heard
    assert isinstance(first, Snapshot)
    assert counts.queues[0].talking == 1


def test_a_page_that_resumes_from_a_place_that_nobody_knows_gets_everything() -> None:
    journal = empty_journal(3)
    for number in range(10):
        journal.apply(f"1-{number}", Commit(calls=[call(number % 6, CallState.WAITING, None, "citizen")]))
    for unknown in ("1-2", "7-7", "99999999999999999999-0"):
        page = Page(SupervisorLens(), unknown)
        page.listen(journal)
        assert isinstance(page.heard[0], Snapshot)
    page = Page(SupervisorLens(), "1-6")
    page.listen(journal)
    assert not isinstance(page.heard[0], Snapshot)
    assert {one.id for one in page.heard[0].calls} == {"call-1", "call-2", "call-3"}


def test_a_page_that_resumes_where_nothing_happened_since_is_told_so() -> None:
    journal = empty_journal(3)
    journal.apply("1-0", Commit(calls=[call(1, CallState.WAITING, None, "citizen")]))
    page = Page(SupervisorLens(), "1-0")
    page.listen(journal)
    (message,) = page.heard
    assert not isinstance(message, Snapshot)
    assert (message.calls, message.position) == ([], "1-0")
