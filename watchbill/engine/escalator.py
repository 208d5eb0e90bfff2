"""Escalation: incidents whose moment has come are let catch up, batch by batch."""

from collections.abc import Awaitable, Callable

import structlog

from watchbill.domain.civil import MILLISECOND
from watchbill.engine.care import Care, PutOff
from watchbill.engine.loop import Loop, Turn
from watchbill.usecases.incidents import Advanced

log = structlog.get_logger()

# A batch holds up whatever waits for the same writer: on SQLite that is intake. So many incidents are taken at once as
# are done in about SLICE, but never fewer or more than these.
SLICE = 40 * MILLISECOND
FEWEST, MOST = 25, 500
# One log line names so many incidents at most.
MOST_LOGGED = 20

AdvanceDue = Callable[[int, int], Awaitable[Advanced]]
NextDue = Callable[[], Awaitable[int | None]]


def escalator(
    advance_due: AdvanceDue,
    put_off: PutOff,
    next_due: NextDue,
    advanced: Callable[[Advanced, int], None],
    clock: Callable[[], int],
) -> Loop:
    """`advanced` hears what each batch came to, and as of when it was taken up."""
    batch = FEWEST
    care = Care(put_off)

    async def turn(now: int) -> Turn:
        nonlocal batch
        taken = 1 if care.one_by_one else batch
        done = await care.take(advance_due, now, taken)
        for org, number, error in done.faults:
            log.error("incident can't be advanced", org=org, incident=number, error=repr(error))
        if done.acted:
            numbers = [number for _, number in done.acted]
            log.info("incidents advanced", count=len(numbers), incidents=numbers[:MOST_LOGGED])
        if done.count:
            advanced(done, now)
        if done.count == taken:
            batch = _next_batch(taken, clock() - now)
            return Turn(more=True)
        care.one_by_one = False
        return Turn(more=False, next_due=await next_due())

    return Loop("escalator", turn, clock)


def _next_batch(taken: int, took: int) -> int:
    """What fits into a slice by the measure of the last batch; at most twice as much, since that may have been luck."""
    fits = taken * SLICE // max(took, 1)
    return max(FEWEST, min(MOST, 2 * taken, fits))
