"""Members of answers that may have no value, and numbers told as text (reference, part 1.5)."""

from watchbill.asgi.requests import Call
from watchbill.domain.errors import Invalid

# No number that is given out has more digits.
DIGITS = 16


def told(**members: object) -> dict[str, object]:
    """The members that have a value: a client may read an absent one, but not null or an empty moment."""
    return {name: value for name, value in members.items() if value is not None and value != ""}


def number_of(value: object) -> int | None:
    """A whole number, told as such or as text; None when it is none, or too large to be one of ours."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def asked_number(call: Call, name: str, otherwise: int, most: int) -> int:
    """A number of the query, cut to the most. Raises Invalid when it is no number."""
    text = (call.asked(name) or "").strip()
    if not text:
        return otherwise
    number = number_of(text)
    if number is None:
        raise Invalid(f"'{text[:50]}' is not a number", name)
    return min(number, most)
