"""Two alarms on ourselves: incidents that are stuck, and a queue that is late. Each opens an incident of its own."""

from collections.abc import Awaitable, Callable

import structlog

from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.records import Health
from watchbill.engine.loop import Loop, Turn

log = structlog.get_logger()

EVERY = 10 * SECOND
LATE = MINUTE
STUCK_NAME, LATE_NAME = NAMES = ("stuck", "late")

Examine = Callable[[int], Awaitable[Health]]
Raise = Callable[[str, str, bool], Awaitable[None]]


def alarms(health: Health, now: int) -> dict[str, str]:
    """The alarms that hold now, by name, each with its sentence."""
    held = {}
    if health.stuck_incidents:
        held[STUCK_NAME] = f"{health.stuck_incidents} open incidents have steps left and no next moment"
    due = [at for at in (health.oldest_wake_at, health.oldest_delivery_due_at) if at is not None]
    if due and now - min(due) > LATE:
        held[LATE_NAME] = f"the oldest due work is late by {(now - min(due)) // SECOND} seconds"
    return held


def watchdog(examine: Examine, alarm: Raise, clock: Callable[[], int]) -> Loop:
    """`alarm(name, sentence, on)` opens an incident for an alarm, or resolves it; it is told of changes only, and at
    first of how each alarm stands: a node that died may have left one open."""
    known: dict[str, bool] = {}
    looked_at = 0

    async def turn(now: int) -> Turn:
        nonlocal looked_at
        if 0 <= now - looked_at < EVERY:  # a clock that was set back must not silence it
            return Turn(more=False, next_due=looked_at + EVERY)
        looked_at = now
        held = alarms(await examine(now), now)
        for name in NAMES:
            if known.get(name) is (name in held):
                continue
            if name in held:
                log.error("self-alarm", alarm=name, text=held[name])
            elif known.get(name):
                log.info("self-alarm over", alarm=name)
            await alarm(name, held.get(name, "over"), name in held)
            known[name] = name in held
        return Turn(more=False, next_due=looked_at + EVERY)

    return Loop("watchdog", turn, clock)
