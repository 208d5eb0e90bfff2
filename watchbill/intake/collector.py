"""Alerts that arrive together are taken in together: one transaction for all that wait, an answer after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from watchbill.domain.errors import Unavailable
from watchbill.usecases.alerts import Arrival, Receipt

# More alerts than this wait for the next transaction: a transaction stays short.
MOST_AT_ONCE = 2_000
# Whoever had to wait for a crowded commit and is answered posts again at once. A commit for the few that are quicker
# costs nearly as much as one for all, so the next one waits until as many are here again: so many seconds at most, and
# only after so many posts.
PAUSE = 0.002
CROWD = 8

Told = Callable[[list[Receipt] | Exception], None]
Waiting = tuple[Sequence[Arrival], Told]
TakeIn = Callable[[Sequence[Arrival], int], Awaitable[list[Receipt]]]


class Collector:
    """`take_in` runs the transaction, `clock` is read once for each, `taken` hears of every commit."""

    def __init__(
        self, take_in: TakeIn, clock: Callable[[], int], taken: Callable[[Sequence[Arrival], Sequence[Receipt]], None]
    ) -> None:
        self._take_in = take_in
        self._clock = clock
        self._taken = taken
        self._waiting: list[Waiting] = []
        self._pump: asyncio.Task[None] | None = None
        self._wanted = 0
        self._enough = asyncio.Event()

    def put(self, arrivals: Sequence[Arrival], told: Told) -> None:
        """`told` gets the receipts when the alerts are durable, or why they are not: Unavailable when the database is
        gone. It must not raise."""
        self._waiting.append((arrivals, told))
        if len(self._waiting) >= self._wanted:
            self._enough.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._work())

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Returns when the alerts are durable. Raises Unavailable when the database is gone."""
        future: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()

        def told(outcome: list[Receipt] | Exception) -> None:
            if future.done():  # whoever asked went away
                return
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self.put(arrivals, told)
        return await future

    async def _work(self) -> None:
        while self._waiting:
            group = self._group()
            await self._commit(group)
            if len(group) >= CROWD:
                await self._pause(len(group) + len(self._waiting))

    def _group(self) -> list[Waiting]:
        group: list[Waiting] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0][0]) <= MOST_AT_ONCE):
            group.append(self._waiting.pop(0))
            size += len(group[-1][0])
        return group

    async def _pause(self, wanted: int) -> None:
        self._wanted = wanted
        self._enough.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                await self._enough.wait()
        self._wanted = 0

    async def _commit(self, group: list[Waiting]) -> None:
        arrivals = [arrival for part, _ in group for arrival in part]
        try:
            receipts = await self._take_in(arrivals, self._clock())
        except Exception as error:
            await self._one_by_one(group, error)
            return
        start = 0
        for part, told in group:
            told(receipts[start : start + len(part)])
            start += len(part)
        self._taken(arrivals, receipts)

    async def _one_by_one(self, group: list[Waiting], error: Exception) -> None:
        """One bad alert must not take the others down with it; without a database there is no use in trying each."""
        if len(group) > 1 and not isinstance(error, Unavailable):
            for one in group:
                await self._commit([one])
            return
        for _, told in group:
            told(error)
