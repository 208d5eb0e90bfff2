"""Moments as this dialect writes them (reference, part 2.4). All are microseconds UTC inside."""

import re
from datetime import datetime

from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.civil import SECOND, instant, local, utc

FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,30}))?\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)

V7 = re.compile(r"[0-9a-f]{12}7[0-9a-f]{19}", re.ASCII)


def moment(text: str) -> int | None:
    """RFC 3339 with any offset (none: UTC) and any fraction, of which microseconds count; None when it is no moment of
    the years 1970 to 9999."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return None
    day, time, fraction, offset = found.groups()
    zone = "+00:00" if offset in (None, "Z", "z") else offset
    try:
        whole = instant(datetime.fromisoformat(f"{day}T{time}{zone}"))
    except (ValueError, OverflowError):
        return None
    at = whole + int((fraction or "0")[:6].ljust(6, "0"))
    return at if 0 <= at <= LATEST_INSTANT else None


def born(id: str) -> int:
    """When a thing was made, to the millisecond, by its id (UUIDv7); 0 for an id of another kind."""
    digits = id.replace("-", "")
    return int(digits[:12], 16) * 1000 if V7.fullmatch(digits) else 0


def zulu(at: int) -> str:
    """UTC, with a fraction only where there is one: "2025-01-01T00:00:00Z"."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%S}{_fraction(at)}Z"


def zulu_nano(at: int) -> str:
    """UTC with nine digits of the fraction: "2026-07-10T09:31:38.803561000Z"."""
    return f"{utc(at):%Y-%m-%dT%H:%M:%S}.{at % SECOND:06}000Z"


def offset(at: int) -> str:
    """As users and teams have it: "2026-05-26T18:51:36.718628+00:00"."""
    return utc(at).isoformat(timespec="microseconds")


def in_zone(at: int, zone: str) -> str:
    """Whole seconds with the offset of a zone, never Z: "2025-12-04T03:50:19-05:00"."""
    return local(at, zone).isoformat(timespec="seconds")


def _fraction(at: int) -> str:
    rest = f"{at % SECOND:06}".rstrip("0")
    return f".{rest}" if rest else ""
