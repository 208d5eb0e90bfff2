"""Schedules as people make them: who is on call, and when it is somebody else's turn."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from watchbill.domain import rota
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND, WEEK, Window, instant, local
from watchbill.domain.rota import Counting, Interval, Layer, Mode, Neighbour, Position, Schedule, Shift, Turn

PARIS, NEW_YORK = "Europe/Paris", "America/New_York"
NEXT, PREVIOUS, CURRENT = Position.NEXT, Position.PREVIOUS, Position.CURRENT
WEEKDAYS = tuple(Window(day, 9 * 3600, day, 17 * 3600) for day in range(5))
WEEKEND = (Window(4, 17 * 3600, 0, 9 * 3600),)


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text))


LONG_AGO = at("2020-01-06T00:00+00:00")


def turns(*names: str) -> tuple[Turn, ...]:
    """One turn a name; "" is an empty turn, "a+b" two people, "@ops" a team."""
    return tuple(
        Turn(
            tuple(part for part in name.split("+") if part and not part.startswith("@")),
            tuple(part[1:] for part in name.split("+") if part.startswith("@")),
        )
        for name in names
    )


def layer(name: str, members: tuple[Turn, ...], begins: str, interval: Interval = Interval(7), **more: Any) -> Layer:  # noqa: B008
    return Layer(name, name, more.pop("start", LONG_AGO), at(begins), interval, members, **more)


def schedule(*layers: Layer, zone: str = PARIS, mode: Mode = Mode.OVERLAY) -> Schedule:
    return Schedule("S", 1, "primary", "Primary", zone, layers, mode)


def names(shifts: tuple[Shift, ...]) -> list[str]:
    return ["+".join([*shift.user_ids, *(f"@{team}" for team in shift.team_ids)]) for shift in shifts]


def told(shift: Shift, zone: str = PARIS) -> str:
    return f"{local(shift.start, zone):%a %d %H:%M} - {local(shift.end, zone):%a %d %H:%M} {names((shift,))[0]}"


def listed(plan: Schedule, start: str, end: str) -> list[str]:
    return [told(shift, plan.zone) for shift in rota.shifts(plan, at(start), at(end))]


def test_a_weekly_rotation_hands_over_on_monday_at_nine() -> None:
    weekly = schedule(layer("weekly", turns("ann", "bob"), "2025-03-03T09:00+01:00"))
    assert names(rota.on_call(weekly, at("2025-03-03T08:59+01:00"))) == ["bob"]
    assert names(rota.on_call(weekly, at("2025-03-03T09:00+01:00"))) == ["ann"]
    (shift,) = rota.on_call(weekly, at("2025-03-12T12:00+01:00"))
    assert told(shift) == "Mon 10 09:00 - Mon 17 09:00 bob"
    assert (shift.layer_id, shift.turn, shift.override_id) == ("weekly", 1, None)


def test_handoffs_keep_their_local_time_when_the_clocks_change() -> None:
    daily = schedule(layer("daily", turns("ann", "bob"), "2025-03-28T09:00+01:00", Interval(1)))
    assert listed(daily, "2025-03-29T09:00+01:00", "2025-03-31T12:00+02:00") == [
        "Sat 29 09:00 - Sun 30 09:00 bob",
        "Sun 30 09:00 - Mon 31 09:00 ann",
        "Mon 31 09:00 - Tue 01 09:00 bob",
    ]
    (short,) = rota.on_call(daily, at("2025-03-30T00:00+01:00"))
    assert short.end - short.start == 23 * HOUR


def test_seconds_elapse_after_the_days_are_counted() -> None:
    drifting = schedule(layer("drifting", turns("ann", "bob"), "2025-03-29T09:00+01:00", Interval(1, 300)))
    assert listed(drifting, "2025-03-29T10:00+01:00", "2025-03-31T09:30+02:00") == [
        "Sat 29 09:00 - Sun 30 09:05 ann",
        "Sun 30 09:05 - Mon 31 09:10 bob",
        "Mon 31 09:10 - Tue 01 09:15 ann",
    ]


def test_hours_elapse_whatever_the_clock_on_the_wall_does() -> None:
    twelve = schedule(layer("twelve", turns("ann", "bob"), "2025-10-25T20:00+02:00", Interval(0, 12 * 3600)))
    assert listed(twelve, "2025-10-25T20:00+02:00", "2025-10-26T12:00+01:00") == [
        "Sat 25 20:00 - Sun 26 07:00 ann",
        "Sun 26 07:00 - Sun 26 19:00 bob",
    ]


def test_a_handoff_in_the_skipped_hour_is_due_when_it_is_skipped() -> None:
    daily = schedule(layer("daily", turns("ann", "bob"), "2025-03-29T02:30+01:00", Interval(1)))
    assert listed(daily, "2025-03-29T12:00+01:00", "2025-03-30T12:00+02:00") == [
        "Sat 29 02:30 - Sun 30 03:00 ann",
        "Sun 30 03:00 - Mon 31 02:30 bob",
    ]


def test_a_rotation_that_starts_in_the_repeated_hour_starts_there() -> None:
    second_showing = at("2025-10-26T02:30+01:00")
    daily = schedule(layer("daily", turns("ann", "bob"), "2025-10-26T02:30+01:00", Interval(1)))
    assert [shift.start for shift in rota.on_call(daily, second_showing)] == [second_showing]
    assert names(rota.on_call(daily, second_showing - 1)) == ["bob"]
    assert [shift.start for shift in rota.on_call(daily, second_showing + DAY)] == [second_showing + DAY]


def test_on_a_day_that_never_was_nobody_has_a_turn() -> None:
    begins, members = "2011-12-29T00:00-10:00", turns("ann", "bob", "cy")
    daily = layer("daily", members, begins, Interval(1), start=at(begins))
    assert listed(schedule(daily, zone="Pacific/Apia"), "2011-12-29T12:00-10:00", "2012-01-01T12:00+14:00") == [
        "Thu 29 00:00 - Sat 31 00:00 ann",
        "Sat 31 00:00 - Sun 01 00:00 cy",
        "Sun 01 00:00 - Mon 02 00:00 ann",
    ]


def test_before_its_rotation_starts_a_layer_counts_backwards() -> None:
    """A schedule may take effect five days before its rotation starts (Datadog's clients do so)."""
    effective = at("2025-11-18T12:58:56.434+00:00")
    members, begins = turns("ann", "bob", "cy"), "2025-11-23T12:58:56.434+00:00"
    early = layer("early", members, begins, Interval(1, 300), start=effective)
    plan = schedule(early, zone=NEW_YORK)
    first, *_, last = rota.shifts(plan, effective - WEEK, effective + 5 * DAY + HOUR)
    assert (first.start, first.turn, names((first,))) == (effective, -5, ["bob"])
    assert (last.start, last.turn, names((last,))) == (effective + 5 * DAY, 0, ["ann"])
    assert rota.on_call(plan, effective - 1) == ()


def test_a_layer_ends_before_its_end() -> None:
    ended = schedule(layer("ended", turns("ann"), "2025-03-03T09:00+01:00", end=at("2025-03-05T12:00+01:00")))
    assert listed(ended, "2025-03-04T00:00+01:00", "2025-04-01T00:00+02:00") == ["Mon 03 09:00 - Wed 05 12:00 ann"]
    assert rota.on_call(ended, at("2025-03-05T12:00+01:00")) == ()


def test_one_window_from_monday_to_friday_includes_the_nights() -> None:
    week = (Window(0, 9 * 3600, 4, 17 * 3600),)
    plan = schedule(
        layer("week", turns("ann", "bob"), "2025-12-01T00:00-05:00", Interval(1), restrictions=week), zone=NEW_YORK
    )
    assert names(rota.on_call(plan, at("2025-12-04T03:50:19-05:00"))) == ["bob"]
    assert names(rota.on_call(plan, at("2025-12-05T05:31-05:00"))) == ["ann"]
    assert rota.on_call(plan, at("2025-12-05T17:00-05:00")) == ()
    assert names(rota.on_call(plan, at("2025-12-08T09:00-05:00"))) == ["bob"]


def test_a_lone_member_has_one_shift_a_day() -> None:
    """And an end with the fraction of a second of the rotation's start."""
    alone = schedule(layer("alone", turns("ann"), "2025-12-01T03:50:18.341-05:00", Interval(1)), zone=NEW_YORK)
    shifts = rota.shifts(alone, at("2025-12-04T03:50:19-05:00"), at("2025-12-05T12:00-05:00"))
    assert [shift.start for shift in shifts] == [at(f"2025-12-0{day}T03:50:18.341-05:00") for day in (4, 5)]
    assert shifts[0].end == shifts[1].start


def test_weekdays_and_weekend() -> None:
    plan = schedule(
        layer("week", turns("ann", "bob"), "2025-03-03T09:00+01:00", restrictions=(Window(0, 9 * 3600, 4, 17 * 3600),)),
        layer("weekend", turns("wim", "zoe"), "2025-03-03T09:00+01:00", restrictions=WEEKEND),
    )
    assert listed(plan, "2025-03-26T00:00+01:00", "2025-04-08T00:00+02:00") == [
        "Mon 24 09:00 - Fri 28 17:00 bob",
        "Fri 28 17:00 - Mon 31 09:00 zoe",
        "Mon 31 09:00 - Fri 04 17:00 ann",
        "Fri 04 17:00 - Mon 07 09:00 wim",
        "Mon 07 09:00 - Fri 11 17:00 bob",
    ]
    assert rota.gaps(plan, at("2025-01-01T00:00+01:00"), at("2026-01-01T00:00+01:00")) == []


def test_office_hours_over_a_rotation_that_always_acts() -> None:
    """The later layer wins where it has somebody; elsewhere the one above shows through."""
    plan = schedule(
        layer("always", turns("ann"), "2025-03-03T00:00+01:00"),
        layer("office", turns("bob"), "2025-03-03T00:00+01:00", restrictions=WEEKDAYS),
    )
    assert listed(plan, "2025-03-07T10:00+01:00", "2025-03-10T12:00+01:00") == [
        "Fri 07 09:00 - Fri 07 17:00 bob",
        "Fri 07 17:00 - Mon 10 00:00 ann",
        "Mon 10 00:00 - Mon 10 09:00 ann",
        "Mon 10 09:00 - Mon 10 17:00 bob",
    ]


def test_an_empty_turn_lets_the_layer_above_show_through() -> None:
    plan = schedule(
        layer("fallback", turns("ann"), "2025-03-03T00:00+01:00", Interval(28)),
        layer("some days", turns("bob", "", ""), "2025-03-03T09:00+01:00", Interval(1)),
    )
    assert listed(plan, "2025-03-03T10:00+01:00", "2025-03-06T12:00+01:00") == [
        "Mon 03 09:00 - Tue 04 09:00 bob",
        "Tue 04 09:00 - Thu 06 09:00 ann",
        "Thu 06 09:00 - Fri 07 09:00 bob",
    ]


def test_an_empty_turn_with_nobody_above_is_a_gap() -> None:
    plan = schedule(layer("some days", turns("bob", ""), "2025-03-03T09:00+01:00", Interval(1)))
    start, end = at("2025-03-04T12:00+01:00"), at("2025-03-06T12:00+01:00")
    tuesday, wednesday, thursday = start, at("2025-03-05T09:00+01:00"), at("2025-03-06T09:00+01:00")
    assert rota.gaps(plan, start, end) == [(tuesday, wednesday), (thursday, end)]


def test_follow_the_sun() -> None:
    """Three regions, each in office hours of its own zone and with its own turns."""
    daytime = tuple(Window(day, 8 * 3600, day, 16 * 3600) for day in range(7))

    def region(zone: str, begins: str, *members: str) -> Layer:
        return layer(zone, turns(*members), begins, zone=zone, restrictions=daytime)

    plan = schedule(
        region("Asia/Tokyo", "2025-07-07T08:00+09:00", "aiko", "ren"),
        region(PARIS, "2025-07-07T08:00+02:00", "ann", "bob"),
        region("America/Los_Angeles", "2025-07-07T08:00-07:00", "cy", "dee"),
        zone="UTC",
    )
    assert listed(plan, "2025-07-08T00:00+00:00", "2025-07-09T00:00+00:00") == [
        "Mon 07 23:00 - Tue 08 06:00 aiko",
        "Tue 08 06:00 - Tue 08 14:00 ann",
        "Tue 08 15:00 - Tue 08 23:00 cy",
        "Tue 08 23:00 - Wed 09 06:00 aiko",
    ]
    assert rota.gaps(plan, at("2025-07-08T00:00+00:00"), at("2025-07-09T00:00+00:00")) == [
        (at("2025-07-08T14:00+00:00"), at("2025-07-08T15:00+00:00"))
    ]


def test_a_union_has_one_shift_for_each_layer_with_somebody() -> None:
    plan = schedule(
        layer("day", turns("ann"), "2025-03-03T00:00+01:00", restrictions=WEEKDAYS),
        layer("always", turns("bob+cy"), "2025-03-03T00:00+01:00"),
        layer("team", turns("@ops", ""), "2025-03-03T00:00+01:00"),
        mode=Mode.UNION,
    )
    assert names(rota.on_call(plan, at("2025-03-04T12:00+01:00"))) == ["ann", "bob+cy", "@ops"]
    assert names(rota.on_call(plan, at("2025-03-04T18:00+01:00"))) == ["bob+cy", "@ops"]
    assert names(rota.on_call(plan, at("2025-03-11T18:00+01:00"))) == ["bob+cy"]
    duties = rota.who(plan, at("2025-03-11T12:00+01:00"))
    assert [(duty.layer and duty.layer.id, duty.turn, duty.user_ids) for duty in duties] == [
        ("day", 1, ("ann",)),
        ("always", 1, ("bob", "cy")),
    ]


def test_counting_shifts_leaves_out_the_days_without_one() -> None:
    """VictorOps' partial-day shifts: "every 7" on Monday to Friday are seven working days."""
    members = turns("ann", "bob")
    every_seven = Interval(7, counting=Counting.SHIFTS)
    plan = schedule(layer("partial", members, "2025-03-03T09:00+01:00", every_seven, restrictions=WEEKDAYS))
    assert listed(plan, "2025-03-10T10:00+01:00", "2025-03-13T10:00+01:00") == [
        "Mon 10 09:00 - Mon 10 17:00 ann",
        "Tue 11 09:00 - Tue 11 17:00 ann",
        "Wed 12 09:00 - Wed 12 17:00 bob",
        "Thu 13 09:00 - Thu 13 17:00 bob",
    ]
    (later,) = rota.on_call(plan, at("2025-03-21T10:00+01:00"))
    assert (later.turn, names((later,))) == (2, ["ann"])


def test_counting_shifts_from_a_day_without_one_begins_on_the_next() -> None:
    every_day = Interval(1, counting=Counting.SHIFTS)
    plan = schedule(layer("partial", turns("ann", "bob"), "2025-03-01T09:00+01:00", every_day, restrictions=WEEKDAYS))
    first_days = [rota.on_call(plan, at(f"2025-03-0{day}T12:00+01:00")) for day in (3, 4, 5)]
    assert [names(shifts) for shifts in first_days] == [["ann"], ["bob"], ["ann"]]


# --- Neighbours


def neighbours(plan: Schedule, moment: str, neighbour: Neighbour = Neighbour.SHIFT) -> list[list[str]]:
    return [names(rota.at_position(plan, at(moment), position, neighbour)) for position in (PREVIOUS, CURRENT, NEXT)]


def test_previous_and_next_shift() -> None:
    weekly = schedule(layer("weekly", turns("ann", "bob", "cy"), "2025-03-03T09:00+01:00"))
    assert neighbours(weekly, "2025-03-12T12:00+01:00") == [["ann"], ["bob"], ["cy"]]


def test_next_shift_in_a_gap_is_the_first_that_begins() -> None:
    plan = schedule(layer("office", turns("ann", "bob"), "2025-03-03T09:00+01:00", restrictions=WEEKDAYS))
    assert neighbours(plan, "2025-03-08T12:00+01:00") == [["ann"], [], ["bob"]]


def test_neighbouring_members_are_those_in_the_turn_order() -> None:
    """In office hours of one week the next shift is the same person's tomorrow, the next member is somebody else."""
    plan = schedule(layer("office", turns("ann", "", "bob", "cy"), "2025-03-03T09:00+01:00", restrictions=WEEKDAYS))
    assert neighbours(plan, "2025-03-04T12:00+01:00") == [["ann"], ["ann"], ["ann"]]
    assert neighbours(plan, "2025-03-04T12:00+01:00", Neighbour.MEMBER) == [["cy"], ["ann"], ["bob"]]
    assert neighbours(plan, "2025-03-04T20:00+01:00", Neighbour.MEMBER) == [[], [], []]


def test_the_next_member_of_one_is_that_one() -> None:
    plan = schedule(layer("alone", turns("ann"), "2025-03-03T09:00+01:00"))
    (after,) = rota.at_position(plan, at("2025-03-04T12:00+01:00"), NEXT, Neighbour.MEMBER)
    assert told(after) == "Mon 10 09:00 - Mon 17 09:00 ann"


def test_neighbours_in_a_union() -> None:
    plan = schedule(
        layer("first", turns("ann", "bob"), "2025-03-03T09:00+01:00"),
        layer("second", turns("cy", "dee"), "2025-03-03T09:00+01:00"),
        mode=Mode.UNION,
    )
    assert neighbours(plan, "2025-03-04T12:00+01:00") == [["bob", "dee"], ["ann", "cy"], ["bob", "dee"]]
    assert neighbours(plan, "2025-03-04T12:00+01:00", Neighbour.MEMBER)[2] == ["bob", "dee"]


@pytest.mark.parametrize(
    "nothing",
    [
        schedule(),
        schedule(layer("no turns", (), "2025-03-03T09:00+01:00")),
        schedule(layer("empty turns", turns("", ""), "2025-03-03T09:00+01:00", Interval(0, 3600))),
        schedule(layer("never open", turns("ann"), "2025-03-03T09:00+01:00", restrictions=(Window(1, 60, 1, 60),))),
        schedule(layer("ended", turns("ann"), "2025-03-03T09:00+01:00", end=LONG_AGO)),
        schedule(layer("ended before it began", turns("ann"), "2025-03-03T09:00+01:00", end=LONG_AGO - DAY)),
        schedule(layer("far ahead", turns("ann"), "2025-03-03T09:00+01:00", start=at("2099-01-01T00:00+00:00"))),
        # hourly turns, and one window an hour long in which it is always the empty turn's hour
        schedule(
            layer(
                "never met",
                turns("", *["ann"] * 23),
                "2025-03-03T03:00+00:00",
                Interval(0, 3600),
                restrictions=tuple(Window(day, 3 * 3600, day, 4 * 3600) for day in range(7)),
            ),
            zone="UTC",
        ),
    ],
    ids=lambda plan: plan.layers[0].name if plan.layers else "no layers",
)
@pytest.mark.parametrize("mode", Mode)
def test_where_nobody_ever_is_on_call_nothing_is_found(nothing: Schedule, mode: Mode) -> None:
    plan, now = replace(nothing, mode=mode), at("2025-03-04T12:00+01:00")
    assert (rota.who(plan, now), rota.on_call(plan, now)) == ((), ())
    assert rota.gaps(plan, now, now + 30 * DAY) == [(now, now + 30 * DAY)]
    found = [rota.at_position(plan, now, position, neighbour) for position in Position for neighbour in Neighbour]
    assert found == [()] * 6


@pytest.mark.parametrize("begins", [-(10**17), -62_135_596_800 * SECOND, 253_402_300_799 * SECOND, 10**18])
@pytest.mark.parametrize(
    "interval", [Interval(1), Interval(400, 2_592_000), Interval(0, 3600), Interval(5, 1, Counting.SHIFTS)]
)
def test_a_rotation_may_start_at_the_end_of_time(begins: int, interval: Interval) -> None:
    """Clients send zero dates and dates of the year 9999."""
    odd = Layer("odd", "odd", min(begins, 0), begins, interval, turns("ann", "bob"), restrictions=WEEKDAYS)
    now = at("2025-03-04T12:00+01:00")
    (shift,) = rota.on_call(schedule(odd), now)
    assert shift.start <= now < shift.end
    assert rota.shifts(schedule(odd), now, now + 3 * DAY)[0] == shift


def test_an_empty_range_has_no_shifts_and_no_gaps() -> None:
    plan = schedule(layer("weekly", turns("ann"), "2025-03-03T09:00+01:00"))
    now = at("2025-03-04T12:00+01:00")
    assert (rota.shifts(plan, now, now), rota.gaps(plan, now, now)) == ([], [])


# --- Cost


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls, once its zones are known."""
    work()
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "interval", [Interval(1), Interval(7, 300), Interval(0, 3600), Interval(5, counting=Counting.SHIFTS)], ids=str
)
def test_an_old_rotation_costs_no_more_than_a_young_one(interval: Interval) -> None:
    def cost(begins: str) -> int:
        members, start = turns("ann", "bob", "", "cy"), at(begins)
        plan = schedule(layer("old", members, begins, interval, start=start, restrictions=WEEKDAYS))
        now = [at("2025-05-13T10:00+02:00") + number * (5 * HOUR + 7 * MINUTE) for number in range(60)]
        return max(calls(lambda moment=moment: rota.on_call(plan, moment)) for moment in now)  # type: ignore[misc]

    young = cost("2025-05-05T09:00+02:00")
    assert cost("1925-05-05T09:00+00:00") <= young + 12
    assert young < 150


def test_a_year_of_nobody_is_looked_through_in_few_steps() -> None:
    empty = schedule(*[layer(str(n), turns("", ""), "2025-03-03T09:00+01:00", Interval(0, 3600)) for n in range(9)])
    assert calls(lambda: rota.at_position(empty, at("2025-03-04T12:00+01:00"), NEXT, Neighbour.SHIFT)) < 2000
