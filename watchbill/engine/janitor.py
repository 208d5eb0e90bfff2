"""What is old goes: resolved incidents with all that belongs to them, in small transactions."""

from collections.abc import Awaitable, Callable

import structlog

from watchbill.domain.civil import HOUR, SECOND
from watchbill.engine.loop import Loop, Turn

log = structlog.get_logger()

BATCH = 500
EVERY = HOUR

Forget = Callable[[int, int], Awaitable[int]]


def janitor(forget: Forget, keep: int, clock: Callable[[], int]) -> Loop:
    """`keep`: microseconds that a resolved incident is kept. A batch a second while there is something to forget."""
    next_look = 0

    async def turn(now: int) -> Turn:
        nonlocal next_look
        if now < next_look <= now + EVERY:  # a clock may have been set back
            return Turn(more=False, next_due=next_look)
        gone = await forget(now - keep, BATCH)
        if gone:
            log.info("forgotten", rows=gone)
        next_look = now + (SECOND if gone else EVERY)
        return Turn(more=False, next_due=next_look)

    return Loop("janitor", turn, clock)
