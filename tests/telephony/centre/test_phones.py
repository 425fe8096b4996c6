"""Phones at seats register and are lost; what becomes of the agents before them."""

from __future__ import annotations

from telephony.centre.facts import LinkLost, PhoneReachable

from .story import Story


def lose(story: Story, seat: str = "1001") -> None:
    story.told(PhoneReachable(seat=seat, reachable=False))


def test_an_agent_whose_phone_is_lost_is_given_no_call() -> None:
    story = Story()
    story.agent("li")
    lose(story)
    story.caller()
    assert story.asked == []


def test_a_phone_that_comes_back_in_time_is_rung_for_who_waits() -> None:
    story = Story()
    story.agent("li")
    lose(story)
    waiting = story.caller()
    story.later(5.0)
    story.told(PhoneReachable(seat="1001", reachable=True))
    assert story.rings() == ["li"]
    assert story.centre.agents["li"].call_id == waiting.id


def test_an_agent_whose_phone_stays_away_is_not_ready_until_they_say_so() -> None:
    story = Story()
    story.agent("li")
    lose(story)
    story.later(7.9)
    assert story.state("li") == "ready"
    story.later(0.2)
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "phone-lost")
    story.told(PhoneReachable(seat="1001", reachable=True))
    assert story.state("li") == "not-ready"


def test_registering_twice_or_at_a_seat_of_nobody_changes_nothing() -> None:
    story = Story()
    story.agent("li")
    before = story.remembered()
    story.told(PhoneReachable(seat="1001", reachable=True))
    story.told(PhoneReachable(seat="1009", reachable=False))
    assert (story.actions, story.said, story.remembered()) == ([], [], before)


def test_the_grace_does_not_run_out_while_nobody_could_see_the_phone_come_back() -> None:
    story = Story()
    call = story.conversation("li")
    lose(story)
    story.later(2.0)
    story.told(LinkLost())
    story.later(60.0)
    story.look()
    story.later(60.0)
    assert (call.state, story.state("li")) == ("talking", "talking")


def test_a_lost_phone_does_not_cut_wrap_up_short() -> None:
    story = Story()
    call = story.conversation("li")
    story.left_the_telephone(call.caller.leg)
    lose(story)
    story.later(50.0)
    assert story.state("li") == "wrap-up"
    story.later(10.1)
    assert (story.state("li"), story.centre.agents["li"].reason) == ("not-ready", "phone-lost")
