"""Layers: whose turn it is, from when until when. Closed form: the age of a rotation costs nothing."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from watchbill.domain.civil import (
    DAY,
    FOREVER,
    SECOND,
    WEEK,
    Clock,
    Window,
    clock_at,
    instant_near,
    opening_days,
    stretch,
)
from watchbill.domain.recurrence import Recurrence, bounds, occurrence


class Counting(StrEnum):
    """What an interval of days counts: calendar days, or only days on which the layer has a shift."""

    DAYS = "days"
    SHIFTS = "shifts"


_SHIFTS = Counting.SHIFTS  # looking up a member of an enumeration takes longer than comparing it


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
    No restrictions: the whole week. With a `recurrence` its shifts are the turns, and neither interval nor restrictions
    count.
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
    recurrence: Recurrence | None = None


def quiet(layers: tuple[Layer, ...], zone_name: str, at: int, span: tuple[int, int]) -> tuple[int, int]:
    """The part of a span around `at` in which all layers have nobody; they have nobody at `at`."""
    for layer in layers:
        low, high, _ = piece(layer, zone_name, at)
        span = quiet_part(layer, zone_name, (low, high), span)
    return span


def quiet_part(layer: Layer, zone_name: str, known: tuple[int, int], span: tuple[int, int]) -> tuple[int, int]:
    """The part of a span, around a piece known to be quiet, in which a layer has nobody."""
    (low, high), (start, end) = known, span
    closed_between = low > layer.start and high < (FOREVER if layer.end is None else layer.end)
    if closed_between and all(turn.user_ids or turn.team_ids for turn in layer.turns):
        return max(start, low), min(end, high)  # as is mostly so; to step out of both sides would find the same
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
    if layer.recurrence is not None:
        return _recurring(layer, layer.recurrence, clock_at(at, layer.zone or zone_name), at)
    return _rotating(layer, zone_name, at)


def _rotating(layer: Layer, zone_name: str, at: int) -> tuple[int, int, int | None]:
    start, end = layer.start, layer.end
    if at < start:
        return -FOREVER, start, None
    if end is None:
        end = FOREVER
    elif at >= end:
        return end, FOREVER, None
    here = clock_at(at, layer.zone or zone_name)
    if layer.restrictions:
        inside, low, high = stretch(layer.restrictions, here, at)
        if not inside:
            return low, high, None
        start, end = low if low > start else start, high if high < end else end
    if not layer.turns:
        return -FOREVER, FOREVER, None
    turn, low, high = _turn_at(layer, here, at)
    if not somebody(layer, turn):
        return *_empty_turns(layer, here, turn), None
    return low if low > start else start, high if high < end else end, turn


def _recurring(layer: Layer, recurrence: Recurrence, clock: Clock, at: int) -> tuple[int, int, int | None]:
    start, end = layer.start, FOREVER if layer.end is None else layer.end
    if not start <= at < end or not layer.turns:
        return (-FOREVER, start, None) if at < start else (end if at >= end else -FOREVER, FOREVER, None)
    inside, low, high, turn = occurrence(recurrence, at, clock)
    if not inside:
        return low, high, None
    return max(low, start), min(high, end), turn if somebody(layer, turn) else None


# --- Turns


def somebody(layer: Layer, turn: int) -> bool:
    member = layer.turns[turn % len(layer.turns)]
    return bool(member.user_ids or member.team_ids)


def _empty_turns(layer: Layer, clock: Clock, turn: int) -> tuple[int, int]:
    """From the last handoff by somebody before an empty turn to the next one to somebody."""
    if not any(somebody(layer, other) for other in range(len(layer.turns))):
        return -FOREVER, FOREVER
    first, last = turn, turn
    while not somebody(layer, first - 1):
        first -= 1
    while not somebody(layer, last + 1):
        last += 1
    handoff = _handoffs(layer, clock)
    return handoff(first), handoff(last + 1)


def turn_bounds(layer: Layer, zone_name: str, turn: int) -> tuple[int, int]:
    """From the handoff to a turn to the next one, uncut."""
    clock = clock_at(layer.rotation_start, layer.zone or zone_name)
    if layer.recurrence is not None:
        return bounds(layer.recurrence, turn, clock)
    handoff = _handoffs(layer, clock)
    return handoff(turn), handoff(turn + 1)


def turn_at(layer: Layer, zone_name: str, at: int) -> int:
    """The number of the turn that an instant falls into, whether or not the layer acts then; between the shifts of a
    recurrence that of the last one."""
    if layer.recurrence is not None:
        return occurrence(layer.recurrence, at, clock_at(at, layer.zone or zone_name))[3]
    return _turn_at(layer, clock_at(at, layer.zone or zone_name), at)[0]


def _turn_at(layer: Layer, clock: Clock, at: int) -> tuple[int, int, int]:
    """The turn that an instant falls into, its start and its end.

    Guessed from the mean length, then put right: changes of the clocks, and weekdays without a shift, are a few
    turns at most. Of turns that a skipped day leaves without any time the last one counts.
    """
    handoff = _handoffs(layer, clock)
    turn = (at - layer.rotation_start) // _mean_length(layer)
    start, end = handoff(turn), handoff(turn + 1)
    while start > at:
        turn, start, end = turn - 1, handoff(turn - 1), start
    while end <= at:
        turn, start, end = turn + 1, end, handoff(turn + 2)
    return turn, start, end


def _mean_length(layer: Layer) -> int:
    interval = layer.interval
    if interval.counting is _SHIFTS:
        return interval.days * WEEK // (len(opening_days(layer.restrictions)) or 7) + interval.seconds * SECOND
    return interval.days * DAY + interval.seconds * SECOND


def _handoffs(layer: Layer, near: Clock) -> Callable[[int], int]:
    """The function that tells at which instant a turn begins: its days by the wall clock, then its seconds.

    Turn 0 begins at `rotation_start` itself, be it in a repeated hour. `near` is the clock around what is asked.
    """
    interval, begin = layer.interval, layer.rotation_start
    days, seconds = interval.days * DAY, interval.seconds * SECOND
    if not days:
        return lambda turn: begin + turn * seconds
    shown = begin + clock_at(begin, near.zone).ahead
    weekdays = opening_days(layer.restrictions) if interval.counting is _SHIFTS else ()
    if not weekdays:
        return lambda turn: (instant_near(shown + turn * days, near) if turn else begin) + turn * seconds

    def handoff(turn: int) -> int:
        days = _days_of_shifts(weekdays, shown, turn * interval.days)
        return (instant_near(shown + days * DAY, near) if days else begin) + turn * seconds

    return handoff


def _days_of_shifts(weekdays: tuple[int, ...], shown: int, count: int) -> int:
    """How many calendar days after a local time the count-th day with a shift comes; that day itself may be the 0th."""
    today = shown // DAY + 3  # day 0 is a Monday: 1970-01-01 was a Thursday
    week, weekday = divmod(today, 7)
    weeks, index = divmod(bisect_left(weekdays, weekday) + count, len(weekdays))
    return (week + weeks) * 7 + weekdays[index] - today
