"""Layers: whose turn it is, from when until when. Closed form: the age of a rotation costs nothing."""

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

from watchbill.domain.civil import DAY, FOREVER, SECOND, WEEK, Window, instant_of_reading, offset, opening_days, stretch


class Counting(StrEnum):
    """What an interval of days counts: calendar days, or only days on which the layer has a shift."""

    DAYS = "days"
    SHIFTS = "shifts"


@dataclass(frozen=True, slots=True)
class Interval:
    """The length of one turn: calendar days in the layer's zone, then seconds. Together at least one hour."""

    days: int = 0
    seconds: int = 0
    counting: Counting = Counting.DAYS


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is on call together in one turn; nobody at all is a turn too (an empty one)."""

    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """Turn k begins k intervals after `rotation_start` (k may be negative) and belongs to turns[k mod len(turns)].

    The layer acts from `start` (inclusive) to `end` (exclusive, None for ever). Without a zone the schedule's counts.
    No restrictions: the whole week.
    """

    id: str
    name: str
    start: int
    rotation_start: int
    interval: Interval
    turns: tuple[Turn, ...]
    end: int | None = None
    restrictions: tuple[Window, ...] = ()
    zone: str | None = None


def quiet(layers: tuple[Layer, ...], zone_name: str, at: int, span: tuple[int, int]) -> tuple[int, int]:
    """The part of a span around `at` in which all layers have nobody; they have nobody at `at`."""
    for layer in layers:
        low, high, _ = piece(layer, zone_name, at)
        span = quiet_part(layer, zone_name, (low, high), span)
    return span


def quiet_part(layer: Layer, zone_name: str, known: tuple[int, int], span: tuple[int, int]) -> tuple[int, int]:
    """The part of a span, around a piece known to be quiet, in which a layer has nobody."""
    (low, high), (start, end) = known, span
    while low > start:
        before, _, turn = piece(layer, zone_name, low - 1)
        if turn is not None:
            start = low
        low = before
    while high < end:
        _, after, turn = piece(layer, zone_name, high)
        if turn is not None:
            end = high
        high = after
    return start, end


def piece(layer: Layer, zone_name: str, at: int) -> tuple[int, int, int | None]:
    """A span around an instant in which a layer is in one turn of somebody (then the largest), or has nobody (None)."""
    start, end = layer.start, FOREVER if layer.end is None else layer.end
    if at < start or at >= end:
        return (-FOREVER, start, None) if at < start else (end, FOREVER, None)
    zone_name = layer.zone or zone_name
    if layer.restrictions:
        inside, low, high = stretch(layer.restrictions, zone_name, at)
        if not inside:
            return low, high, None
        start, end = max(start, low), min(end, high)
    if not layer.turns:
        return -FOREVER, FOREVER, None
    turn, low, high = _turn_at(layer, zone_name, at)
    if not somebody(layer, turn):
        return *_empty_turns(layer, zone_name, turn), None
    return max(start, low), min(end, high), turn


# --- Turns


def somebody(layer: Layer, turn: int) -> bool:
    member = layer.turns[turn % len(layer.turns)]
    return bool(member.user_ids or member.team_ids)


def _empty_turns(layer: Layer, zone_name: str, turn: int) -> tuple[int, int]:
    """From the last handoff by somebody before an empty turn to the next one to somebody."""
    if not any(somebody(layer, other) for other in range(len(layer.turns))):
        return -FOREVER, FOREVER
    first, last = turn, turn
    while not somebody(layer, first - 1):
        first -= 1
    while not somebody(layer, last + 1):
        last += 1
    return handoff(layer, zone_name, first), handoff(layer, zone_name, last + 1)


def _turn_at(layer: Layer, zone_name: str, at: int) -> tuple[int, int, int]:
    """The turn that an instant falls into, its start and its end.

    Guessed from the mean length, then put right: changes of the clocks, and weekdays without a shift, are a few
    turns at most. Of turns that a skipped day leaves without any time the last one counts.
    """
    turn = (at - layer.rotation_start) // _mean_length(layer)
    start, end = handoff(layer, zone_name, turn), handoff(layer, zone_name, turn + 1)
    while start > at:
        turn, start, end = turn - 1, handoff(layer, zone_name, turn - 1), start
    while end <= at:
        turn, start, end = turn + 1, end, handoff(layer, zone_name, turn + 2)
    return turn, start, end


def _mean_length(layer: Layer) -> int:
    interval = layer.interval
    if interval.counting is Counting.DAYS:
        return interval.days * DAY + interval.seconds * SECOND
    return interval.days * WEEK // (len(opening_days(layer.restrictions)) or 7) + interval.seconds * SECOND


def handoff(layer: Layer, zone_name: str, turn: int) -> int:
    """The instant at which a turn begins: its days by the wall clock, then its seconds as they elapse."""
    interval, begin = layer.interval, layer.rotation_start
    if interval.days:
        shown = begin + offset(begin, zone_name)
        days = interval.days * turn
        if interval.counting is Counting.SHIFTS:
            days = _days_of_shifts(opening_days(layer.restrictions), shown, days)
        if days:
            begin = instant_of_reading(shown + days * DAY, zone_name)
    return begin + interval.seconds * SECOND * turn


def _days_of_shifts(weekdays: tuple[int, ...], shown: int, count: int) -> int:
    """How many calendar days after a local time the count-th day with a shift comes; that day itself may be the 0th."""
    if not weekdays:
        return count
    today = shown // DAY + 3  # day 0 is a Monday: 1970-01-01 was a Thursday
    week, weekday = divmod(today, 7)
    weeks, index = divmod(bisect_left(weekdays, weekday) + count, len(weekdays))
    return (week + weeks) * 7 + weekdays[index] - today
