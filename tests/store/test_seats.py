"""Who was seen last of alerts that belong together, on both engines; and what two nodes make of one group."""

import asyncio
from dataclasses import replace

import pytest

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.belonging import Seat
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.incident import Actor
from watchbill.domain.records import IncidentQuery
from watchbill.domain.routes import Alike, Grouping, Rule
from watchbill.store.database import Database, open_database
from watchbill.usecases import incidents
from watchbill.usecases.alerts import Arrival, take_in
from watchbill.usecases.ports import Tx

NOW = 1_780_272_000_000_000
FIRST = Seat(1, "rule:a", 7, NOW)


async def test_a_seat_is_kept_found_and_taken_by_another(db: Database) -> None:
    await db.write(lambda tx: tx.keep_seats([FIRST, replace(FIRST, org=2), replace(FIRST, key="rule:b")]))
    keys = [(1, "rule:a"), (1, "rule:c")]
    stored = replace(FIRST, stored=True)
    assert await db.read(lambda tx: tx.seats(keys)) == {(1, "rule:a"): stored}
    await db.write(lambda tx: tx.keep_seats([replace(stored, incident=9, since=NOW + 1)]))
    assert await db.read(lambda tx: tx.seats(keys)) == {(1, "rule:a"): replace(stored, incident=9, since=NOW + 1)}


async def test_who_finds_a_seat_taken_decides_again(db: Database) -> None:
    tries: list[Seat | None] = []

    def sit(tx: Tx) -> None:
        seen = tx.seats([(1, "rule:a")]).get((1, "rule:a")) if tries else None
        tries.append(seen)
        if seen is None:
            tx.keep_seats([replace(FIRST, incident=8)])

    await db.write(lambda tx: tx.keep_seats([FIRST]))
    await db.write(sit)
    assert tries == [None, replace(FIRST, stored=True)]


async def test_old_seats_are_forgotten(db: Database) -> None:
    await db.write(lambda tx: tx.keep_seats([FIRST, replace(FIRST, key="new", since=NOW + DAY)]))
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) == 1
    assert list(await db.read(lambda tx: tx.seats([(1, "rule:a"), (1, "new")]))) == [(1, "new")]


@pytest.mark.parametrize("size", [1, 4])
def test_two_nodes_open_one_group(postgres_emptied_url: str, size: int) -> None:
    """Alerts of one group at both nodes at once, and somebody who answers for some of them meanwhile."""
    world = World(postgres_emptied_url)
    other = open_database(postgres_emptied_url)
    try:
        world.has(person("ann"), Rule("hosts", 1, "hosts", 1, grouping=Grouping(5 * MINUTE, (Alike(("host",)),))))
        world.policy("db", step("ann"))
        world.key("db", "db")
        events = [
            AlertEvent(Signal.CRITICAL, f"k{index}", f"k{index}", routing_key="db", host="h") for index in range(40)
        ]
        arrivals = [Arrival(world.org, "story", event) for event in events]
        world.run(_both(world, other, [arrivals[at : at + size] for at in range(0, 40, size)]))
        found = world.write(lambda tx: tx.incidents(IncidentQuery(world.org)))
        (group,) = [one for one in found if one.members]
        assert {one.number for one in group.members} == {one.number for one in found if one is not group}
        assert {one.group for one in found if one is not group} == {group.number}
        world.run(_closed(world, other, group.number, [one.number for one in group.members][:10]))
        found = world.write(lambda tx: tx.incidents(IncidentQuery(world.org)))
        assert {one.phase for one in found} == {"resolved"}
    finally:
        other.close()
        world.close()


async def _both(world: World, other: Database, batches: list[list[Arrival]]) -> None:
    nodes = (world.db, other)
    await asyncio.gather(
        *(nodes[index % 2].write(take_in, world.now, None, batch) for index, batch in enumerate(batches))
    )


async def _closed(world: World, other: Database, group: int, members: list[int]) -> None:
    """The group on one node, members on the other."""
    actor = Actor("ann", "ann")
    closing = [world.db.write(incidents.close, world.org, group, actor, world.now)]
    closing += [other.write(incidents.heal, world.org, member, actor, world.now) for member in members]
    await asyncio.gather(*closing, return_exceptions=True)
