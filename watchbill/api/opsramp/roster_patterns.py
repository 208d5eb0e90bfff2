"""The schedule of a shift: once, or again and again, and the layer of ours that it makes (reference, part 4.2).

Daily and weekly shifts without weeks between are weekly windows, as every API knows them; all others a recurrence.
"""

import re
from collections.abc import Sequence
from datetime import date

from watchbill.api.opsramp.bodies import LARGEST, Body, needed, one, text, whole, word
from watchbill.api.opsramp.times import moment
from watchbill.domain.civil import DAY, DAY_SECONDS, Window, clock_at, reading
from watchbill.domain.errors import Invalid
from watchbill.domain.record import replace
from watchbill.domain.recurrence import EPOCH_DAY, LAST, Every, Recurrence, bounds, shifts_in_all
from watchbill.domain.rota import Interval, Layer

ONE_TIME, RECURRING = "one-time", "recurring"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": LAST}
UNITS = {"daily": Every.DAY, "weekly": Every.WEEK, "monthly": Every.MONTH, "yearly": Every.YEAR}
DAY_OF_WEEK, DAY_OF_MONTH = "day_of_week", "day_of_month"
NEVER, OCCURRENCES, DATE = "never", "occurrences", "date"
MOST_UNITS = 10
# One turn for ever, as far as anybody looks.
WHOLE = Interval(3660)
WEEK = Interval(7)


def scheduled(layer: Layer, schedule: Body, zone_name: str) -> Layer:
    """The layer with the times that a schedule says. Raises Invalid."""
    kind = word(schedule, "type", (ONE_TIME, RECURRING), str.lower)
    if kind is None:
        raise Invalid("type is mandatory", "type")
    if kind == ONE_TIME:
        start, end = moment(schedule.get("startDate"), "startDate"), moment(schedule.get("endDate"), "endDate")
        if end <= start:
            raise Invalid("endDate is not after startDate", "endDate")
        return _timed(layer, start, end, WHOLE)
    return _recurring(layer, recurrence_of(schedule, zone_name), zone_name)


def _timed(layer: Layer, start: int, end: int | None, interval: Interval) -> Layer:
    bare = replace(layer, restrictions=(), recurrence=None)
    return replace(bare, start=start, rotation_start=start, end=end, interval=interval)


def _recurring(layer: Layer, recurrence: Recurrence, zone_name: str) -> Layer:
    first = _bounds(recurrence, 0, zone_name)
    begin = max(0, first[0])
    weekdays = _every_week(recurrence)
    if weekdays is None or not shifts_in_all(recurrence):
        return replace(_timed(layer, begin, None, WEEK), recurrence=recurrence)
    endless = recurrence.until is None and recurrence.limit is None
    end = None if endless else _bounds(recurrence, shifts_in_all(recurrence) - 1, zone_name)[1]
    windows = tuple(_window(day, recurrence) for day in weekdays)
    return replace(_timed(layer, begin, end, WEEK), restrictions=windows)


def _bounds(recurrence: Recurrence, number: int, zone_name: str) -> tuple[int, int]:
    return bounds(recurrence, number, clock_at(recurrence.first * DAY, zone_name))


def _every_week(recurrence: Recurrence) -> Sequence[int] | None:
    """The weekdays of a shift that is there each week alike."""
    if recurrence.count != 1 or recurrence.every not in (Every.DAY, Every.WEEK):
        return None
    return range(7) if recurrence.every is Every.DAY else recurrence.weekdays


def _window(day: int, recurrence: Recurrence) -> Window:
    over_midnight = recurrence.closes <= recurrence.opens
    return Window(day, recurrence.opens, (day + over_midnight) % 7, recurrence.closes)


# --- What a schedule says


def recurrence_of(schedule: Body, zone_name: str) -> Recurrence:
    """Raises Invalid."""
    pattern = one(schedule, "pattern")
    if pattern is None:
        raise Invalid("pattern is mandatory", "pattern")
    unit = word(pattern, "type", tuple(UNITS), str.lower)
    if unit is None:
        raise Invalid("type is mandatory", "pattern.type")
    made = Recurrence(
        every=UNITS[unit],
        count=whole(pattern, "repeatFrequency", 1, MOST_UNITS) or 1,
        first=_day(schedule.get("startDate"), "startDate"),
        opens=_time(schedule, "startTime"),
        closes=_time(schedule, "endTime"),
    )
    if unit == "weekly":
        made = replace(made, weekdays=_weekdays(pattern))
    if unit == "monthly":
        made = _in_month(made, pattern)
    return _ending(made, schedule, pattern, zone_name)


def _day(value: object, field: str) -> int:
    """The date as it is written, whatever its zone."""
    moment(value, field)
    return (date.fromisoformat(str(value).strip()[:10]) - EPOCH_DAY).days


def _time(schedule: Body, field: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", needed(schedule, field).strip(), re.ASCII)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds >= DAY_SECONDS:
        raise Invalid("A time like 16:30:00 is needed", field)
    return hours * 3600 + minutes * 60 + seconds


def _weekdays(pattern: Body) -> tuple[int, ...]:
    told = pattern.get("weekDays")
    names = [str(name) for name in told] if isinstance(told, list) else needed(pattern, "weekDays").split(",")
    return tuple(sorted({_weekday(name, "pattern.weekDays") for name in names}))


def _weekday(name: str, field: str) -> int:
    """In full, or by its first three letters. Raises Invalid."""
    told = name.strip().lower()
    for number, known in enumerate(WEEKDAYS):
        if told in (known, known[:3]):
            return number
    raise Invalid(f"{name[:40]} is no day of the week", field)


def _in_month(made: Recurrence, pattern: Body) -> Recurrence:
    repeat = word(pattern, "repeatType", (DAY_OF_WEEK, DAY_OF_MONTH), str.lower)
    if repeat == DAY_OF_WEEK:
        nth = word(pattern, "weekIndex", tuple(NTH), str.lower)
        if nth is None:
            raise Invalid("weekIndex is mandatory", "pattern.weekIndex")
        return replace(made, nth=NTH[nth], weekday=_weekday(needed(pattern, "dayOfWeek"), "pattern.dayOfWeek"))
    return replace(made, month_day=whole(pattern, "dayOfMonth", 1, 31))


def _ending(made: Recurrence, schedule: Body, pattern: Body, zone_name: str) -> Recurrence:
    """The end stands beside the pattern, as all samples have it, or inside; its value under several names."""
    told = schedule.get("endPattern", pattern.get("endPattern"))
    end: Body = {"type": told} if isinstance(told, str) else told if isinstance(told, dict) else {}
    kind = word(end, "type", (NEVER, OCCURRENCES, DATE), str.lower)
    if kind == OCCURRENCES:
        return replace(made, limit=_first_of(end, ("OCCURRENCES", "occurrences", "value", "count")))
    if kind == DATE:
        return replace(made, until=_last_day(end, zone_name))
    return made


def _first_of(end: Body, names: Sequence[str]) -> int:
    for name in names:
        found = whole(end, name, 1, LARGEST)
        if found is not None:
            return found
    raise Invalid("The number of occurrences is missing", "endPattern")


def _last_day(end: Body, zone_name: str) -> int:
    """The day on which that moment falls in the roster's zone."""
    for name in ("DATE", "date", "endDate", "value"):
        told = text(end, name)
        if told is not None:
            at = moment(told, "endPattern")
            return reading(at, clock_at(at, zone_name)) // DAY
    raise Invalid("The date is missing", "endPattern")
