"""Figures for the alarms on ourselves, and forgetting what is old."""

from dataclasses import replace
from typing import Any

import pytest

from tests.store.make import COURSE, NOW, OPENED, a_delivery, an_alert, an_incident, found, keep, new, save
from watchbill.domain.civil import DAY
from watchbill.domain.delivery import State
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Course, Phase
from watchbill.domain.records import AlertQuery, Health, Saved
from watchbill.store.database import Database


async def health(db: Database) -> Health:
    return await db.read(lambda tx: tx.health(NOW))


async def test_nothing_is_told_of_nothing(db: Database) -> None:
    assert await health(db) == Health(0, None, 0, 0, None)


async def test_figures_count_what_waits(db: Database) -> None:
    await save(
        db,
        new(an_incident(1), NOW + 5),
        new(an_incident(2, course=Course()), None),
        new(an_incident(3, phase=Phase.RESOLVED), None),
        new(an_incident(4), NOW + 3, deliveries=(a_delivery("d1", due_at=NOW + 7),)),
    )
    await keep(db, a_delivery("d2", state=State.SENT), a_delivery("d3", state=State.CLAIMED, due_at=NOW + 6))
    assert await health(db) == Health(3, NOW + 3, 0, 2, NOW + 6)


@pytest.mark.parametrize(
    ("changes", "stuck"),
    [
        ({}, 1),
        ({"phase": Phase.ACKNOWLEDGED}, 0),
        ({"muted": True}, 0),
        ({"course": Course()}, 0),
        ({"course": replace(COURSE, runs=(replace(COURSE.runs[0], due=None),), pagings=())}, 1),
    ],
)
async def test_work_left_without_a_wake_up_is_stuck(db: Database, changes: dict[str, object], stuck: int) -> None:
    await save(db, new(an_incident(1), NOW))
    before = await found(db, 1)
    await save(db, Saved(before, replace(before, alert_count=2, **changes), None))  # type: ignore[arg-type]
    expected = stuck if changes else 0
    assert (await health(db)).stuck_incidents == expected


async def test_an_incident_saved_without_wake_up_from_the_start_is_stuck(db: Database) -> None:
    await save(db, new(an_incident(1), None))
    assert (await health(db)).stuck_incidents == 1


async def test_old_resolved_incidents_go_with_all_that_belongs_to_them(db: Database) -> None:
    resolved: dict[str, Any] = {"phase": Phase.RESOLVED, "course": Course()}
    await save(
        db,
        new(an_incident(1, phase_at=NOW, **resolved), None, entries=OPENED, deliveries=(a_delivery("d1"),)),
        new(an_incident(2, phase_at=NOW + DAY, **resolved), None, entries=OPENED),
        new(an_incident(3, phase_at=NOW), NOW),
    )
    await db.write(lambda tx: tx.add_alerts([an_alert("a1", 1), an_alert("a2", 2), an_alert("a3", None)]))
    await keep(db, a_delivery("n1", incident=None, state=State.SENT), a_delivery("n2", incident=None))

    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) == 6
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) == 0

    for number, kept in ((1, False), (2, True), (3, True)):
        if kept:
            assert (await found(db, number)).number == number
        else:
            with pytest.raises(NotFound):
                await found(db, number)
    assert await db.read(lambda tx: tx.timeline(1, 1)) == []
    assert await db.read(lambda tx: tx.deliveries(1, 1)) == []
    assert [each.id for each in await db.read(lambda tx: tx.alerts(AlertQuery(1)))] == ["a2"]
    assert (await health(db)).waiting_deliveries == 1


async def test_forgetting_goes_bit_by_bit(db: Database) -> None:
    await save(db, *(new(an_incident(n, phase=Phase.RESOLVED, course=Course())) for n in range(1, 6)))
    assert [await db.write(lambda tx: tx.forget_before(NOW + DAY, 2)) for _ in range(4)] == [2, 2, 1, 0]
