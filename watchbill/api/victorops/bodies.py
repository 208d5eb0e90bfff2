"""Reading what clients send: members that are null count as absent, unknown ones don't matter (reference, part 1.5)."""

from typing import TypeVar

from watchbill.asgi.requests import Call, read
from watchbill.domain.errors import Invalid

T = TypeVar("T")


def body_of(kind: type[T], call: Call) -> T:
    """A body that is missing is an empty object. Raises Invalid."""
    return read(kind, call.request.body.strip() or b"{}")


def required(value: T | None, field: str) -> T:
    """What has to be there, though it may be empty. Raises Invalid."""
    if value is None:
        raise Invalid("this is missing", field)
    return value


def needed(value: str | None, field: str) -> str:
    """A text that has to be there and say something. Raises Invalid."""
    if value is None or not value.strip():
        raise Invalid("this is missing", field)
    return value.strip()
