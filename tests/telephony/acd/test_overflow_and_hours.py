"""Callers who wait long, or call while their queue is closed, are served by others."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telephony.acd import Match
from telephony.acd.hours import weekly_hours
from telephony.config import OpeningHours

from .world import SHANGHAI, Hotline, clock, hours, queue


def test_a_caller_who_waited_long_enough_is_taken_by_the_other_queue_with_the_age_kept() -> None:
    hotline = Hotline(citizen=queue(overflow={"general": 60}), general=queue("general"))
    hotline.works("all-rounder", general=1)
    hotline.call("1")
    assert hotline.rings() == []
    assert hotline.acd.next_event(hotline.now) == hotline.now + 60
    assert hotline.later(59).rings() == []
    hotline.later(1)
    assert hotline.acd.match(hotline.now) == [Match("1", "all-rounder", "citizen", "general", 60.0)]


def test_an_overflowed_caller_comes_before_those_of_the_helping_queue_who_came_later() -> None:
    hotline = Hotline(citizen=queue(overflow={"general": 60}), general=queue("general"))
    hotline.call("long")
    hotline.later(30).call("short", "general")
    hotline.later(30)
    assert hotline.rings() == []
    hotline.works("all-rounder", general=1)
    assert hotline.rings() == ["all-rounder for long"]
    assert hotline.acd.position("short") == 1


def test_own_agents_are_preferred_to_those_who_help_out() -> None:
    hotline = Hotline(citizen=queue(overflow={"general": 0}), general=queue("general"))
    hotline.works("all-rounder", general=1)
    hotline.later(100).works("own")
    hotline.call("1")
    assert hotline.rings() == ["own for 1"]


def test_a_call_that_comes_back_after_ringing_is_as_old_as_before_for_overflow_too() -> None:
    hotline = Hotline(citizen=queue(overflow={"general": 60}), general=queue("general"))
    hotline.works("Li")
    hotline.works("all-rounder", general=1)
    hotline.call("1")
    assert hotline.rings() == ["Li for 1"]
    hotline.later(60).lets_it_ring("Li", "1")
    assert hotline.rings() == ["all-rounder for 1"]


def test_a_caller_to_a_closed_queue_is_served_by_the_one_that_stands_in() -> None:
    consumer = queue("consumer", open_at=hours("mon-fri", "08:30", "18:00"), closed_overflow="citizen")
    hotline = Hotline(citizen=queue(), consumer=consumer)
    hotline.now = clock(19)
    hotline.works("consumers' agent", consumer=1)
    hotline.call("1", "consumer")
    assert hotline.rings() == []
    hotline.works("citizens' agent")
    assert hotline.rings() == ["citizens' agent for 1"]


def test_callers_still_waiting_at_closing_time_go_over_to_the_one_that_stands_in() -> None:
    consumer = queue("consumer", open_at=hours("mon-fri", "08:30", "18:00"), closed_overflow="citizen")
    hotline = Hotline(citizen=queue(), consumer=consumer)
    hotline.now = clock(17, 59)
    hotline.call("1", "consumer")
    hotline.works("citizens' agent")
    assert hotline.rings() == []
    assert hotline.acd.next_event(hotline.now) == clock(18)
    assert hotline.later(60).rings() == ["citizens' agent for 1"]


def test_a_closed_queue_without_a_stand_in_keeps_its_callers_until_it_opens() -> None:
    hotline = Hotline(consumer=queue(open_at=hours("mon-fri", "08:30", "18:00")))
    hotline.now = clock(19, day=4)  # Friday evening
    hotline.works("Li")
    hotline.call("1", "consumer")
    hotline.call("2", "consumer")
    assert hotline.rings() == []
    assert hotline.acd.position("2") == 2
    assert hotline.acd.next_event(hotline.now) == clock(8, 30, day=7)
    hotline.now = clock(8, 30, day=7)
    assert hotline.rings() == ["Li for 1"]


def test_a_closed_queue_does_not_help_out() -> None:
    night = queue("general", open_at=hours("mon-sun", "20:00", "06:00"))
    hotline = Hotline(citizen=queue(overflow={"night": 60}), night=night)
    hotline.works("Li", general=1)
    hotline.call("1")
    assert hotline.later(60).rings() == []
    hotline.now = clock(20)
    assert hotline.rings() == ["Li for 1"]


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    friday_night = hours("fri", "22:00", "02:00")
    assert not friday_night.is_open(clock(1, day=4))
    assert friday_night.is_open(clock(22, day=4))
    assert friday_night.is_open(clock(1, 59, day=5))
    assert not friday_night.is_open(clock(2, day=5))
    assert friday_night.next_change(clock(23, day=4)) == clock(2, day=5)


def test_hours_over_the_end_of_the_week() -> None:
    sunday_night = hours("sun", "20:00", "06:00")
    assert sunday_night.is_open(clock(5, 59))
    assert sunday_night.next_change(clock(3)) == clock(6)
    assert sunday_night.next_change(clock(6)) == clock(20, day=6)


def test_spans_that_touch_are_one_and_a_full_week_never_changes() -> None:
    split = [
        OpeningHours(days="mon-sun", open="00:00", close="12:00"),
        OpeningHours(days="mon-sun", open="12:00", close="24:00"),
    ]
    assert weekly_hours(split, SHANGHAI).next_change(clock(11)) is None
    assert weekly_hours(split, SHANGHAI).is_open(clock(12))


def test_opening_hours_follow_the_local_clock_through_a_change_to_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    office = weekly_hours([OpeningHours(days="mon-sun", open="08:00", close="16:00")], berlin)
    saturday_noon = 1_711_796_400.0  # 30 March 2024, 12:00; clocks go forward that night
    sunday_opening = office.next_change(saturday_noon + 6 * 3600)
    assert sunday_opening == saturday_noon + 19 * 3600
    assert office.is_open(sunday_opening)
