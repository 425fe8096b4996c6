"""Agents sign in and out, become ready and not-ready; what cannot be done is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony import commands
from telephony.centre.facts import LinkLost
from telephony.commands import AnyCommand, CommandRefused, SetNotReady, SetReady, SignIn, SignOut
from telephony.events import AgentSignedIn, AgentSignedOut

from .anything import any_command
from .story import EVERYTHING, Story, sign_in


def test_who_signs_in_is_not_ready_yet() -> None:
    story = Story()
    story.ask(sign_in("li", "1001"))
    agent = story.centre.agents["li"]
    assert (agent.state, agent.reason, agent.phone_reachable) == ("not-ready", "signed-in", True)
    assert story.said == [AgentSignedIn(at=story.now, agent_id="li", seat="1001")]


def test_a_seat_is_for_one() -> None:
    story = Story()
    story.agent("li")
    assert story.refusal(sign_in("wang", "1001")) == "seat-taken"


def test_signing_in_again_at_the_same_seat_changes_what_the_agent_can_and_nothing_else() -> None:
    story = Story()
    story.agent("li", skills={"urban": 1})
    waiting = story.caller()
    assert story.rings() == []
    story.ask(sign_in("li", "1001", EVERYTHING))
    assert story.rings() == ["li"]
    assert story.centre.agents["li"].call_id == waiting.id


def test_an_agent_may_move_to_another_seat_but_not_during_a_call() -> None:
    story = Story()
    story.agent("li")
    story.ask(sign_in("li", "1005"))
    assert (story.centre.agents["li"].seat, story.state("li")) == ("1005", "not-ready")
    story.ask(sign_in("wang", "1001"))
    story.ask(SetReady(agent_id="li"))
    story.caller()
    assert story.refusal(sign_in("li", "1006")) == "in-call"


@pytest.mark.parametrize("languages", [[], ["zh", "tlh"]])
def test_languages_are_those_of_the_configuration(languages: list[str]) -> None:
    story = Story()
    wish = SignIn(agent_id="li", name="Li", team="day", seat="1001", skills={}, languages=languages)
    assert story.refusal(wish) == "bad-languages"


def test_nobody_is_ready_at_a_phone_that_is_not_there() -> None:
    story = Story()
    story.reachable.remove("1001")
    story.look()
    story.ask(sign_in("li", "1001"))
    assert story.refusal(SetReady(agent_id="li")) == "phone-lost"


def test_a_reason_is_one_of_the_configuration() -> None:
    story = Story()
    story.agent("li")
    assert story.refusal(SetNotReady(agent_id="li", reason="golf")) == "unknown-reason"
    story.ask(SetNotReady(agent_id="li", reason="meal"))
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "meal")


def test_who_signs_out_is_gone_but_not_during_a_call() -> None:
    story = Story()
    story.conversation("li")
    assert story.refusal(SignOut(agent_id="li")) == "in-call"
    story.agent("wang")
    story.ask(SignOut(agent_id="wang"))
    assert story.said == [AgentSignedOut(at=story.now, agent_id="wang")]
    story.ask(SignOut(agent_id="wang"))
    assert story.said == []


def nobody(story: Story) -> None:
    pass


def at_rest(story: Story) -> None:
    story.agent("li", ready=False)


def ready(story: Story) -> None:
    story.agent("li")


def ringing(story: Story) -> None:
    story.agent("li")
    story.caller()


def talking(story: Story) -> None:
    story.conversation("li")


def held_and_paused(story: Story) -> None:
    story.conversation("li")
    story.ask(commands.Hold(agent_id="li"))
    story.ask(commands.PauseRecording(agent_id="li"))


def rejoining(story: Story) -> None:
    story.conversation("li")
    story.ask(commands.Rejoin(agent_id="li"))


def wrapping_up(story: Story) -> None:
    story.left_the_telephone(story.conversation("li").caller.leg)


def closed(story: Story) -> None:
    wrapping_up(story)
    story.later(60.0)


def unlinked(story: Story) -> None:
    story.conversation("li")
    story.told(LinkLost())


SITUATIONS = [
    nobody,
    at_rest,
    ready,
    ringing,
    talking,
    held_and_paused,
    rejoining,
    wrapping_up,
    closed,
    unlinked,
]

calls = st.sampled_from(["00000000-0000-0000-0000-000000000001", "no-such-call"])


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wish=any_command(calls))
def test_a_command_refused_changes_nothing(situation: Callable[[Story], None], wish: AnyCommand) -> None:
    told, refused = Story(), Story()
    for story in (told, refused):
        situation(story)
        story.agent("wang", ready=False)
    try:
        refused.ask(wish)
    except CommandRefused as refusal:
        what_to_do = str(refusal)
    else:
        return
    assert what_to_do
    assert refused.remembered() == told.remembered()
    for story in (told, refused):
        story.look()
    assert refused.actions == told.actions
    for story in (told, refused):
        story.caller()
        story.later(90.0)
    assert refused.remembered() == told.remembered()
    assert refused.asked == told.asked
