"""How many incidents the escalator takes at once: so many that whoever waits for the same writer is not kept long."""

from watchbill.domain.civil import MILLISECOND
from watchbill.engine.escalator import FEWEST, MOST, SLICE, escalator
from watchbill.usecases.incidents import Advanced


class Slow:
    """A database in which an incident takes so long."""

    def __init__(self, cost: int) -> None:
        self.cost = cost
        self.now = 0
        self.taken: list[int] = []

    async def advance_due(self, now: int, limit: int) -> Advanced:
        self.taken.append(limit)
        self.now += limit * self.cost
        return Advanced((), limit)

    async def put_off(self, now: int) -> object:
        raise AssertionError

    async def next_due(self) -> int | None:
        return None


async def turns(cost: int, count: int = 10) -> list[int]:
    slow = Slow(cost)
    loop = escalator(slow.advance_due, slow.put_off, slow.next_due, lambda done, now: None, lambda: slow.now)
    for _ in range(count):
        await loop.act(slow.now)
    return slow.taken


async def test_many_at_once_where_they_are_quick() -> None:
    taken = await turns(MILLISECOND // 20)
    assert taken[0] == FEWEST
    assert taken[-1] == MOST


async def test_as_many_as_fit_a_slice() -> None:
    taken = await turns(MILLISECOND // 2)
    assert taken[-1] * MILLISECOND // 2 <= SLICE
    assert taken[-1] > FEWEST


async def test_never_none() -> None:
    assert set(await turns(1000 * MILLISECOND)) == {FEWEST}
