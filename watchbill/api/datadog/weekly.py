"""Weekly windows and time zones as schedules and routing rules write them (reference, parts 4.2 and 4.5)."""

import re
from collections.abc import Mapping, Sequence

from watchbill.api.datadog.fields import Fields
from watchbill.domain.civil import DAY_SECONDS, Hours, Window, zone

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
LAST_SECOND = DAY_SECONDS - 1

Restriction = Mapping[str, str]


def restrictions_of(windows: Sequence[Window]) -> list[Restriction]:
    return [_restriction(window) for window in windows]


def _restriction(window: Window) -> Restriction:
    start_day, start = _at(window.start_day, window.start)
    end_day, end = _at(window.end_day, window.end)
    if (start_day, start) == (end_day, end) and (window.start_day, window.start) != (window.end_day, window.end):
        # The whole week: to end where it starts would say here that nobody is ever meant.
        end_day, end = (end_day - (end == 0)) % 7, (end - 1) % DAY_SECONDS
    return {"start_day": DAYS[start_day], "start_time": _time(start), "end_day": DAYS[end_day], "end_time": _time(end)}


def _at(day: int, second: int) -> tuple[int, int]:
    """Midnight at the end of a day is the next day's: 24:00 is no time here."""
    return ((day + 1) % 7, 0) if second == DAY_SECONDS else (day, second)


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def windows_asked(given: Sequence[Fields], stored: Sequence[Window] = ()) -> tuple[Window, ...]:
    """The windows asked for; those stored where they are what is asked for, as far as this dialect can say."""
    asked = tuple(_window(one) for one in given)
    shown = [_shown(window) for window in stored]
    return tuple(stored) if shown == list(asked) else asked


def _shown(window: Window) -> Window:
    said = Fields(_restriction(window))
    return _window(said)


def _window(given: Fields) -> Window:
    return Window(
        DAYS.index(given.choice("start_day", DAYS)),
        _second(given, "start_time"),
        DAYS.index(given.choice("end_day", DAYS)),
        _second(given, "end_time"),
    )


def _second(given: Fields, name: str) -> int:
    found = TIME.fullmatch(given.text(name))
    if found is None:
        raise given.wrong(name, 'must be a time of day such as "09:00:00"')
    hours, minutes, seconds = found.groups("0")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def hours_of(hours: Hours) -> Mapping[str, object]:
    return {"time_zone": hours.zone, "restrictions": restrictions_of(hours.windows)}


def hours_asked(given: Fields, stored: Hours | None) -> Hours:
    """Raises Invalid without a window: such hours would never begin."""
    windows = windows_asked(given.each("restrictions"), stored.windows if stored else ())
    if not windows:
        raise given.wrong("restrictions", "must have at least one restriction")
    return Hours(zone_asked(given, "time_zone"), windows)


def maybe_hours_asked(given: Fields, name: str, stored: Hours | None) -> Hours | None:
    asked = given.maybe_inner(name)
    return hours_asked(asked, stored) if asked else None


def zone_asked(given: Fields, name: str) -> str:
    asked = given.text(name)
    try:
        zone(asked)
    except ValueError:
        raise given.wrong(name, "must be a time zone of the IANA database") from None
    return asked


def maybe_zone_asked(given: Fields, name: str) -> str | None:
    return zone_asked(given, name) if given.has(name) else None
