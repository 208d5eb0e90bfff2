"""Which alerts share a commit."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.intake.collector import CROWD, MOST_AT_ONCE, Collector
from watchbill.usecases.alerts import Arrival, Receipt


class Commits:
    """A collector whose transactions end when they are told to."""

    def __init__(self) -> None:
        self.collector = Collector(self._take_in, lambda: 0, lambda arrivals, receipts: None)
        self._begun: asyncio.Queue[list[str]] = asyncio.Queue()
        self._ends: asyncio.Queue[None] = asyncio.Queue()

    async def _take_in(self, arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
        self._begun.put_nowait([one.event.key for one in arrivals])
        await self._ends.get()
        return [Receipt("id", one.event.key, 1) for one in arrivals]

    def post(self, *keys: str, then: Callable[[], object] = lambda: None) -> None:
        """`then` happens when they are answered."""
        arrivals = [Arrival(1, "alerts", AlertEvent(key=key, signal=Signal.CRITICAL, title=key)) for key in keys]

        def told(outcome: list[Receipt] | Exception) -> None:
            then()

        self.collector.put(arrivals, told)

    def end(self) -> None:
        self._ends.put_nowait(None)

    async def group(self) -> list[str]:
        """The keys of the commit that begins next."""
        return await asyncio.wait_for(self._begun.get(), 5)

    async def begins_at_once(self) -> bool:
        for _ in range(10):
            await asyncio.sleep(0)
        return not self._begun.empty()


async def test_a_crowd_that_is_answered_is_waited_for() -> None:
    commits = Commits()
    soon = asyncio.get_running_loop().call_soon
    for number in range(CROWD):
        commits.post(f"a{number}", then=partial(soon, commits.post, f"b{number}"))
    await commits.group()
    commits.post("quick")
    commits.end()
    assert await commits.group() == ["quick", *(f"b{number}" for number in range(CROWD))]


async def test_who_was_quick_is_not_kept_waiting_for_a_crowd_that_does_not_come_back() -> None:
    commits = Commits()
    for number in range(CROWD):
        commits.post(f"a{number}")
    await commits.group()
    commits.post("quick")
    commits.end()
    assert not await commits.begins_at_once()
    assert await commits.group() == ["quick"]


async def test_an_alert_in_the_pause_after_a_crowd_waits_no_longer_than_that() -> None:
    commits = Commits()
    for number in range(CROWD):
        commits.post(f"a{number}")
    await commits.group()
    commits.end()
    assert not await commits.begins_at_once()
    commits.post("later")
    assert await commits.group() == ["later"]


async def test_a_few_are_not_waited_for() -> None:
    commits = Commits()
    for number in range(CROWD - 1):
        commits.post(f"a{number}")
    await commits.group()
    commits.post("next")
    commits.end()
    assert await commits.begins_at_once()
    assert await commits.group() == ["next"]


async def test_a_commit_is_bounded_and_a_body_stays_whole() -> None:
    commits = Commits()
    commits.post("first")
    await commits.group()
    commits.post(*(f"a{number}" for number in range(MOST_AT_ONCE - 1)))
    commits.post("b1", "b2")
    commits.end()
    assert len(await commits.group()) == MOST_AT_ONCE - 1
    commits.end()
    assert await commits.group() == ["b1", "b2"]
