"""Group commit: functions that waited together run in one transaction, and one commit keeps them all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from watchbill.store.cache import Cache
from watchbill.store.session import Connection, Engine, Trouble
from watchbill.store.snapshots import Pending
from watchbill.store.transaction import Transaction


@dataclass(slots=True, eq=False)
class Job:
    """One function somebody waits for. `deadline` (on the monotonic clock) is how long it waits for a lost database."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    future: "asyncio.Future[Any]"
    deadline: float
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    job: Job
    result: Any = None
    error: BaseException | None = None

    def give(self) -> None:
        if self.job.future.done():  # whoever asked went away
            return
        if self.error is None:
            self.job.future.set_result(self.result)
        elif isinstance(self.error, StopIteration):  # the one that a future doesn't take
            self.job.future.set_exception(RuntimeError(repr(self.error)))
        else:
            self.job.future.set_exception(self.error)


@dataclass(slots=True)
class Settled:
    """`again` are the jobs that lost a race, `not_tried` those that have not begun."""

    answers: list[Answer] = field(default_factory=list)
    again: list[tuple[Job, BaseException]] = field(default_factory=list)
    not_tried: list[Job] = field(default_factory=list)


def run_group(engine: Engine, connection: Connection, cache: Cache, jobs: Sequence[Job]) -> Settled:
    """Runs and commits them. One that fails takes nothing with it: what it wrote is undone, the others are kept.

    Raises what makes the whole transaction impossible; nothing is kept then, unless the connection broke during the
    commit. Then nobody can tell: the caller runs all of it again, which may double an alert and never loses one.

    The jobs of one group lock things in any order, so groups of two nodes could wait for each other for ever. Only the
    first job waits as long as it must, while nothing else is held; the others wait for a moment. When one of them gives
    up, what is done is committed at once, and it is the first of the next group.
    """
    settled = Settled()
    seen = Pending()
    connection.begin()
    try:
        for place, job in enumerate(jobs):
            if len(jobs) > 1:
                connection.guard()
            tx = Transaction(connection, cache, seen)
            try:
                answer = Answer(job, job.fn(tx, *job.args))
            except Exception as error:
                if len(jobs) == 1 or engine.trouble(error) is Trouble.GONE:
                    raise
                connection.undo()
                if _lost(settled, engine, job, error) and place:
                    settled.not_tried = list(jobs[place + 1 :])
                    break
            else:
                seen.add(tx.mine)
                settled.answers.append(answer)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    cache.publish(seen)
    return settled


def _lost(settled: Settled, engine: Engine, job: Job, error: Exception) -> bool:
    """Whether it lost a race. Who did so last is the first to be tried again."""
    if engine.trouble(error) is not Trouble.RACE:
        settled.answers.append(Answer(job, error=error))
        return False
    settled.again.insert(0, (job, error))
    return True
