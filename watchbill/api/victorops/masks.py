"""Masks: the days and hours at which a shift is on duty (reference, part 2.16).

A shift has one mask, or three when it lasts several days: its first day, the whole days in between, its last one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from watchbill.domain.civil import DAY_SECONDS, WEEK_SECONDS, Window
from watchbill.domain.errors import Invalid

DAYS = ("m", "t", "w", "th", "f", "sa", "su")
# As the original lists them.
SHOWN_DAYS = ("su", "m", "t", "w", "th", "f", "sa")
MOST_MASKS = 3
MOST_SPANS = 24
ALWAYS, PART_OF_DAY, SEVERAL_DAYS, AROUND_THE_SUN = "std", "pho", "cstm", "fts"
TYPES = (ALWAYS, PART_OF_DAY, SEVERAL_DAYS, AROUND_THE_SUN)
WHOLE_DAY = (0, 0)

# From and to, in seconds since midnight; an end that is not after the start is on the next day.
Span = tuple[int, int]


class Clock(msgspec.Struct):
    hour: int = 0
    minute: int = 0


class Range(msgspec.Struct):
    start: Clock | None = None
    end: Clock | None = None


class Mask(msgspec.Struct):
    day: dict[str, bool | None] | None = None
    time: list[Range] | None = None


# --- What clients send


def windows_of(kind: str, masks: Sequence[Mask | None]) -> tuple[Window, ...]:
    """The hours of a shift of that type, from its masks. Raises Invalid."""
    if kind not in TYPES:
        raise Invalid(f"'{kind}' is no type of shift. Use one of {', '.join(TYPES)}", "shifttype")
    if kind == ALWAYS:
        return ()
    read = [(_days(mask), _spans(mask)) for mask in masks if mask is not None]
    if kind == SEVERAL_DAYS and len(read) == MOST_MASKS:
        joined = _joined(*read)
        if joined is not None:
            return (joined,)
    found = tuple(dict.fromkeys(_window(day, span) for days, spans in read for day in days for span in spans))
    if not found:
        raise Invalid("no day is chosen, so the shift never begins", "mask")
    return found


def _days(mask: Mask) -> tuple[int, ...]:
    given = mask.day or {}
    unknown = next((name for name in given if name not in DAYS), None)
    if unknown is not None:
        raise Invalid(f"'{unknown}' is no day. Use {', '.join(DAYS)}", "mask.day")
    return tuple(number for number, name in enumerate(DAYS) if given.get(name))


def _spans(mask: Mask) -> tuple[Span, ...]:
    given = mask.time or ()
    if len(given) > MOST_SPANS:
        raise Invalid(f"there are {len(given)} spans in a day. Use at most {MOST_SPANS}", "mask.time")
    return tuple((_second(span.start), _second(span.end)) for span in given) or (WHOLE_DAY,)


def _second(clock: Clock | None) -> int:
    given = clock or Clock()
    if not (0 <= given.hour <= 24 and 0 <= given.minute <= 59) or given.hour * 60 + given.minute > 24 * 60:
        raise Invalid(f"{given.hour}:{given.minute} is no time of the day", "mask.time")
    return (given.hour * 3600 + given.minute * 60) % DAY_SECONDS


def _window(day: int, span: Span) -> Window:
    start, end = span
    return Window(day, start, day if start < end else (day + 1) % 7, end)


Read = tuple[tuple[int, ...], tuple[Span, ...]]


def _joined(first: Read, between: Read, last: Read) -> Window | None:
    """One span over several days, when that is what the three masks say together."""
    ends = [days[0] for days, spans in (first, last) if len(days) == 1 and len(spans) == 1]
    if len(ends) < 2:
        return None
    (_, [(start, until)]), (_, [(since, end)]) = first, last
    whole = not between[0] or between[1] == (WHOLE_DAY,)
    if until or since or not whole or set(between[0]) != set(_days_between(*ends)):
        return None
    return Window(ends[0], start, ends[1] if end else (ends[1] + 1) % 7, end)


def _days_between(first: int, last: int) -> tuple[int, ...]:
    """The days after the first and before the last; all others of the week when both are the same."""
    return tuple((first + step) % 7 for step in range(1, (last - first) % 7 or 7))


# --- What clients see


def masks_of(windows: Sequence[Window], kind: str = "") -> list[Mapping[str, Any]]:
    """Hours as masks. Hours made elsewhere may need more masks than there are: then one that covers them."""
    if not windows:
        return [_shown(range(7), [WHOLE_DAY])]
    windows = [tidy for window in windows for tidy in _tidy(window)]
    if len(windows) == 1 and (kind == SEVERAL_DAYS or not _daily(windows[0])):
        return _three(windows[0])
    grouped = _grouped(windows) if all(map(_daily, windows)) else _grouped(_by_day(windows))
    if not grouped or len(grouped) > MOST_MASKS:
        return [_shown({day for days, _ in grouped for day in days}, [WHOLE_DAY])]
    empty = [] if len(grouped) == 1 else [_shown((), [WHOLE_DAY])] * (MOST_MASKS - len(grouped))
    return [_shown(days, spans) for days, spans in grouped] + empty


def type_of(windows: Sequence[Window], told: str = "") -> str:
    """`told`: as what they were made, which counts where the hours can be either."""
    if not windows:
        return ALWAYS
    if len(masks_of(windows)) > 1:
        return SEVERAL_DAYS
    either = told == AROUND_THE_SUN or (told == SEVERAL_DAYS and len(windows) == 1)
    return told if either else PART_OF_DAY


def _tidy(window: Window) -> Iterator[Window]:
    """The same with its bounds before midnight, not at 24:00; a whole week as its days."""
    start = window.start_day * DAY_SECONDS + window.start
    end = window.end_day * DAY_SECONDS + window.end
    if end - start == WEEK_SECONDS:
        yield from (Window(day, 0, (day + 1) % 7, 0) for day in range(7))
    elif start != end:
        yield Window(*divmod(start % WEEK_SECONDS, DAY_SECONDS), *divmod(end % WEEK_SECONDS, DAY_SECONDS))


def _daily(window: Window) -> bool:
    """Whether it is over within a day of its beginning."""
    if window.start_day == window.end_day:
        return window.start < window.end
    return (window.start_day + 1) % 7 == window.end_day and window.end <= window.start


def _three(window: Window) -> list[Mapping[str, Any]]:
    last, end = (window.end_day, window.end) if window.end else ((window.end_day - 1) % 7, 0)
    return [
        _shown([window.start_day], [(window.start, 0)]),
        _shown(_days_between(window.start_day, last), [WHOLE_DAY]),
        _shown([last], [(0, end)]),
    ]


def _grouped(windows: Iterable[Window]) -> list[tuple[list[int], list[Span]]]:
    """The days that have the same hours, with those hours."""
    of_day: dict[int, list[Span]] = {}
    for window in windows:
        of_day.setdefault(window.start_day, []).append((window.start, window.end))
    groups: dict[tuple[Span, ...], list[int]] = {}
    for day in sorted(of_day):
        groups.setdefault(tuple(sorted(of_day[day])), []).append(day)
    return [(days, list(spans)) for spans, days in groups.items()]


def _by_day(windows: Iterable[Window]) -> Iterator[Window]:
    """The windows cut at midnight."""
    for window in windows:
        day, start = window.start_day, window.start
        ahead = (window.end_day - day) % 7 or (7 if window.end < window.start else 0)
        for _ in range(ahead):
            yield Window(day, start, (day + 1) % 7, 0)
            day, start = (day + 1) % 7, 0
        if start < window.end:
            yield Window(day, start, day, window.end)


def _shown(days: Iterable[int], spans: Iterable[Span]) -> Mapping[str, Any]:
    chosen = {DAYS[day] for day in days}
    return {
        "day": {name: name in chosen for name in SHOWN_DAYS},
        "time": [{"start": _clock(start), "end": _clock(end)} for start, end in spans],
    }


def _clock(second: int) -> Mapping[str, int]:
    return {"hour": second // 3600, "minute": second // 60 % 60}
