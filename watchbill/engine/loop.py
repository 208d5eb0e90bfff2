"""That time passes: a loop takes what is due until nothing is, then sleeps until the next due moment or a hint."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from watchbill.domain.civil import SECOND

log = structlog.get_logger()

# However far away the next due moment seems, look again: polling is the truth, a hint is only a hint.
LONGEST_NAP = 1 * SECOND
# After a fault (a database that is gone), try again this soon.
AFTER_FAULT = 1 * SECOND


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a loop came to: whether more may be due now, and when it will be otherwise (None: unknown)."""

    more: bool
    next_due: int | None = None


class Loop:
    """`act` takes one batch of due work as of `now`. A fault is logged and the loop goes on: it never ends by
    itself.
    """

    def __init__(self, name: str, act: Callable[[int], Awaitable[Turn]], clock: Callable[[], int]) -> None:
        self.name = name
        self.act = act
        self._clock = clock
        self._hinted = asyncio.Event()
        self.last_turn_at: int | None = None

    def hint(self) -> None:
        """Something may be due now."""
        self._hinted.set()

    async def run(self) -> None:
        while True:
            self._hinted.clear()
            now = self._clock()
            try:
                turn = await self.act(now)
            except Exception:
                log.exception("loop fault", loop=self.name)
                await self._nap(AFTER_FAULT)
                continue
            self.last_turn_at = now
            if not turn.more:
                wait = LONGEST_NAP if turn.next_due is None else min(LONGEST_NAP, turn.next_due - self._clock())
                await self._nap(max(0, wait))

    async def _nap(self, wait: int) -> None:
        try:
            async with asyncio.timeout(wait / SECOND):
                await self._hinted.wait()
        except TimeoutError:
            pass
