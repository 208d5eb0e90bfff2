"""Escalation: incidents whose moment has come are let catch up, batch by batch."""

from collections.abc import Awaitable, Callable

import structlog

from watchbill.engine.loop import Loop, Turn
from watchbill.usecases.incidents import Advanced

log = structlog.get_logger()

BATCH = 500
# One log line names so many incidents at most.
MOST_LOGGED = 20

AdvanceDue = Callable[[int, int], Awaitable[Advanced]]
NextDue = Callable[[], Awaitable[int | None]]


def escalator(
    advance_due: AdvanceDue, next_due: NextDue, advanced: Callable[[Advanced, int], None], clock: Callable[[], int]
) -> Loop:
    """`advanced` hears what each batch came to, and as of when it was taken up."""

    async def turn(now: int) -> Turn:
        done = await advance_due(now, BATCH)
        for org, number, error in done.faults:
            log.error("incident can't be advanced", org=org, incident=number, error=repr(error))
        if done.acted:
            numbers = [number for _, number in done.acted]
            log.info("incidents advanced", count=len(numbers), incidents=numbers[:MOST_LOGGED])
        if done.count:
            advanced(done, now)
        if done.count == BATCH:
            return Turn(more=True)
        return Turn(more=False, next_due=await next_due())

    return Loop("escalator", turn, clock)
