"""Moments and durations as this dialect writes them (reference, part 1.7)."""

import re
from datetime import UTC, datetime

from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.civil import MINUTE, SECOND, instant, local, utc
from watchbill.domain.errors import Invalid

FORM = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
# A plus in a query that was not encoded has become a space.
SPACED = re.compile(r"(T\S*) (\d{2}:?\d{2})")
LATEST = 253_402_300_799_000


def iso(at: int) -> str:
    """Whole seconds in UTC: "2024-03-05T14:07:09Z"."""
    return utc(min(at, LATEST_INSTANT)).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_millis(at: int) -> str:
    """ "2024-03-05T14:07:09.123Z"."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%S}.{at // 1000 % 1000:03}Z"


def iso_in(at: int, zone: str) -> str:
    """With the offset of a zone: "2024-03-05T09:00:00-07:00"."""
    return local(min(at, LATEST_INSTANT), zone).replace(microsecond=0).isoformat()


def millis(at: int) -> int:
    return at // 1000


def seconds(at: int) -> int:
    return at // SECOND


def minutes(span: int) -> int:
    return span // MINUTE


def moment(value: object, field: str) -> int:
    """An instant from ISO 8601 (without a zone: UTC) or a number of milliseconds since 1970. Raises Invalid with the
    words that the original has for a date that is none."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    text = re.sub(SPACED, r"\1+\2", text)
    if re.fullmatch(r"\d{1,15}(\.0)?", text) and not FORM.fullmatch(text):
        number = int(float(text))
        if number <= LATEST:
            return number * 1000
    elif FORM.fullmatch(text):
        try:
            found = datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", text).replace("Z", "+00:00"))
            return instant(found if found.tzinfo else found.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            pass
    raise Invalid("error.expected.jodadate.format", field)
