"""Moments as this dialect writes and reads them (reference, part 1.7)."""

import re
from datetime import UTC, datetime

from watchbill.domain.civil import instant, utc
from watchbill.domain.errors import Invalid

FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?\s*(Z|[+\-]?\d{2}:?\d{2})?", re.ASCII
)


def stamp(at: int | None) -> str:
    """ "2017-05-15T12:13:31+0000"; empty when it never happened."""
    return utc(at).strftime("%Y-%m-%dT%H:%M:%S+0000") if at else ""


def moment(value: object, field: str) -> int:
    """An instant. A blank where a plus was eaten on the way is a plus; without an offset it is GMT. Raises Invalid."""
    found = FORM.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is not None:
        day, time, offset = found.groups()
        try:
            read = datetime.fromisoformat(f"{day}T{time or '00:00:00'}{_signed(offset)}")
            return instant(read if read.tzinfo else read.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            pass
    raise Invalid("A time like 2017-05-15T12:13:31+0000 is needed", field)


def _signed(offset: str | None) -> str:
    if offset is None or offset == "Z":
        return "+00:00"
    return offset if offset[0] in "+-" else f"+{offset}"
