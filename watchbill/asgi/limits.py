"""How often a caller may ask. Each process counts for itself; alerts are never counted."""

from collections import OrderedDict
from dataclasses import dataclass

from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Refused

MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds, counted under a name (of a call or a group of calls)."""

    name: str
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands in a quota after a request. `reset`: seconds until the present window ends."""

    quota: Quota
    remaining: int
    reset: int


class TooOften(Refused):
    """More requests than allowed. Ask again when the window ends."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(f"more than {standing.quota.limit} requests in {standing.quota.seconds} seconds")
        self.standing = standing


class Limits:
    """Windows of fixed length, one for each caller and quota, beginning with the first request in them."""

    def __init__(self) -> None:
        self._windows: OrderedDict[tuple[bytes, str], tuple[int, int]] = OrderedDict()

    def take(self, caller: bytes, quota: Quota, now: int) -> Standing:
        """Counts one request. Raises TooOften; what is refused is not counted."""
        key = (caller, quota.name)
        length = quota.seconds * SECOND
        began, used = self._windows.pop(key, (now, 0))
        if not began <= now < began + length:
            began, used = now, 0
        allowed = used < quota.limit
        used += allowed
        self._windows[key] = (began, used)
        if len(self._windows) > MOST_REMEMBERED:
            self._windows.popitem(last=False)
        standing = Standing(quota, quota.limit - used, -((now - began - length) // SECOND))
        if not allowed:
            raise TooOften(standing)
        return standing
