"""What can't be read or decided holds up nothing else that is due."""

from collections.abc import Iterator

import pytest

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.errors import Unavailable
from watchbill.engine.care import Care
from watchbill.engine.escalator import escalator
from watchbill.engine.loop import Loop
from watchbill.store.transaction import Transaction
from watchbill.usecases.deliveries import claim
from watchbill.usecases.incidents import Advanced, advance_due

TITLES = [f"disk {n}" for n in range(5)]


@pytest.fixture
def world() -> Iterator[World]:
    """Five incidents of one moment, whose second step comes after five minutes."""
    world = World()
    world.settings(bundle_after=100)
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), step("bob", wait=5 * MINUTE))
    world.key("k", "p", default=True)
    world.engine_stops()
    for title in TITLES:
        world.alert("k", title)
    yield world
    world.close()


def damaged(world: World, title: str) -> None:
    def damage(tx: Transaction) -> None:
        tx._session.run("UPDATE incident SET head = 'x' WHERE number = ?", (world.number(title),))

    world.write(damage)


def turns(world: World, loop: Loop, count: int) -> int:
    """Lets it turn so often; how often that failed."""
    faults = 0

    async def turn() -> None:
        await loop.act(world.now)

    for _ in range(count):
        try:
            world.run(turn())
        except ValueError:
            faults += 1
    return faults


def escalating(world: World) -> Loop:
    async def due(now: int, limit: int) -> Advanced:
        return await world.db.write(advance_due, now, None, limit)

    async def put_off(now: int) -> object:
        return await world.db.write(lambda tx: tx.put_off_incident(now, now + 30 * SECOND))

    async def next_due() -> int | None:
        return await world.db.read(lambda tx: tx.next_wake_at())

    return escalator(due, put_off, next_due, lambda done, now: None, lambda: world.now)


@pytest.mark.parametrize("title", [TITLES[0], TITLES[2], TITLES[4]])
def test_an_incident_that_can_not_be_read_holds_up_no_other(world: World, title: str) -> None:
    damaged(world, title)
    world.now += 5 * MINUTE
    assert turns(world, escalating(world), 10) == 2
    others = [one for one in TITLES if one != title]
    assert all(any(page.user_id == "bob" for page in world.deliveries(one)) for one in others)
    assert world.write(lambda tx: tx.next_wake_at()) == world.now + 30 * SECOND


def test_a_page_whose_incident_can_not_be_read_holds_up_no_other(world: World) -> None:
    damaged(world, TITLES[2])
    carried: list[str] = []

    async def take(now: int, most: int) -> int:
        claimed = await world.db.write(claim, now, "node", most)
        carried.extend(subject.title for send in claimed.sends for subject in send.message.subjects)
        return claimed.count

    async def put_off(now: int) -> object:
        return await world.db.write(lambda tx: tx.put_off_delivery(now, now + 30 * SECOND))

    care, faults = Care(put_off), 0
    for _ in range(10):
        try:
            world.run(care.take(take, world.now, 1 if care.one_by_one else 500))
        except ValueError:
            faults += 1
    assert faults == 2
    assert sorted(carried) == [TITLES[0], TITLES[1], TITLES[3], TITLES[4]]
    assert world.write(lambda tx: tx.next_delivery_due_at()) == world.now + 30 * SECOND


async def test_a_database_that_is_away_is_nobodys_fault() -> None:
    async def away(now: int, most: int) -> int:
        raise Unavailable("away")

    async def put_off(now: int) -> object:
        raise AssertionError

    care = Care(put_off)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await care.take(away, 0, 1)
        assert not care.one_by_one
