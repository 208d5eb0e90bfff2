"""What incidents that opened alike have in common is kept once, and each of them tells it as its own."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.store.make import COURSE, NOW, OPENED, PAGING, a_delivery, an_incident, found, new, save
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import SECOND
from watchbill.domain.incident import Course, Incident, Phase
from watchbill.domain.opening import opened, own
from watchbill.domain.records import IncidentQuery, Opening, Saved
from watchbill.domain.timeline import Entry, Kind
from watchbill.store.database import Database

PATTERN = an_incident(0, "")
LATER = (Entry(NOW + SECOND, Kind.CHAT, "looking at it"),)


def event(number: int) -> AlertEvent:
    return AlertEvent(Signal.CRITICAL, f"key {number}", f"Disk {number} full", host=f"db{number}")


def the_incident(number: int) -> Incident:
    """As it is when it was saved."""
    return replace(opened(PATTERN, event(number), number, f"incident-{number}", f"alert-{number}"), version=1)


async def save_alike(db: Database, *numbers: int) -> None:
    each: list[tuple[tuple[Any, ...], tuple[str, ...]]] = [
        (own(PATTERN, event(number), number, f"incident-{number}", f"alert-{number}"), (f"page-{number}",))
        for number in numbers
    ]
    like = Saved(None, PATTERN, NOW + SECOND, OPENED, (a_delivery("0", incident=0),))
    await db.write(lambda tx: tx.save((), (Opening(like, each),)))


async def change(db: Database, number: int, **changes: object) -> None:
    before = await found(db, number)
    await save(db, Saved(before, replace(before, **changes), None, LATER))  # type: ignore[arg-type]


async def timeline(db: Database, number: int) -> list[Entry]:
    return await db.read(lambda tx: tx.timeline(1, number))


async def courses_kept(db: Database) -> int:
    count: int = (await db.read(lambda tx: tx._session.rows("SELECT COUNT(*) FROM opening")))[0][0]
    return count


async def test_each_tells_what_all_of_them_have_in_common(db: Database) -> None:
    await save_alike(db, 3, 1, 2)
    await save(db, new(an_incident(4), entries=OPENED))
    assert await courses_kept(db) == 1
    assert [await found(db, number) for number in (1, 2, 3)] == [the_incident(number) for number in (1, 2, 3)]
    assert [await timeline(db, number) for number in (1, 2, 3, 4, 5)] == [list(OPENED)] * 4 + [[]]
    for number in (1, 2, 3):
        assert await db.read(lambda tx: tx.deliveries(1, number)) == [a_delivery(f"page-{number}", incident=number)]  # noqa: B023
    due = await db.write(lambda tx: tx.due_incidents(NOW + SECOND, 10))
    assert sorted(incident.number for incident in due) == [1, 2, 3]
    assert all(incident.course == COURSE for incident in due)


async def test_one_that_moves_on_leaves_the_others_as_they_opened(db: Database) -> None:
    await save_alike(db, 1, 2, 3)
    await change(db, 2, course=Course(), phase=Phase.RESOLVED)
    await change(db, 3, alert_count=2)
    assert [(await found(db, number)).course for number in (1, 2, 3)] == [COURSE, Course(), COURSE]
    assert [await timeline(db, number) for number in (1, 2)] == [list(OPENED), [*OPENED, *LATER]]


async def test_what_is_added_comes_after_what_was_when_it_opened(db: Database) -> None:
    await save_alike(db, 1, 2)
    same_moment = tuple(replace(entry, at=NOW) for entry in LATER)
    for _ in range(2):
        await db.write(lambda tx: tx.add_entries(1, 1, same_moment))
    assert await timeline(db, 1) == [*OPENED, *same_moment, *same_moment]
    assert await timeline(db, 2) == list(OPENED)


async def test_they_are_found_by_who_is_paged(db: Database) -> None:
    async def paged(user: str) -> list[int]:
        return [each.number for each in await db.read(lambda tx: tx.incidents(IncidentQuery(1, paged=user)))]

    await save_alike(db, 1, 2, 3)
    await save(db, new(an_incident(4)), new(an_incident(5, course=Course())))
    await change(db, 1, course=Course())
    await change(db, 2, course=replace(COURSE, runs=(), pagings=(replace(PAGING, user_id="zoe"),)))
    assert await paged("u1") == [4, 3]
    assert await paged("zoe") == [2]


@pytest.mark.parametrize("moved", [False, True])
async def test_it_is_forgotten_with_the_last_of_them(db: Database, moved: bool) -> None:
    await save_alike(db, 1, 3)
    await save_alike(db, 2, 4)
    for number in (1, 2, 4):
        await change(db, number, phase=Phase.RESOLVED, phase_at=NOW, **({"course": Course()} if moved else {}))
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) > 0
    assert await courses_kept(db) == 1
    assert await found(db, 3) == the_incident(3)
    assert await timeline(db, 3) == list(OPENED)
    await change(db, 3, phase=Phase.RESOLVED, phase_at=NOW)
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) > 0
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) == 0
    assert await courses_kept(db) == 0


async def test_two_nodes_that_forget_together_leave_nothing(nodes: tuple[Database, Database]) -> None:
    storms = 20
    for first in range(1, 2 * storms, 2):
        await save_alike(nodes[0], first, first + 1)
    for number in range(1, 2 * storms + 1):
        await change(nodes[0], number, phase=Phase.RESOLVED, phase_at=NOW)

    async def forget(node: Database) -> None:
        while await node.write(lambda tx: tx.forget_before(NOW + 1, 1)):
            pass

    await asyncio.gather(*map(forget, nodes))
    assert await courses_kept(nodes[0]) == 0
