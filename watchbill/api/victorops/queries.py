"""Numbers and moments in an address."""

from watchbill.asgi.requests import Call
from watchbill.domain.errors import Invalid

LONGEST_NUMBER = 12


def number_asked(call: Call, name: str, otherwise: int, bounds: tuple[int, int]) -> int:
    """A whole number within the bounds. Raises Invalid."""
    text = (call.asked(name) or "").strip()
    if not text:
        return otherwise
    low, high = bounds
    if len(text) <= LONGEST_NUMBER and text.isascii() and text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise Invalid(f"it has to be a number from {low} to {high}", name)
