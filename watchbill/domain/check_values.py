"""What makes a single value unfit: texts, addresses, zones, hours, durations, instants.

A check yields flaws: the field's path below the thing checked, and a sentence that says what is wrong and what would be
right. A value that is fine yields nothing.
"""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from urllib.parse import urlsplit

from watchbill.domain.civil import DAY, DAY_SECONDS, Hours, Window, zone

Flaw = tuple[str, str]

LONGEST_NAME = 200
LONGEST_TEXT = 4000
LONGEST_ADDRESS = 2000
LONGEST_DURATION = 3660 * DAY
# Instants are shown in civil time, which ends with the year 9999; a day is left for the zones.
LATEST_INSTANT = 253_402_300_800_000_000 - DAY

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*")
_SLUG = re.compile(r"[^\s/\\?#%\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def name(path: str, text: str, longest: int = LONGEST_NAME) -> Iterator[Flaw]:
    """A name that people read: something in it, on one line, not too long."""
    if not text.strip():
        yield path, "The name is empty. Give it at least one character."
    elif text != text.strip():
        yield path, f"'{text}' begins or ends with a space. Write '{text.strip()}'."
    yield from line(path, text, longest)


def line(path: str, text: str, longest: int = LONGEST_NAME) -> Iterator[Flaw]:
    """A text on one line, possibly empty."""
    if len(text) > longest:
        yield path, f"The text has {len(text)} characters. Use at most {longest}."
    if _CONTROL.search(text):
        yield path, "The text has a line break or a control character in it. Write it on one line."


def prose(path: str, text: str) -> Iterator[Flaw]:
    if len(text) > LONGEST_TEXT:
        yield path, f"The text has {len(text)} characters. Use at most {LONGEST_TEXT}."


def slug(path: str, text: str) -> Iterator[Flaw]:
    """A name that stands in addresses."""
    if not text:
        yield path, "The slug is empty. Give a short name such as 'primary'."
    elif not _SLUG.fullmatch(text):
        yield path, f"'{text}' can't stand in an address. Use letters, digits, '-', '_' and '.' only."
    elif len(text) > LONGEST_NAME:
        yield path, f"The slug has {len(text)} characters. Use at most {LONGEST_NAME}."


def email(path: str, address: str) -> Iterator[Flaw]:
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        yield path, f"'{address}' is not an e-mail address. Write one such as 'ann@example.com'."


def phone(path: str, number: str) -> Iterator[Flaw]:
    # Loaded only when needed: it costs a start 20 ms.
    reason = import_module("watchbill.domain.phones").flaw(number)
    if reason:
        yield path, reason


def url(path: str, address: str, schemes: tuple[str, ...] = ()) -> Iterator[Flaw]:
    """An address with a scheme; of these schemes, when any are named."""
    example = f"{schemes[-1] if schemes else 'https'}://example.com/hook"
    if not _URL.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        yield path, f"'{address[:80]}' is not an address. Write one such as '{example}'."
    elif schemes and address.split(":", 1)[0].lower() not in schemes:
        yield path, f"'{address[:80]}' can't be called. Write an address such as '{example}'."
    elif schemes and not _has_host(address):
        yield path, f"'{address[:80]}' names no host, or a port that there is not. Write one such as '{example}'."


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def zone_name(path: str, text: str) -> Iterator[Flaw]:
    try:
        zone(text)
    except ValueError:
        yield path, f"'{text}' is not a time zone. Use a name of the IANA database, such as 'Europe/Paris'."


def windows(path: str, given: Sequence[Window]) -> Iterator[Flaw]:
    for index, window in enumerate(given):
        at = f"{path}[{index}]"
        if not (0 <= window.start_day <= 6 and 0 <= window.end_day <= 6):
            yield at, "The day is not one of the week. Use 0 (Monday) to 6 (Sunday)."
        if not (0 <= window.start <= DAY_SECONDS and 0 <= window.end <= DAY_SECONDS):
            yield at, "The time is not one of the day. Use 00:00 to 24:00."


def hours(path: str, given: Hours | None) -> Iterator[Flaw]:
    if given is None:
        return
    yield from zone_name(f"{path}.zone", given.zone)
    if not given.windows:
        yield f"{path}.windows", "No hours are given, so they never begin. Give at least one weekly window."
    yield from windows(f"{path}.windows", given.windows)


def duration(path: str, given: int | None, least: int = 0) -> Iterator[Flaw]:
    """A duration in microseconds; None switches a rule off."""
    if given is None:
        return
    if given < 0:
        yield path, "The duration is negative. Use zero or more."
    elif given < least:
        yield path, f"The duration is too short. Use at least {least // 1_000_000} s."
    elif given > LONGEST_DURATION:
        yield path, "The duration is longer than ten years. Use less."


def count(path: str, given: int, least: int, most: int) -> Iterator[Flaw]:
    if not least <= given <= most:
        yield path, f"{given} is out of range. Use {least} to {most}."


def span(path: str, start: int, end: int | None) -> Iterator[Flaw]:
    """From an instant to a later one, or for ever."""
    for field, moment in (("start", start), ("end", end)):
        if moment is not None and not 0 <= moment <= LATEST_INSTANT:
            yield join(path, field), "The time is out of range. Use one between 1970 and 9999."
    if end is not None and end <= start:
        yield join(path, "end"), "The end is not after the start. Use a later end."


def repeated(path: str, values: Sequence[str], what: str) -> Iterator[Flaw]:
    """Flaws for each value that was there before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{path}[{index}]", f"The same {what} is named twice. Name each {what} once."
        seen.add(value)


def join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def below(path: str, flaws: Iterator[Flaw]) -> Iterator[Flaw]:
    """The flaws of a part, with their paths from the whole."""
    return ((join(path, inner) if inner else path, message) for inner, message in flaws)
