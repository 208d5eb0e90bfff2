"""Instants and civil time.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z. A duration is an integer of microseconds too. Civil
time (what a wall clock in a zone shows) exists only where people speak of it: schedules, hours, wording.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ValueError with the name when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone of the IANA database, such as 'Europe/Paris'") from error


def utc(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def local(at: int, zone_name: str) -> datetime:
    """The aware local time at an instant."""
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone(zone_name))


def instant(moment: datetime) -> int:
    """The instant of an aware time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def instant_of_local(naive: datetime, zone_name: str) -> int:
    """The instant at which a wall clock in that zone shows this time.

    A time shown twice (clocks go back) is its first showing. A time never shown (clocks go forward) is the moment of
    the jump: what was due in the missing hour is due when the hour is skipped.
    """
    where = zone(zone_name)
    aware = naive.replace(tzinfo=where, fold=0)
    at = instant(aware)
    if local(at, zone_name).replace(tzinfo=None) == naive:
        return at
    return _jump_before(at, zone_name, naive)


def _jump_before(at: int, zone_name: str, naive: datetime) -> int:
    """The instant of the jump that skips `naive`; fold=0 reads it with the offset before the jump, so it lies at or
    before `at`.
    """
    low, high = at - DAY, at
    while high - low > SECOND:
        middle = low + (high - low) // 2 // SECOND * SECOND
        if middle in (low, high):
            break
        if local(middle, zone_name).replace(tzinfo=None) >= naive:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly span of local time, from start (inclusive) to end (exclusive).

    Days count from 0 (Monday) to 6; start and end are seconds since local midnight, 0 to 86,400. An end before the
    start wraps over Sunday. Equal start and end is an empty span (Datadog reference, part 5.4).
    """

    start_day: int
    start: int
    end_day: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly windows in one zone; an instant counts when any of them covers it."""

    zone: str
    windows: tuple[Window, ...]


def second_of_week(moment: datetime) -> int:
    return moment.weekday() * DAY_SECONDS + moment.hour * 3600 + moment.minute * 60 + moment.second


def in_windows(windows: tuple[Window, ...], moment: datetime) -> bool:
    """Whether any window covers this local time."""
    second = second_of_week(moment)
    for window in windows:
        start = window.start_day * DAY_SECONDS + window.start
        end = window.end_day * DAY_SECONDS + window.end
        if start < end:
            if start <= second < end:
                return True
        elif start > end and (second >= start or second < end):
            return True
    return False


def covers(hours: Hours, at: int) -> bool:
    return in_windows(hours.windows, local(at, hours.zone))


def next_change(hours: Hours, at: int) -> int | None:
    """The next instant after `at` at which being inside these hours may change; None when it never does."""
    today = local(at, hours.zone)
    midnight = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - civil time, placed into its zone below
    monday = midnight - timedelta(days=today.weekday())
    edges = set()
    for week in (0, 7):
        for window in hours.windows:
            for day, second in ((window.start_day, window.start), (window.end_day, window.end)):
                edge = monday + timedelta(days=week + day, seconds=second)
                edges.add(instant_of_local(edge, hours.zone))
    later = [edge for edge in edges if edge > at]
    return min(later, default=None)


def next_opening(hours: Hours, at: int) -> int | None:
    """The first instant at or after `at` inside these hours; None when no window ever opens."""
    moment: int | None = at
    for _ in range(4 * len(hours.windows) + 4):
        if moment is None or covers(hours, moment):
            return moment
        moment = next_change(hours, moment)
    return None
