"""Shifts that come again by the calendar: every so many days, weeks, months or years, at a time of day (OpsRamp
reference, part 4.2). Which one it is at an instant is worked out in closed form: its age costs nothing.

A day is a number of days since 1970-01-01, by the wall clock of a zone.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from watchbill.domain.civil import DAY, DAY_SECONDS, FOREVER, SECOND, Clock, instant_near, reading

EPOCH_DAY = date(1970, 1, 1)
LAST = -1
MOST_DAYS = (date(9999, 12, 31) - EPOCH_DAY).days


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Shift k, from 0 on, is the k-th that begins on or after the day `first`, each `count` units of `every` apart.

    It opens at `opens` seconds after midnight and closes at `closes`, the next day unless that is later: at the same
    time it is a whole day. WEEK: on these `weekdays` (0 is Monday), in weeks that count from the one of `first`. MONTH:
    on the day `month_day`, or the `nth` (1 to 4, -1 the last) `weekday`. A day that a month lacks is its last one;
    a YEAR goes by the date of `first` likewise. No shift begins after the day `until`; there are `limit` in all.
    """

    every: Every
    count: int
    first: int
    opens: int
    closes: int
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    nth: int | None = None
    weekday: int = 0
    until: int | None = None
    limit: int | None = None


def occurrence(recurrence: Recurrence, at: int, clock: Clock) -> tuple[bool, int, int, int]:
    """Whether it is open at an instant; since when and until when; and the number of the shift, where it is.

    Not open: the span in which it is not, -FOREVER and FOREVER where there is no shift before or after.
    """
    end = shifts_in_all(recurrence)
    here = index_at(recurrence, reading(at, clock) // DAY)
    while here >= 0 and bounds(recurrence, here, clock)[0] > at:
        here -= 1
    here = min(here, end - 1)
    if here >= 0:
        opened, closed = bounds(recurrence, here, clock)
        if opened <= at < closed:
            return True, opened, closed, here
    return False, _last_close(recurrence, here, clock), _next_open(recurrence, here + 1, end, clock), here


def _last_close(recurrence: Recurrence, number: int, clock: Clock) -> int:
    """When a shift with any time in it closed last. One that falls into a skipped hour has none."""
    while number >= 0:
        opened, closed = bounds(recurrence, number, clock)
        if opened < closed:
            return closed
        number -= 1
    return -FOREVER


def _next_open(recurrence: Recurrence, number: int, end: int, clock: Clock) -> int:
    while number < end:
        opened, closed = bounds(recurrence, number, clock)
        if opened < closed:
            return opened
        number += 1
    return FOREVER


def bounds(recurrence: Recurrence, number: int, clock: Clock) -> tuple[int, int]:
    """When that shift opens and closes. `clock` is the one around what is asked."""
    midnight = day_of(recurrence, number) * DAY
    length = recurrence.closes - recurrence.opens
    opens = midnight + recurrence.opens * SECOND
    closes = opens + (length if length > 0 else length + DAY_SECONDS) * SECOND
    return instant_near(opens, clock), instant_near(closes, clock)


def shifts_in_all(recurrence: Recurrence) -> int:
    """How many there are; those that nobody lives to see count too."""
    until = MOST_DAYS - 1 if recurrence.until is None else min(recurrence.until, MOST_DAYS - 1)
    ending = index_at(recurrence, until) + 1
    return max(0, ending if recurrence.limit is None else min(ending, recurrence.limit))


# --- Days and numbers: one from the other


def day_of(recurrence: Recurrence, number: int) -> int:
    """The day on which that shift begins."""
    if recurrence.every is Every.DAY:
        return recurrence.first + number * recurrence.count
    if recurrence.every is Every.WEEK:
        weeks, place = divmod(number + _skipped(recurrence), len(recurrence.weekdays))
        return _monday(recurrence.first) + weeks * recurrence.count * 7 + recurrence.weekdays[place]
    return _month_day(recurrence, number + _skipped(recurrence))


def index_at(recurrence: Recurrence, day: int) -> int:
    """The number of the latest shift that begins on that day or before; below 0 when none has begun."""
    if day < recurrence.first:
        return -1
    if recurrence.every is Every.DAY:
        return (day - recurrence.first) // recurrence.count
    if recurrence.every is Every.WEEK:
        weeks = (day - _monday(recurrence.first)) // (recurrence.count * 7)
        since = day - _monday(recurrence.first) - weeks * recurrence.count * 7
        passed = sum(weekday <= since for weekday in recurrence.weekdays)
        return weeks * len(recurrence.weekdays) + passed - 1 - _skipped(recurrence)
    step = recurrence.count * (12 if recurrence.every is Every.YEAR else 1)
    periods = (_months(day) - _months(recurrence.first)) // step
    begun = _month_day(recurrence, periods) <= day
    return periods - (not begun) - _skipped(recurrence)


def _skipped(recurrence: Recurrence) -> int:
    """How many days of the first week or month are before the first day."""
    if recurrence.every is Every.WEEK:
        return sum(weekday < recurrence.first - _monday(recurrence.first) for weekday in recurrence.weekdays)
    return int(recurrence.every is Every.MONTH and _month_day(recurrence, 0) < recurrence.first)


def _monday(day: int) -> int:
    return day - (day + 3) % 7  # 1970-01-01 was a Thursday


def _date(day: int) -> date:
    return EPOCH_DAY + timedelta(day)


def _months(day: int) -> int:
    found = _date(day)
    return found.year * 12 + found.month - 1


def _month_day(recurrence: Recurrence, period: int) -> int:
    """The day in the period-th month (of a YEAR: in the month of the first day, years later); beyond the year 9999 the
    end of time."""
    first = _date(recurrence.first)
    step = recurrence.count * (12 if recurrence.every is Every.YEAR else 1)
    year, month = divmod(first.year * 12 + first.month - 1 + period * step, 12)
    if year > 9999:
        return MOST_DAYS + 1
    begin = (date(year, month + 1, 1) - EPOCH_DAY).days
    length = _length(year, month + 1)
    if recurrence.nth is not None and recurrence.every is Every.MONTH:
        return begin + _nth(recurrence.nth, recurrence.weekday, begin, length)
    wanted = first.day if recurrence.every is Every.YEAR else recurrence.month_day or first.day
    return begin + min(wanted, length) - 1


def _nth(nth: int, weekday: int, begin: int, length: int) -> int:
    """How many days after the first of a month its nth weekday comes."""
    if nth == LAST:
        return length - 1 - (begin + length - 1 + 3 - weekday) % 7
    return (weekday - begin - 3) % 7 + (nth - 1) * 7


def _length(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days
