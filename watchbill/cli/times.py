"""Moments and durations as people type them on the command line; the organization file has them in the same words."""

from watchbill.cli.orgfile.times import read_duration, read_instant
from watchbill.domain.errors import Invalid


def duration(text: str) -> int:
    """Microseconds of `90s`, `5m`, `1h30m`, `2d`. Raises Invalid."""
    found = read_duration(text)
    if found is None:
        raise Invalid(f"'{text}' is not a duration such as 30s, 5m, 1h30m or 2d")
    return found


def moment(text: str, zone: str, now: int) -> int:
    """The instant of `now`, `+2h`, or an ISO time; one without an offset is local to `zone`. Raises Invalid."""
    if text == "now":
        return now
    if text.startswith("+"):
        return now + duration(text[1:])
    found = read_instant(text, zone)
    if found is None:
        raise Invalid(f"'{text}' is not a time such as 2026-03-29T03:10, now, or +2h")
    return found
