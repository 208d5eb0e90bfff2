"""Learning from training files: beside everything else, and kept in small transactions, so that no page waits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Refused
from watchbill.domain.record import replace
from watchbill.domain.training import FAILED, Group, TrainingFile, learn
from watchbill.engine.loop import Loop, Turn

log = structlog.get_logger()

BATCH = 500
EVERY = 5 * SECOND


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files and what they taught are kept. `forget` takes so many groups away and says how many there were."""

    waiting: Callable[[], Awaitable[tuple[TrainingFile, bytes] | None]]
    forget: Callable[[TrainingFile, int], Awaitable[int]]
    add: Callable[[TrainingFile, Sequence[Group]], Awaitable[None]]
    finish: Callable[[TrainingFile], Awaitable[bool]]


def trainer(shelf: Shelf, clock: Callable[[], int]) -> Loop:
    """One file a turn. A node that dies in the middle leaves the file waiting: it is learned from anew."""
    next_look = 0

    async def turn(now: int) -> Turn:
        nonlocal next_look
        if now < next_look <= now + EVERY:  # a clock may have been set back
            return Turn(more=False, next_due=next_look)
        found = await shelf.waiting()
        if found is not None:
            await _train(shelf, *found)
        next_look = now + EVERY
        return Turn(more=found is not None, next_due=next_look)

    return Loop("trainer", turn, clock)


async def _train(shelf: Shelf, file: TrainingFile, content: bytes) -> None:
    groups: list[Group] = []
    try:
        trained, groups = await asyncio.to_thread(learn, file, content)
    except Refused as error:
        trained = replace(file, state=FAILED, why=error.message)
    while await shelf.forget(file, BATCH):
        pass
    for start in range(0, len(groups), BATCH):
        await shelf.add(file, groups[start : start + BATCH])
    if await shelf.finish(trained):
        log.info("trained", org=file.org, file=file.name, state=trained.state, rows=trained.rows)
