"""What a sender told, made fit to be kept: JSON read leniently, texts that every store takes, limits that cut.

Nothing here is refused for being ugly: a page must not be lost to a stray control character. Strict and fast comes
first; only what that refuses is read again, slowly, by the rules of a patient reader.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from watchbill.domain.alert import ANNOTATION as ANNOTATION
from watchbill.domain.alert import FIELD as FIELD
from watchbill.domain.alert import KEY as KEY
from watchbill.domain.alert import MESSAGE as MESSAGE
from watchbill.domain.alert import TITLE as TITLE
from watchbill.domain.alert import WEB as WEB
from watchbill.domain.alert import annotation as annotation
from watchbill.domain.alert import fitted_key as fitted_key
from watchbill.domain.civil import instant
from watchbill.domain.errors import Invalid

DEPTH = 32
"""Levels of nesting kept. What is deeper nobody reads, and it could exhaust a later reader's stack."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def json_value(body: bytes) -> object:
    """The JSON in a body. Strings in it have no NUL and no lone surrogate. Raises Invalid saying where it broke."""
    try:
        value = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        value = _patiently(body)
    except RecursionError:
        raise Invalid("the body is nested too deeply") from None
    else:
        if b"\\" not in body or b"\\u0000" not in body:
            return value
    return _cleaned(value, 0)


def _patiently(body: bytes) -> object:
    """JSON with a byte order mark, raw line breaks or tabs in texts, NaN, numbers past all bounds, stray bytes."""
    try:
        return _PATIENT.decode(body.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise Invalid("the body is nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"the body is not JSON: {error}") from None


def _number(told: str) -> float | str:
    number = float(told)
    return number if math.isfinite(number) else told


def _whole(told: str) -> int | str:
    return int(told) if len(told) < 19 else told


_PATIENT = json.JSONDecoder(strict=False, parse_constant=str, parse_float=_number, parse_int=_whole)


def clean(text: str) -> str:
    """The text without NUL (PostgreSQL takes none) and with lone surrogates replaced (UTF-8 has none)."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _cleaned(value: object, depth: int) -> object:
    if isinstance(value, str):
        return clean(value)
    if depth > DEPTH:
        return value
    if isinstance(value, dict):
        return {clean(name): _cleaned(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner, depth + 1) for inner in value]
    return value


def fitted(value: object, limit: int, depth: int = 0) -> object:
    """The value with long texts cut, integers past 64 bits as text, and nothing below the deepest level kept."""
    if isinstance(value, str):
        return value[:limit]
    if isinstance(value, dict | list) and depth >= DEPTH:
        return "…"
    if isinstance(value, dict):
        return {name: fitted(inner, limit, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [fitted(inner, limit, depth + 1) for inner in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return str(value)[:limit]
    return value


def fitted_fields(told: Mapping[str, object]) -> dict[str, object]:
    """All fields of one alert, without those that are null: told and not told are the same."""
    return {
        name: value if type(value) is str and len(value) <= MESSAGE else fitted(value, MESSAGE)
        for name, value in told.items()
        if value is not None
    }


def as_text(value: object) -> str:
    """A value as a person would write it: texts as they are, anything else as JSON."""
    if type(value) is str:
        return value
    return "" if value is None else _encode(value).decode()


def scalar_text(value: object) -> str:
    """Like `as_text`, but empty for objects and arrays."""
    if type(value) is str:
        return value
    return "" if value is None or isinstance(value, dict | list) else _encode(value).decode()


_UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
"""Seconds, milliseconds, microseconds: epoch numbers are told apart by size, surely so from 1973 to 5138."""


DIGITS = 21
"""So many digits are read of a number told as text: one more than the largest number that can be an instant has."""


def instant_of(value: object) -> int | None:
    """The instant told as an epoch number or an ISO 8601 text (no zone means UTC); None when it says nothing usable."""
    if isinstance(value, str):
        text = value.strip()
        at = _of_number(int(text[:DIGITS])) if text.isdecimal() else _of_text(text)
    elif type(value) is int or type(value) is float:
        at = _of_number(value)
    else:
        return None
    return at if at is not None and at > 0 else None


def _of_number(number: float) -> int | None:
    if not 0 < number < 10**20:
        return None
    for below, scale in _UNITS:
        if number < below:
            return round(number * scale)
    return int(number) // 1_000


def _of_text(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _of_fraction(text)
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _of_fraction(text: str) -> int | None:
    """Epoch seconds with a fraction, told as text: `1709647629.123`."""
    whole, _, fraction = text.partition(".")
    if not (whole.isdecimal() and fraction.isdecimal() and len(text) <= 40):
        return None
    return _of_number(float(text))


def kind_of(value: object) -> str:
    """What a JSON value is, in words for people."""
    if value is None:
        return "nothing"
    kinds = {dict: "object", list: "array", str: "text", bool: "true or false"}
    return kinds.get(type(value), "number")


def as_object(value: object, place: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise Invalid(f"{place}: expected object, got {kind_of(value)}")


def as_list(value: object, place: str) -> list[object]:
    if isinstance(value, list):
        return value
    raise Invalid(f"{place}: expected array, got {kind_of(value)}")
