"""Text made safe to send: what came from outside may hold anything."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite

from watchbill.domain.civil import local

# What has no business in a message (line breaks have): C0 and C1 controls, and the marks that reverse the
# order in which text is shown (they make one address look like another).
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_SPACES = re.compile(r"\s+")


def clean(text: str, limit: int = 50_000) -> str:
    """The text without control characters and broken surrogates, its lines ended by "\\n", cut at `limit`."""
    if text.isascii() and text.isprintable():  # most are, and there is nothing to be done
        return cut(text, limit)
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return cut(_CONTROLS.sub("", _BREAKS.sub("\n", whole)), limit)


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line, fit for a header, a log or a reason."""
    return cut(_SPACES.sub(" ", clean(text)).strip(), limit)


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def scrub(text: str, secrets: Iterable[str]) -> str:
    """What a provider said, on one line, without the secrets it may have repeated."""
    line = one_line(text, 2_000)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        line = line.replace(secret, "***")
    return cut(line, 200)


def clock_text(at: int, zone: str) -> str:
    """An instant as the reader's wall clock shows it; in UTC when the zone is unknown: a page must go out."""
    try:
        moment = local(at, zone)
    except ValueError:
        return clock_text(at, "UTC")
    offset = moment.strftime("%z")
    return f"{moment:%a %d %b %Y, %H:%M} ({zone}, UTC{offset[:3]}:{offset[3:5]})"


def plain(value: object) -> object:
    """The value as JSON can hold it, whatever an alert's fields held."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return clean(str(value))
