"""The clock of a node."""

import asyncio
import time

import structlog

from watchbill.store.database import Database

log = structlog.get_logger()

# How often a node compares its clock with the database's, in seconds.
CLOCK_EVERY = 5.0


class Clock:
    """Microseconds since 1970. With several nodes the database's clock counts: `offset` is how far ours is behind
    it.
    """

    def __init__(self) -> None:
        self.offset = 0

    def local(self) -> int:
        return time.time_ns() // 1000  # noqa: TID251 - the one place where the clock is read

    def __call__(self) -> int:
        return self.local() + self.offset


async def keep_time(database: Database, clock: Clock) -> None:
    """Follows the database's clock, so that several nodes agree on what is due."""
    while True:
        await asyncio.sleep(CLOCK_EVERY)
        try:
            clock.offset = await database.clock_offset(clock.local)
        except Exception:
            log.warning("the database's clock can't be read")
