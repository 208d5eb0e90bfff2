"""What a list is filtered by: the `queryString` language, and the same keys as plain parameters (reference, 1.6)."""

import re
from collections.abc import Mapping, Sequence

from watchbill.api.opsramp.times import moment
from watchbill.asgi.requests import Call
from watchbill.domain.civil import SECOND

TRUE, FALSE = "true", "false"


def filters(call: Call, keys: Sequence[str], parameter: str = "queryString") -> Mapping[str, str]:
    """The values by key, without empty ones."""
    plain = {key: value for key in keys if (value := call.asked(key))}
    return {**plain, **parsed(call.asked(parameter) or "", keys)}


def parsed(text: str, keys: Sequence[str]) -> Mapping[str, str]:
    """A pair begins at a known key with a colon, after a plus or a blank; all else belongs to the value before it."""
    pairs = re.split(rf"(?:^|[+ ]+)({'|'.join(map(re.escape, keys))}):", text)
    found = zip(pairs[1::2], pairs[2::2], strict=True)
    return {key: stripped for key, value in found if (stripped := value.strip())}


def alternatives(value: str | None) -> frozenset[str]:
    """The parts of a comma list, in lower case: any of them may hold. Empty: no filter."""
    return frozenset(part.strip().lower() for part in (value or "").split(",") if part.strip())


def asked_true(value: str | None) -> bool:
    return (value or "").strip().lower() == TRUE


def span(given: Mapping[str, str], start: str, end: str) -> tuple[int | None, int | None]:
    """From the first instant of a window to before the first behind it: both seconds named belong to it. None: open.
    Raises Invalid."""
    low = moment(given[start], start) if start in given else None
    high = moment(given[end], end) + SECOND if end in given else None
    return low, high


def within(at: int | None, window: tuple[int | None, int | None]) -> bool:
    low, high = window
    if low is None and high is None:
        return True
    return at is not None and (low is None or at >= low) and (high is None or at < high)
