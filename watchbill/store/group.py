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
        else:
            self.job.future.set_exception(self.error)


@dataclass(slots=True)
class Settled:
    """`again` are the jobs that lost a race."""

    answers: list[Answer] = field(default_factory=list)
    again: list[tuple[Job, BaseException]] = field(default_factory=list)


def run_group(engine: Engine, connection: Connection, cache: Cache, jobs: Sequence[Job]) -> Settled:
    """Runs and commits them. One that fails takes nothing with it: what it wrote is undone, the others are kept.

    Raises what makes the whole transaction impossible; nothing is kept then, unless the connection broke during the
    commit. Then nobody can tell: the caller runs all of it again, which may double an alert and never loses one.
    """
    settled = Settled()
    seen = Pending()
    connection.begin()
    try:
        for job in jobs:
            if len(jobs) > 1:
                connection.guard()
            tx = Transaction(connection, cache, seen)
            try:
                answer = Answer(job, job.fn(tx, *job.args))
            except Exception as error:
                if len(jobs) == 1 or engine.trouble(error) is Trouble.GONE:
                    raise
                connection.undo()
                _settle_failure(settled, engine, job, error)
            else:
                seen.add(tx.mine)
                settled.answers.append(answer)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    cache.publish(seen)
    return settled


def _settle_failure(settled: Settled, engine: Engine, job: Job, error: Exception) -> None:
    if engine.trouble(error) is Trouble.RACE:
        settled.again.append((job, error))
    else:
        settled.answers.append(Answer(job, error=error))
