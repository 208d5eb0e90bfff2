"""Durations, intervals, instants and weekly windows as people write them, there and back.

Readers return None for a text that is none of theirs; the shapes say then what would be right.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from watchbill.domain.civil import (
    DAY,
    DAY_SECONDS,
    HOUR,
    MINUTE,
    SECOND,
    WEEK,
    Window,
    instant,
    instant_of_local,
    local,
)
from watchbill.domain.rota import Interval

UNITS = {"w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1000, "us": 1}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_PIECE = re.compile(r"([0-9]{1,15})(w|d|h|ms|us|m|s)\s*")
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_DAY = f"({'|'.join(DAYS)})"
_TIME = r"(\d\d?):(\d\d)(?::(\d\d))?"
_SPAN = re.compile(rf"{_DAY}\s+{_TIME}\s*-\s*{_DAY}\s+{_TIME}", re.ASCII)
_DAILY = re.compile(rf"{_DAY}(?:\s*-\s*{_DAY})?\s+{_TIME}\s*-\s*{_TIME}", re.ASCII)


def _pieces(text: str) -> list[tuple[int, str]] | None:
    at, pieces = 0, []
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return None
        pieces.append((int(piece[1]), piece[2]))
        at = piece.end()
    return pieces or None


def read_duration(text: str) -> int | None:
    pieces = _pieces(text)
    return None if pieces is None else sum(count * UNITS[unit] for count, unit in pieces)


def show_duration(duration: int, units: Sequence[str] = ("d", "h", "m", "s", "ms", "us")) -> str:
    shown, rest = "", duration
    for unit in units:
        count, rest = divmod(rest, UNITS[unit])
        if count:
            shown += f"{count}{unit}"
    return shown or "0s"


def read_interval(text: str) -> Interval | None:
    """Weeks and days are calendar days; hours, minutes and seconds are time that elapses."""
    pieces = _pieces(text)
    if pieces is None or any(unit in ("ms", "us") for _, unit in pieces):
        return None
    days = sum(count * UNITS[unit] // DAY for count, unit in pieces if unit in ("w", "d"))
    seconds = sum(count * UNITS[unit] // SECOND for count, unit in pieces if unit not in ("w", "d"))
    return Interval(days, seconds)


def show_interval(interval: Interval) -> str:
    weeks, days = divmod(interval.days, 7)
    shown = f"{weeks}w" if weeks and not days else f"{interval.days}d" if interval.days else ""
    if interval.seconds or not shown:
        shown += show_duration(interval.seconds * SECOND, ("h", "m", "s"))
    return shown


def read_instant(text: str, zone_name: str) -> int | None:
    """A time without an offset is what a wall clock in that zone shows."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return instant(moment) if moment.tzinfo else instant_of_local(moment, zone_name)
    except (ValueError, OverflowError):
        return None


def show_instant(at: int, zone_name: str) -> str:
    """By the wall clock of the zone; in UTC where that clock shows a time twice."""
    shown = local(at, zone_name).replace(tzinfo=None)
    if zone_name != "UTC" and instant_of_local(shown, zone_name) == at:
        return _iso(shown)
    return _iso(local(at, "UTC").replace(tzinfo=None)) + "Z"


def _iso(moment: datetime) -> str:
    precision = "microseconds" if moment.microsecond else "seconds" if moment.second else "minutes"
    return moment.isoformat(timespec=precision)


# --- Weekly windows


def read_windows(text: str) -> tuple[Window, ...] | None:
    """'mon 09:00 - fri 17:00' is one window; 'mon-fri 09:00-17:00' one a day, into the next day if it ends earlier."""
    text = text.strip().lower()
    if span := _SPAN.fullmatch(text):
        start, end = _second(*span.group(2, 3, 4)), _second(*span.group(6, 7, 8))
        if start is None or end is None:
            return None
        return (Window(DAYS.index(span[1]), start, DAYS.index(span[5]), end),)
    if daily := _DAILY.fullmatch(text):
        start, end = _second(*daily.group(3, 4, 5)), _second(*daily.group(6, 7, 8))
        if start is None or end is None or start == end:
            return None
        return tuple(_on_day(day, start, end) for day in _days(daily[1], daily[2] or daily[1]))
    return None


def _second(hour: str, minute: str, second: str | None) -> int | None:
    if int(minute) > 59 or int(second or 0) > 59:
        return None
    total = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return total if total <= DAY_SECONDS else None


def _days(first: str, last: str) -> Iterator[int]:
    start = DAYS.index(first)
    return ((start + step) % 7 for step in range((DAYS.index(last) - start) % 7 + 1))


def _on_day(day: int, start: int, end: int) -> Window:
    return Window(day, start, day if end > start else (day + 1) % 7, end)


def show_windows(windows: Sequence[Window]) -> list[str]:
    """Windows of following days at the same time are joined into 'mon-fri 09:00-17:00'."""
    shown = []
    for _, run in groupby(enumerate(windows), lambda item: _run_key(*item)):
        members = [window for _, window in run]
        shown += [_show_run(members[at : at + 7]) for at in range(0, len(members), 7)]
    return shown


def _run_key(index: int, window: Window) -> tuple[object, ...]:
    """Equal for windows that belong to one run: same times, and the day rises by one with each place in the list."""
    if _is_daily(window):
        return ("daily", (window.start_day - index) % 7, window.start, window.end)
    return ("span", index)


def _is_daily(window: Window) -> bool:
    return window.start != window.end and window == _on_day(window.start_day, window.start, window.end)


def _show_run(windows: Sequence[Window]) -> str:
    first, last = windows[0], windows[-1]
    if not _is_daily(first):
        return f"{DAYS[first.start_day]} {_clock(first.start)} - {DAYS[first.end_day]} {_clock(first.end)}"
    days = DAYS[first.start_day] if len(windows) == 1 else f"{DAYS[first.start_day]}-{DAYS[last.start_day]}"
    return f"{days} {_clock(first.start)}-{_clock(first.end)}"


def _clock(second: int) -> str:
    shown = f"{second // 3600:02}:{second // 60 % 60:02}"
    return shown + f":{second % 60:02}" if second % 60 else shown
