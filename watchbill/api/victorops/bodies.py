"""Reading what clients send: members that are null count as absent, unknown ones don't matter (reference, part 1.5)."""

from typing import TypeVar

from watchbill.asgi.requests import Call, read
from watchbill.domain.errors import Invalid

T = TypeVar("T")


def body_of(kind: type[T], call: Call) -> T:
    """A body that is missing is an empty object. Raises Invalid."""
    return read(kind, call.request.body.strip() or b"{}")


def needed(value: str | None, field: str) -> str:
    """A text that has to be there. Raises Invalid."""
    if value is None or not value.strip():
        raise Invalid("this is missing", field)
    return value.strip()
