"""A lane: a queue of jobs and the threads, each with its own connection, that run them in groups."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from watchbill.domain.errors import Unavailable
from watchbill.store.cache import Cache
from watchbill.store.group import Answer, Job, run_group
from watchbill.store.session import Connection, Engine, Trouble

TRIES = 20
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 1.0
# A thread may hang in a database that took a statement and says nothing: closing goes on without it after this long.
CLOSING_SECONDS = 5.0
BROKEN = "the database could not be reached for {:.0f} seconds"
SILENT = "the database did not answer within {:.0f} seconds"
CONTENDED = "somebody else kept changing the same thing"

Observe = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """`group`: how many jobs share one commit at most. `patience`: seconds a job waits for a database that is away.

    A database that is there and does not answer is given twice as long. `observe` is told the size and the seconds of
    each committed group, on the lane's thread.
    """

    group: int = 1024
    patience: float = 30.0
    readonly: bool = False
    observe: Observe | None = None


class Worker:
    """Runs groups on one connection, which it opens when needed and replaces when it breaks."""

    def __init__(self, engine: Engine, cache: Cache, pace: Pace) -> None:
        self._engine = engine
        self._cache = cache
        self._pace = pace
        self._connection: Connection | None = None
        self._pause = FIRST_PAUSE
        self.closing = Event()

    def attempt(self, jobs: Sequence[Job]) -> list[Job]:
        """Answers those that are done; the rest is to be tried again, after a pause when the database is away."""
        began = time.monotonic()
        try:
            if self._connection is None:
                jobs = self._without_late(jobs, began)
                self._connection = self._engine.connect(self._pace.readonly)
                self._cache.forget()
            settled = run_group(self._engine, self._connection, self._cache, jobs)
        except Exception as error:
            return self._after_failure(jobs, error)
        self._pause = FIRST_PAUSE
        give(settled.answers)
        if self._pace.observe is not None:
            with suppress(Exception):  # a fault in counting must not stop the writing
                self._pace.observe(len(jobs) - len(settled.not_tried), time.monotonic() - began)
        return [job for job, error in settled.again if self._may_retry(job, error)] + settled.not_tried

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _after_failure(self, jobs: Sequence[Job], error: Exception) -> list[Job]:
        trouble = self._engine.trouble(error)
        if trouble is Trouble.RACE:
            return [job for job in jobs if self._may_retry(job, error)]
        if trouble is Trouble.GONE:
            return self._wait_for_database(jobs, error)
        give(Answer(job, error=error) for job in jobs)
        return []

    def _may_retry(self, job: Job, error: BaseException) -> bool:
        job.tries += 1
        if job.tries < TRIES:
            return True
        give([Answer(job, error=_caused(Unavailable(CONTENDED), error))])
        return False

    def _wait_for_database(self, jobs: Sequence[Job], error: Exception) -> list[Job]:
        self.close()
        until = math.inf if self.closing.wait(self._pause) else time.monotonic()
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return self._without_late(jobs, until, error)

    def _without_late(self, jobs: Sequence[Job], until: float, error: Exception | None = None) -> list[Job]:
        """Refuses those that have waited long enough by then. Also before anything is tried for them: a crowd that
        queued up behind others, while these waited, would else wait for each other's sake once more."""
        late = [job for job in jobs if job.deadline <= until]
        message = BROKEN.format(self._pace.patience)
        give([Answer(job, error=_caused(Unavailable(message), error)) for job in late])
        return [job for job in jobs if job.deadline > until]


class Lane:
    """Threads that share one queue. Each takes what waits, up to a group, and commits it as one."""

    def __init__(self, engine: Engine, cache: Cache, pace: Pace, threads: int = 1) -> None:
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._pace = pace
        self._workers = [Worker(engine, cache, pace) for _ in range(threads)]
        self._threads = [
            Thread(target=self._work, args=(worker,), name="watchbill-store", daemon=True) for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._queue.put(Job(fn, args, future, time.monotonic() + self._pace.patience))
        longest = 2 * self._pace.patience
        try:
            async with asyncio.timeout(longest):
                return await future
        except TimeoutError as error:
            raise Unavailable(SILENT.format(longest)) from error

    def close(self) -> None:
        """What waits in the queue is still run; what waits for a lost database is given up."""
        for worker in self._workers:
            worker.closing.set()
            self._queue.put(None)
        for thread in self._threads:
            thread.join(CLOSING_SECONDS)

    def _work(self, worker: Worker) -> None:
        left: list[Job] = []
        goes_on = True
        while goes_on or left:
            jobs, goes_on = self._take(left, goes_on)
            if jobs:
                left = _attempted(worker, jobs)
        worker.close()

    def _take(self, left: list[Job], goes_on: bool) -> tuple[list[Job], bool]:
        """`left` and what waits beside it; waits itself when there is nothing left."""
        jobs = left
        try:
            while goes_on and len(jobs) < self._pace.group:
                job = self._queue.get(block=not jobs)
                if job is None:
                    return jobs, False
                jobs.append(job)
        except Empty:
            pass
        return jobs, goes_on


class InlineLane:
    """A lane without a thread, for a database in memory: a job is done before `run` gives way to anything else."""

    def __init__(self, engine: Engine, cache: Cache, pace: Pace) -> None:
        self._worker = Worker(engine, cache, pace)
        self._pace = pace

    async def run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        future = asyncio.get_running_loop().create_future()
        jobs = [Job(fn, args, future, time.monotonic() + self._pace.patience)]
        while jobs:
            jobs = self._worker.attempt(jobs)
        return await future

    def close(self) -> None:
        self._worker.close()


def _attempted(worker: Worker, jobs: list[Job]) -> list[Job]:
    """With the thread all that waits for it would end: a fault of the lane itself is an answer too."""
    try:
        return worker.attempt(jobs)
    except Exception as error:
        give([Answer(job, error=error) for job in jobs])
        return []


def give(answers: Iterable[Answer]) -> None:
    """One wake-up of the event loop answers them all."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Answer]] = {}
    for answer in answers:
        by_loop.setdefault(answer.job.future.get_loop(), []).append(answer)
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(_give_all, some)
        except RuntimeError:  # the loop was closed: nobody waits any more
            continue


def _give_all(answers: list[Answer]) -> None:
    for answer in answers:
        answer.give()


def _caused(error: Exception, cause: BaseException | None) -> Exception:
    error.__cause__ = cause
    return error
