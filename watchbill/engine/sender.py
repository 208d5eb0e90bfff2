"""Pages leave: claimed with a lease, handed to their channels outside any transaction, their outcomes recorded.

A send never waits for another channel's: each message is a task of its own, and the recorder writes whatever has come
back by the time it looks.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Message, Outcome, Verdict
from watchbill.domain.errors import Unavailable
from watchbill.engine.care import Care, PutOff
from watchbill.engine.loop import Loop, Turn
from watchbill.usecases.deliveries import LEASE, Claimed, Result, Send

log = structlog.get_logger()

BATCH = 500
# A send that takes longer is tried again: its verdict must be recorded while the lease still holds.
LONGEST_SEND = LEASE * 2 // 3
# Past so many sends under way new pages wait in the database, where the most urgent come first.
MOST_UNDER_WAY = 2_000
# A record that fails (the database is gone) is tried again after this many seconds.
RECORD_AGAIN = 0.5

T = TypeVar("T")
Provider = Callable[[Message], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What the sender needs of the world. `providers` gives a channel's providers in order; `dress` adds links and
    codes
    to a message; `sent` hears of every try, with how long after its due moment it was handed over (microseconds)."""

    claim: Callable[[int, int], Awaitable[Claimed]]
    put_off: PutOff
    record: Callable[[Sequence[Result], int], Awaitable[None]]
    next_due: Callable[[], Awaitable[int | None]]
    providers: Callable[[str], Sequence[Provider]]
    dress: Callable[[Message, Delivery], Message]
    sent: Callable[[Delivery, Verdict, int], None]
    clock: Callable[[], int]


class Sender:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._care = Care(outside.put_off)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._results: list[Result] = []
        self._returned = asyncio.Event()
        self.loop = Loop("sender", self._turn, outside.clock)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.loop.run())
            group.create_task(self._record())

    async def _turn(self, now: int) -> Turn:
        most = 1 if self._care.one_by_one else BATCH
        if await self.carried_through(self._care.take(self._claim, now, most)) == most:
            return Turn(more=True)
        self._care.one_by_one = False
        return Turn(more=False, next_due=await self._outside.next_due())

    async def _claim(self, now: int, most: int) -> int:
        claimed = await self._outside.claim(now, most)
        self.begin(claimed.sends)
        return claimed.count

    @property
    def has_room(self) -> bool:
        return len(self._tasks) < MOST_UNDER_WAY

    def begin(self, sends: Iterable[Send]) -> None:
        """Hands over what is claimed for this node, durably."""
        for send in sends:
            self._begun(self._send(send))

    async def carried_through(self, work: Coroutine[Any, Any, T]) -> T:
        """What is claimed is sent, also when we are told to end meanwhile. Else it would wait for the lease."""
        return await asyncio.shield(self._begun(work))

    def _begun(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, send: Send) -> None:
        first = send.deliveries[0]
        providers = self._outside.providers(first.channel)
        handed_at = self._outside.clock()
        verdict = await self._verdict(send, providers)
        self._outside.sent(first, verdict, handed_at - first.first_due_at)
        log.info(
            "page sent" if verdict.outcome is Outcome.ACCEPTED else "page not sent",
            incident=first.incident,
            org=first.org,
            channel=first.channel,
            delivery=first.id,
            verdict=verdict.outcome.value,
            reason=verdict.reason,
            carried=len(send.deliveries),
        )
        self._results.append(Result(send.deliveries, verdict, len(providers), random.random()))  # noqa: S311 - jitter
        self._returned.set()

    async def _verdict(self, send: Send, providers: Sequence[Provider]) -> Verdict:
        first = send.deliveries[0]
        if first.provider >= len(providers):
            return Verdict(Outcome.NEVER, f"no provider for channel {first.channel} is set up")
        try:
            async with asyncio.timeout(LONGEST_SEND / SECOND):
                return await providers[first.provider](self._outside.dress(send.message, first))
        except TimeoutError:
            return Verdict(Outcome.RETRY, f"no answer within {LONGEST_SEND // SECOND} seconds")
        except Exception as error:
            log.exception("channel fault", channel=first.channel, delivery=first.id)
            return Verdict(Outcome.RETRY, f"the channel failed: {type(error).__name__}")

    async def _record(self) -> None:
        while True:
            await self._returned.wait()
            self._returned.clear()
            results, self._results = self._results, []
            try:
                await self._keep(results)
            except Unavailable:
                self._results = results + self._results
                await asyncio.sleep(RECORD_AGAIN)
                self._returned.set()
            else:
                if any(result.verdict.outcome is not Outcome.ACCEPTED for result in results):
                    self.loop.hint()

    async def _keep(self, results: Sequence[Result]) -> None:
        """One that can't be recorded (a fault of ours) holds up none of the others: its page is sent again when its
        lease is over. Raises Unavailable, then all of them are to be recorded again."""
        if not results:
            return
        try:
            await self._outside.record(results, self._outside.clock())
        except Exception as error:
            log.exception("verdicts not recorded", count=len(results))
            if isinstance(error, Unavailable):
                raise
            if len(results) > 1:
                for one in results:
                    await self._keep([one])

    async def drain(self, seconds: float) -> None:
        """At the end: waits for the sends that are under way, so that their verdicts are recorded."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        results, self._results = self._results, []
        await self._keep(results)
