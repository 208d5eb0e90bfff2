"""Times and durations as people type them."""

import re
from datetime import datetime

from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND, WEEK, instant, instant_of_local
from watchbill.domain.errors import Invalid

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")


def duration(text: str) -> int:
    """Microseconds of `90s`, `5m`, `1h30m`, `2d`, `1w`. Raises Invalid."""
    if not _DURATION.fullmatch(text):
        raise Invalid(f"'{text}' is not a duration such as 30s, 5m, 1h30m, 2d or 1w")
    return sum(int(count) * UNITS[unit] for count, unit in _PART.findall(text))


def moment(text: str, zone: str, now: int) -> int:
    """The instant of `now`, `+2h`, or an ISO time; one without an offset is local to `zone`. Raises Invalid."""
    if text == "now":
        return now
    if text.startswith("+"):
        return now + duration(text[1:])
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"'{text}' is not a time such as 2026-03-29T03:10, now, or +2h") from error
    return instant_of_local(parsed, zone) if parsed.tzinfo is None else instant(parsed)
