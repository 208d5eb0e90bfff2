"""Shifts by the calendar, against a walk from day to day (OpsRamp reference, parts 4.2, 4.3, 17)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.domain.civil import DAY, FOREVER, HOUR, SECOND, clock_at, instant_of_local
from watchbill.domain.recurrence import (
    EPOCH_DAY,
    LAST,
    Every,
    Recurrence,
    bounds,
    day_of,
    index_at,
    occurrence,
    shifts_in_all,
)
from watchbill.domain.rota import Interval, Layer, Mode, Schedule, Turn, on_call, shifts, who

ZONES = st.sampled_from(
    ["UTC", "Asia/Calcutta", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo"]
)
often = settings(max_examples=150)


def number(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH_DAY).days


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


recurrences = st.builds(
    Recurrence,
    every=st.sampled_from(Every),
    count=st.integers(1, 10),
    first=st.integers(number("2015-01-01"), number("2027-12-31")),
    opens=st.sampled_from([0, 1800, 7200, 9000, 16 * 3600, 86399]),
    closes=st.sampled_from([0, 1800, 5400, 9000, 17 * 3600, 86399]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    month_day=st.none() | st.integers(1, 31),
    nth=st.none() | st.sampled_from([1, 2, 3, 4, LAST]),
    weekday=st.integers(0, 6),
    until=st.none() | st.integers(number("2016-01-01"), number("2030-12-31")),
    limit=st.none() | st.integers(0, 40),
)


def begins(recurrence: Recurrence, day: date) -> bool:
    """Whether a shift begins on a day, but for how many there are: said as a person would say it."""
    first = EPOCH_DAY + timedelta(recurrence.first)
    if day < first:
        return False
    last = (date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(1)).day
    months = (day.year - first.year) * 12 + day.month - first.month
    if recurrence.every is Every.DAY:
        return (day - first).days % recurrence.count == 0
    if recurrence.every is Every.WEEK:
        monday = first - timedelta(first.weekday())
        return (day - monday).days // 7 % recurrence.count == 0 and day.weekday() in recurrence.weekdays
    if recurrence.every is Every.YEAR:
        of_year = day.month == first.month and day.day == min(first.day, last)
        return of_year and (day.year - first.year) % recurrence.count == 0
    if months % recurrence.count:
        return False
    if recurrence.nth is None:
        return day.day == min(recurrence.month_day or first.day, last)
    if day.weekday() != recurrence.weekday:
        return False
    return day.day + 7 > last if recurrence.nth == LAST else (day.day - 1) // 7 + 1 == recurrence.nth


def walked(recurrence: Recurrence, until: date) -> Iterator[int]:
    """The days on which shifts begin, one after the other."""
    day, found = EPOCH_DAY + timedelta(recurrence.first), 0
    while day <= until and (recurrence.limit is None or found < recurrence.limit):
        this = (day - EPOCH_DAY).days
        if recurrence.until is not None and this > recurrence.until:
            return
        if begins(recurrence, day):
            found += 1
            yield this
        day += timedelta(1)


@often
@given(recurrences)
def test_days_in_closed_form_are_those_of_a_walk(recurrence: Recurrence) -> None:
    end = date(2033, 1, 1)
    days = list(walked(recurrence, end))
    assert [day_of(recurrence, place) for place in range(len(days))] == days
    if recurrence.until is not None or recurrence.limit is not None:
        assert shifts_in_all(recurrence) >= len(days)
    for place, day in enumerate(days):
        assert index_at(recurrence, day) == place
        assert index_at(recurrence, day - 1) == place - 1
    assert index_at(recurrence, recurrence.first - 1) == -1


@often
@given(recurrences, ZONES, st.integers(0, 5 * 365 * 24), st.integers(0, 3599))
def test_who_is_on_duty_is_what_the_wall_clock_says(recurrence: Recurrence, zone: str, hour: int, second: int) -> None:
    at = recurrence.first * DAY + hour * HOUR + second * SECOND
    inside, low, high, place = occurrence(recurrence, at, clock_at(at, zone))
    assert low <= at < high
    end = EPOCH_DAY + timedelta(at // DAY + 40)
    expected = [span for day in walked(recurrence, end) if (span := spans(recurrence, day, zone))[0] < span[1]]
    active = [span for span in expected if span[0] <= at < span[1]]
    assert [(low, high)] == active if inside else not active
    if inside:
        assert bounds(recurrence, place, clock_at(at, zone)) == (low, high)
    else:
        assert low == max((span[1] for span in expected if span[1] <= at), default=-FOREVER)
        following = min((span[0] for span in expected if span[0] > at), default=None)
        assert following is None or high == following


def spans(recurrence: Recurrence, day: int, zone: str) -> tuple[int, int]:
    midnight = datetime(1970, 1, 1) + timedelta(day)  # noqa: DTZ001 - what a wall clock shows
    length = recurrence.closes - recurrence.opens
    opens = midnight + timedelta(seconds=recurrence.opens)
    closes = opens + timedelta(seconds=length if length > 0 else length + 86400)
    return instant_of_local(opens, zone), instant_of_local(closes, zone)


@often
@given(recurrences, ZONES, st.lists(st.booleans(), min_size=1, max_size=3))
def test_a_layer_goes_by_its_recurrence(recurrence: Recurrence, zone: str, turns: list[bool]) -> None:
    """What is told of an instant and of a range agree, and turns follow each other shift by shift."""
    members = tuple(Turn((f"user{place}",)) if there else Turn() for place, there in enumerate(turns))
    layer = Layer("l", "L", 0, 0, Interval(1), members, recurrence=recurrence)
    schedule = Schedule("s", 1, "s", "S", zone, (layer,), Mode.UNION)
    start = recurrence.first * DAY - DAY
    found = shifts(schedule, start, start + 60 * DAY)
    for shift in found:
        assert on_call(schedule, shift.start) == on_call(schedule, shift.end - 1) == (shift,)
        assert shift.user_ids == members[shift.turn % len(members)].user_ids
        assert [duty.turn for duty in who(schedule, shift.start)] == [shift.turn]
    for before, after in pairwise(found):
        assert before.end <= after.start
        assert before.end == after.start or not who(schedule, before.end)


# --- The worked example of the reference: Wednesday to Friday, 16:30:00 to 01:30:10 in India


def roster(count: int = 1, first: str = "2024-03-04", **more: int) -> Schedule:
    days = Recurrence(
        Every.WEEK, count, number(first), seconds("16:30:00"), seconds("01:30:10"), weekdays=(2, 3, 4), **more
    )
    layer = Layer("l", "L", 0, 0, Interval(1), (Turn(("ann",)),), recurrence=days)
    return Schedule("s", 1, "s", "S", "Asia/Calcutta", (layer,), Mode.UNION)


def on_duty(schedule: Schedule, local: str) -> bool:
    return bool(who(schedule, instant_of_local(datetime.fromisoformat(local), schedule.zone)))


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2024-03-07T00:45:00", True),  # a Thursday, by Wednesday's shift
        ("2024-03-09T01:00:00", True),  # a Saturday, by Friday's
        ("2024-03-06T01:00:00", False),  # a Wednesday
        ("2024-03-06T16:29:59", False),
        ("2024-03-06T16:30:00", True),
        ("2024-03-07T01:30:09", True),
        ("2024-03-07T01:30:10", False),
        ("2024-03-01T17:00:00", False),  # a Friday before the first day
    ],
)
def test_over_midnight(local: str, expected: bool) -> None:
    assert on_duty(roster(), local) is expected


def test_every_other_week_a_shift_that_crosses_into_the_next_one_counts() -> None:
    saturday = Recurrence(Every.WEEK, 2, number("2024-03-04"), seconds("16:30:00"), seconds("01:30:00"), weekdays=(6,))
    layer = Layer("l", "L", 0, 0, Interval(1), (Turn(("ann",)),), recurrence=saturday)
    schedule = Schedule("s", 1, "s", "S", "Asia/Calcutta", (layer,), Mode.UNION)
    assert on_duty(schedule, "2024-03-11T01:00:00")
    assert not on_duty(schedule, "2024-03-18T01:00:00")
    assert on_duty(schedule, "2024-03-25T01:00:00")
    assert [on_duty(roster(2), f"2024-03-{day:02}T17:00:00") for day in (6, 13, 20)] == [True, False, True]


def test_so_many_shifts_or_until_a_day() -> None:
    days = [day for day in range(1, 31) if on_duty(roster(limit=4), f"2024-03-{day:02}T17:00:00")]
    assert days == [6, 7, 8, 13]
    days = [day for day in range(1, 31) if on_duty(roster(until=number("2024-03-14")), f"2024-03-{day:02}T17:00:00")]
    assert days == [6, 7, 8, 13, 14]
    assert on_duty(roster(until=number("2024-03-14")), "2024-03-15T01:00:00")
    assert not on_duty(roster(limit=0), "2024-03-06T17:00:00")


def test_at_the_end_of_time() -> None:
    for every in Every:
        days = Recurrence(every, 10, number("9990-01-31"), 0, 0, weekdays=(0,))
        at = number("9999-12-30") * DAY
        occurrence(days, at, clock_at(at, "UTC"))
