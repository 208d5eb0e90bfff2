"""Moments and durations as people type them on the command line; the organization file has them in the same words."""

from datetime import UTC, datetime

from watchbill.cli.orgfile.times import read_duration, read_instant
from watchbill.domain.civil import DAY, instant
from watchbill.domain.civil import zone as zone_of
from watchbill.domain.errors import Invalid

# What is looked ahead at from here still has a date.
LATEST = instant(datetime(9998, 1, 1, tzinfo=UTC))
MOST_AHEAD = 14 * DAY


def duration(text: str) -> int:
    """Microseconds of `90s`, `5m`, `1h30m`, `2d`. Raises Invalid."""
    found = read_duration(text)
    if found is None:
        raise Invalid(f"'{text}' is not a duration such as 30s, 5m, 1h30m or 2d")
    return found


def look_ahead(text: str) -> int:
    """How far a simulation goes: one that pages every minute is not followed for years. Raises Invalid."""
    found = duration(text)
    if found > MOST_AHEAD:
        raise Invalid(f"'{text}' is too far ahead: 14d at most", "for")
    return found


def known_zone(name: str) -> str:
    """The name itself. Raises Invalid when there is no such zone."""
    try:
        zone_of(name)
    except ValueError as error:
        raise Invalid(str(error), "zone") from error
    return name


def moment(text: str, zone: str, now: int) -> int:
    """The instant of `now`, `+2h`, or an ISO time; one without an offset is local to `zone`. Raises Invalid."""
    if text == "now":
        return now
    found = now + duration(text[1:]) if text.startswith("+") else read_instant(text, zone)
    if found is None:
        raise Invalid(f"'{text}' is not a time such as 2026-03-29T03:10, now, or +2h")
    if not 0 <= found <= LATEST:
        raise Invalid(f"'{text}' is out of range: use a time from 1970 to 9997")
    return found


def end_of(text: str, zone: str, start: int) -> int:
    """The moment at which a range that begins at `start` ends. Raises Invalid."""
    found = moment(text, zone, start)
    if found <= start:
        raise Invalid(f"'{text}' is not after the range's start", "until")
    return found
