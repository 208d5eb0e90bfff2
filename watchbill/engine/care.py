"""One row of a queue that can't be taken (it can't be read, or trips a fault of ours) holds up none of the others."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from watchbill.domain.errors import Unavailable

log = structlog.get_logger()

T = TypeVar("T")
PutOff = Callable[[int], Awaitable[object]]


class Care:
    """After a batch that failed, rows are taken one by one until the one is found, and put off, that does so. `put_off`
    makes the first that is due wait, unread, and says which it is."""

    def __init__(self, put_off: PutOff) -> None:
        self._put_off = put_off
        self.one_by_one = False

    async def take(self, act: Callable[[int, int], Awaitable[T]], now: int, most: int) -> T:
        try:
            return await act(now, most)
        except Unavailable:
            raise
        except Exception:
            if self.one_by_one:
                log.error("put off: what is due can't be taken", which=await self._put_off(now))
            self.one_by_one = not self.one_by_one
            raise
