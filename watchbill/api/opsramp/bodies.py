"""Bodies of requests, read leniently where clients need it: flags and numbers may come as text (reference, 1.7)."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from msgspec import json

from watchbill.asgi.requests import Call, json_of
from watchbill.domain.errors import Invalid

Body = Mapping[str, Any]

LARGEST = (1 << 63) - 1
LONGEST = 20_000


def body_of(call: Call) -> Body:
    """The body as an object; none is an empty one. Raises Invalid."""
    return as_object(_json(call), None)


def bodies_of(call: Call) -> Sequence[Body]:
    """An object, or an array of them, as an array. Raises Invalid."""
    return [as_object(one, None) for one in values_of(call)]


def values_of(call: Call) -> Sequence[Any]:
    """What an array holds, whatever that is; anything else as the only value. Raises Invalid."""
    found = _json(call)
    return found if isinstance(found, list) else [found]


def _json(call: Call) -> Any:
    if not call.request.body.strip():
        return {}
    found = json_of(call.request.body)
    for value in _leaves(found):
        if isinstance(value, float) and not isfinite(value):
            raise Invalid("A number is not finite")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise Invalid("A number is too large")
    return found


def _leaves(value: Any) -> Sequence[Any]:
    pending, leaves = [value], []
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
        else:
            leaves.append(one)
    return leaves


def as_object(value: Any, field: str | None) -> Body:
    if not isinstance(value, dict):
        raise Invalid("A JSON object is needed", field)
    return value


def text(body: Body, field: str, most: int = LONGEST) -> str | None:
    """None when it is not there or null. Raises Invalid."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        raise Invalid(f"A text of at most {most} characters is needed", field)
    return value


def needed(body: Body, field: str, most: int = LONGEST) -> str:
    """A text that has to be there. Raises Invalid."""
    value = text(body, field, most)
    if value is None or not value.strip():
        raise Invalid(f"{field} is mandatory", field)
    return value


def flag(body: Body, field: str) -> bool | None:
    """A boolean, or "true" or "false" as text. None when it is not there. Raises Invalid."""
    value = body.get(field)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        raise Invalid("true or false is needed", field)
    return value


def whole(body: Body, field: str, low: int = 0, high: int = LARGEST) -> int | None:
    """An integer, or its digits as text. None when it is not there. Raises Invalid."""
    value = body.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high):
        raise Invalid(f"A whole number between {low} and {high} is needed", field)
    return value


def objects(body: Body, field: str) -> Sequence[Body] | None:
    """A list of objects. None when it is not there. Raises Invalid."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, list):
        raise Invalid("A list is needed", field)
    return [as_object(one, f"{field}[{index}]") for index, one in enumerate(value)]


def one(body: Body, field: str) -> Body | None:
    """One object. None when it is not there. Raises Invalid."""
    value = body.get(field)
    return None if value is None else as_object(value, field)


def word(body: Body, field: str, words: Sequence[str], fold: Callable[[str], str] = str) -> str | None:
    """One of these words. Raises Invalid."""
    value = text(body, field)
    if value is not None and fold(value) not in words:
        raise Invalid(f"One of {', '.join(words)} is needed", field)
    return None if value is None else fold(value)


def worded(told: Body, numbers: Sequence[str] = ()) -> dict[str, Any]:
    """What a reference says in texts, and these members that may be whole numbers; anything else says nothing."""
    return {
        name: value
        for name, value in told.items()
        if isinstance(value, str) or (name in numbers and type(value) is int)
    }


def echo(body: Body, fields: Sequence[str], most: int = 64 * 1024) -> dict[str, Any]:
    """These fields as they came, without those that are not there or null. Raises Invalid when one is too long."""
    found = {field: body[field] for field in fields if body.get(field) is not None}
    for field, value in found.items():
        if len(json.encode(value)) > most:
            raise Invalid(f"At most {most:,} characters of JSON are kept", field)
    return found
