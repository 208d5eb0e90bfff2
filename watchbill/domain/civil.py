"""Instants and civil time.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z. A duration is an integer of microseconds
too. Civil time (what a wall clock in a zone shows) exists only where people speak of it: schedules, hours,
wording.

Civil arithmetic is done on *readings*: what the wall clock shows, as microseconds since it showed 1970-01-01
00:00. A wall clock is put back now and then; ours stands still instead until time has caught up with it, so that
it never runs backwards. Two functions follow, and fit each other exactly: `reading` of an instant, and
`instant_of_reading`, the first instant at which the clock has come that far. (`instant_of_reading(r) <= t` just
when `r <= reading(t)`.)
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import add, sub
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
FOREVER = 1 << 62

_MICROSECOND = timedelta(microseconds=1)
_EPOCH_READING = datetime(1970, 1, 1)  # noqa: DTZ001 - what a wall clock shows has no zone
_EPOCH_WEEKDAY = 3 * DAY  # 1970-01-01 was a Thursday

# Offsets are looked up in tables, one for each zone and each 4.5 years. Tables overlap by more than the largest
# offset, so that a look-up never needs two. They are found by probing: since 1970 no zone has changed its offset
# and changed it back within six days (Gaza comes closest, by an hour less than seven).
_CHUNK_BITS = 47
_OVERLAP = 2 * DAY
_PROBE = 6 * DAY
_FIRST = (datetime(1, 1, 3, tzinfo=UTC) - EPOCH) // _MICROSECOND
_LAST = (datetime(9999, 12, 29, tzinfo=UTC) - EPOCH) // _MICROSECOND


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ValueError with the name when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"'{name}' is not a time zone of the IANA database, such as 'Europe/Paris'"
        raise ValueError(message) from error


def utc(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def local(at: int, zone_name: str) -> datetime:
    """The aware local time at an instant."""
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone(zone_name))


def instant(moment: datetime) -> int:
    """The instant of an aware time."""
    return (moment - EPOCH) // _MICROSECOND


def instant_of_local(naive: datetime, zone_name: str) -> int:
    """The instant at which a wall clock in that zone shows this time.

    A time shown twice (clocks go back) is its first showing. A time never shown (clocks go forward) is the
    moment of the jump: what was due in the missing hour is due when the hour is skipped.
    """
    return instant_of_reading((naive - _EPOCH_READING) // _MICROSECOND, zone_name)


class Clock(NamedTuple):
    """A zone's wall clock around an instant: from `since` until `until` it runs steadily, `ahead` of UTC.

    Steadily: without a change, and showing nothing that it has shown before.
    """

    zone: str
    ahead: int
    since: int
    until: int


class _Offsets(NamedTuple):
    """Spans of one offset each: where they begin, how far the wall clock has come by their end, and their clocks.

    The last span has no end here.
    """

    starts: list[int]
    reached: list[int]
    clocks: list[Clock]


def _offset_at(at: int, where: ZoneInfo) -> int:
    """How far ahead of UTC by the database; beyond the years that `datetime` knows, as in its first or last days."""
    if not _FIRST <= at <= _LAST:
        at = _FIRST if at < _FIRST else _LAST
    ahead = (EPOCH + timedelta(microseconds=at)).astimezone(where).utcoffset()
    assert ahead is not None  # it is for times without a zone only
    return ahead // _MICROSECOND


def _first_change(low: int, high: int, where: ZoneInfo) -> int:
    """The instant after `low` at which the offset becomes another; by `high` it has. A whole second, like all."""
    before = _offset_at(low, where)
    low, high = low // SECOND, high // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_at(middle * SECOND, where) == before:
            low = middle
        else:
            high = middle
    return high * SECOND


@lru_cache(maxsize=4096)
def _offsets(zone_name: str, chunk: int) -> _Offsets:
    where = zone(zone_name)
    begin = ((chunk << _CHUNK_BITS) - _OVERLAP) // SECOND * SECOND
    end = ((chunk + 1) << _CHUNK_BITS) + _OVERLAP
    starts, offsets = [begin], [_offset_at(begin, where)]
    for probe in range(begin + _PROBE, end + _PROBE, _PROBE):
        while _offset_at(probe, where) != offsets[-1]:
            starts.append(_first_change(max(starts[-1], probe - _PROBE), probe, where))
            offsets.append(_offset_at(starts[-1], where))
    reached = list(accumulate(map(add, starts[1:], offsets), max))
    since = [begin, *map(max, starts[1:], map(sub, reached, offsets[1:]))]
    clocks = [Clock(zone_name, *span) for span in zip(offsets, since, [*starts[1:], end], strict=True)]
    return _Offsets(starts, reached, clocks)


def clock_at(at: int, zone_name: str) -> Clock:
    """The wall clock of a zone around an instant."""
    starts, _, clocks = _offsets(zone_name, at >> _CHUNK_BITS)
    return clocks[bisect_right(starts, at) - 1]


def reading(at: int, clock: Clock) -> int:
    """How far the wall clock has come: what it shows, or the most it ever showed while it repeats an hour."""
    return (at if at >= clock.since else clock.since - 1) + clock.ahead


def instant_of_reading(shown: int, zone_name: str) -> int:
    """The first instant at which the wall clock has come that far."""
    starts, reached, clocks = _offsets(zone_name, shown >> _CHUNK_BITS)
    span = bisect_right(reached, shown)
    return max(shown - clocks[span].ahead, starts[span])


def instant_near(shown: int, clock: Clock) -> int:
    """The same, fast when the clock runs steadily from its instant to that one."""
    zone_name, ahead, since, until = clock
    at = shown - ahead
    return at if since <= at < until else instant_of_reading(shown, zone_name)


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly span of local time, from start (inclusive) to end (exclusive).

    Days count from 0 (Monday) to 6; start and end are seconds since local midnight, 0 to 86,400. An end before
    the start wraps over Sunday. Equal start and end is an empty span (Datadog reference, part 5.4).
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


@lru_cache(maxsize=4096)
def _edges(windows: tuple[Window, ...]) -> tuple[bool, tuple[int, ...]]:
    """Where the union of the windows opens and closes, in turn, from Monday 00:00; and whether it begins open.

    Windows that touch are one. Without edges the week is all open or all closed.
    """
    spans: list[tuple[int, int]] = []
    for window in windows:
        start = (window.start_day * DAY_SECONDS + window.start) * SECOND
        end = (window.end_day * DAY_SECONDS + window.end) * SECOND
        spans += [(start, end)] if start <= end else [(start, WEEK), (0, end)]
    edges: list[int] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if not edges or start > edges[-1]:
            edges += [start, end]
        else:
            edges[-1] = max(end, edges[-1])
    if edges and edges[0] == 0 and edges[-1] == WEEK:
        return True, tuple(edges[1:-1])
    return False, tuple(edges)


@lru_cache(maxsize=4096)
def opening_days(windows: tuple[Window, ...]) -> tuple[int, ...]:
    """The weekdays on which windows begin, in order."""
    begins = {
        window.start_day + window.start // DAY_SECONDS
        for window in windows
        if (window.start_day, window.start) != (window.end_day, window.end)
    }
    return tuple(sorted({day % 7 for day in begins}))


def stretch(windows: tuple[Window, ...], clock: Clock, at: int) -> tuple[bool, int, int]:
    """Whether the windows are open at an instant, since when and until when.

    -FOREVER and FOREVER where that never changes. A window is as long as the wall clock says: one in a skipped
    hour is not there, one in a repeated hour is there once.
    """
    open_before, edges = _edges(windows)
    if not edges:
        return open_before, -FOREVER, FOREVER
    shown = reading(at, clock)
    monday = shown - (shown + _EPOCH_WEEKDAY) % WEEK
    passed = bisect_right(edges, shown - monday)
    midnight = monday - clock.ahead
    since = midnight + (edges[passed - 1] if passed else edges[-1] - WEEK)
    until = midnight + (edges[passed] if passed < len(edges) else edges[0] + WEEK)
    if since <= clock.since or until >= clock.until:
        since, until = _across_changes(edges, monday, passed, clock.zone)
    return (passed % 2 == 1) != open_before, since, until


def _across_changes(edges: tuple[int, ...], monday: int, passed: int, zone_name: str) -> tuple[int, int]:
    """The stretch after that many edges, joined with those next to it where a skipped hour leaves nothing between."""

    def edge(number: int) -> int:
        week, index = divmod(number, len(edges))
        return instant_of_reading(monday + week * WEEK + edges[index], zone_name)

    low, high = passed - 1, passed
    while edge(low - 1) == edge(low):
        low -= 2
    while edge(high + 1) == edge(high):
        high += 2
    return edge(low), edge(high)


def covers(hours: Hours, at: int) -> bool:
    return stretch(hours.windows, clock_at(at, hours.zone), at)[0]


def next_change(hours: Hours, at: int) -> int | None:
    """The next instant after `at` at which being inside these hours changes; None when it never does."""
    until = stretch(hours.windows, clock_at(at, hours.zone), at)[2]
    return until if until < FOREVER else None


def next_opening(hours: Hours, at: int) -> int | None:
    """The first instant at or after `at` inside these hours; None when no window ever opens."""
    return at if covers(hours, at) else next_change(hours, at)
