"""Incidents come back as they were saved, are found by what is asked for, and never undo somebody else's change."""

import asyncio
from dataclasses import replace

import pytest

from tests.store.make import COURSE, NOW, OPENED, POLICY, a_delivery, an_incident, an_organization, found, new, save
from watchbill.domain.civil import DAY, SECOND
from watchbill.domain.errors import NotFound, Unavailable
from watchbill.domain.incident import Course, Incident, Paging, Phase
from watchbill.domain.people import Urgency
from watchbill.domain.records import IncidentQuery, Saved
from watchbill.domain.tickets import Ticket
from watchbill.domain.timeline import Entry, Kind
from watchbill.store import saving
from watchbill.store.database import Database
from watchbill.store.transaction import Transaction


async def test_an_incident_comes_back_as_it_was_saved(db: Database) -> None:
    incident = an_incident(1, multi_responder=True, unreached=True, acked_by="ann", acked_at=NOW)
    await save(db, new(incident, NOW + 5))
    assert await found(db, 1) == replace(incident, version=1)
    assert await db.read(lambda tx: tx.incident_by_id(1, incident.id)) == replace(incident, version=1)


async def test_text_of_any_language_and_size_comes_back(db: Database) -> None:
    incident = an_incident(1, "clé 🔥 ключ", title="磁盘已满 \\u0000 ' \" \\ \x1f", message="x" * 3_000_000)
    await save(db, new(incident))
    assert await found(db, 1) == replace(incident, version=1)
    by_key = await db.read(lambda tx: tx.open_incidents([(1, "clé 🔥 ключ")]))
    assert by_key == {(1, "clé 🔥 ключ"): replace(incident, version=1)}


async def test_a_key_with_a_nul_is_found_by_that_key(db: Database) -> None:
    await save(db, new(an_incident(1, "a\0b")))
    assert len(await db.read(lambda tx: tx.open_incidents([(1, "a\0b")]))) == 1


async def test_an_incident_of_another_organization_is_not_found(db: Database) -> None:
    await save(db, new(an_incident(1)))
    for look in (lambda tx: tx.incident(2, 1), lambda tx: tx.incident_by_id(2, "incident-000000001")):
        with pytest.raises(NotFound):
            await db.read(look)


async def test_only_unresolved_incidents_hold_their_key(db: Database) -> None:
    await save(db, new(an_incident(1, "disk")))
    before = await found(db, 1)
    await save(db, Saved(before, replace(before, phase=Phase.RESOLVED), None))
    await save(db, new(an_incident(2, "disk")), new(an_incident(3, "disk", org=2)))
    keys = [(1, "disk"), (2, "disk"), (1, "unknown")] * 50
    by_key = await db.read(lambda tx: tx.open_incidents(keys))
    assert {key: incident.number for key, incident in by_key.items()} == {(1, "disk"): 2, (2, "disk"): 3}


async def test_numbers_are_looked_up_in_any_amount(db: Database) -> None:
    await save(db, *(new(an_incident(number)) for number in range(1, 301)))
    wanted = [(1, number) for number in range(300, 0, -1)] + [(1, 999), (2, 1)]
    by_number = await db.read(lambda tx: tx.incidents_by_number(wanted))
    assert sorted(by_number) == [(1, number) for number in range(1, 301)]
    assert await db.read(lambda tx: tx.incidents_by_number([])) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"alert_count": 2, "last_alert_at": NOW + 9, "last_alert_id": "a2"},
        {"phase": Phase.ACKNOWLEDGED, "phase_at": NOW + 9, "muted": True, "urgency": Urgency.LOW, "routing_key": "x"},
        {"course": replace(COURSE, runs=(), snoozed_until=NOW + DAY)},
        {"course": Course(policies=(replace(POLICY, id="p2"), POLICY))},
        {"title": "Disk full again", "acked_by": "bob", "course": Course()},
    ],
)
async def test_every_change_is_kept(db: Database, changes: dict[str, object]) -> None:
    await save(db, new(an_incident(1), NOW))
    before = await found(db, 1)
    after = replace(before, **changes)  # type: ignore[arg-type]
    await save(db, Saved(before, after, NOW))
    assert await found(db, 1) == replace(after, version=2)


async def test_a_save_on_an_old_version_is_refused(db: Database) -> None:
    await save(db, new(an_incident(1)))
    old = await found(db, 1)
    await save(db, Saved(old, replace(old, alert_count=2), None))

    def stale(tx: Transaction) -> None:
        tx.save([Saved(old, replace(old, alert_count=7), None, entries=OPENED)])

    with pytest.raises(Unavailable):
        await db.write(stale)
    assert (await found(db, 1)).alert_count == 2
    assert await db.read(lambda tx: tx.timeline(1, 1)) == []


async def test_nodes_that_change_one_incident_lose_no_change(nodes: tuple[Database, Database]) -> None:
    await save(nodes[0], new(an_incident(1)))

    def one_more(tx: Transaction) -> None:
        before = tx.incident(1, 1)
        tx.save([Saved(before, replace(before, alert_count=before.alert_count + 1), None)])

    await asyncio.gather(*(node.lane(lane).write(one_more) for node in nodes for lane in ("intake", "engine") * 25))
    assert (await found(nodes[0], 1)).alert_count == 101


async def test_nodes_that_open_one_key_open_it_once(nodes: tuple[Database, Database]) -> None:
    def receive(tx: Transaction) -> None:
        known = tx.open_incidents([(1, "disk")]).get((1, "disk"))
        if known:
            tx.save([Saved(known, replace(known, alert_count=known.alert_count + 1), None)])
        else:
            number = tx.next_numbers(1, "incident", 1)[0]
            tx.save([new(an_incident(number, "disk", id=tx.new_id(NOW)))])

    await asyncio.gather(*(node.write(receive) for node in nodes for _ in range(20)))
    listed = await nodes[0].read(lambda tx: tx.incidents(IncidentQuery(1)))
    assert [incident.alert_count for incident in listed] == [40]


async def test_the_first_incident_that_is_due_can_be_put_off_unread(db: Database) -> None:
    await save(db, new(an_incident(1), NOW), new(an_incident(2), NOW - 1), new(an_incident(3), NOW + 1))
    for number, until in ((2, NOW + 6), (1, NOW + 5)):
        assert await db.write(lambda tx, until=until: tx.put_off_incident(NOW, until)) == (1, number)
    assert await db.write(lambda tx: tx.put_off_incident(NOW, NOW + 5)) is None
    assert [i.number for i in await db.write(lambda tx: tx.due_incidents(NOW + 6, 10))] == [3, 1, 2]


async def test_due_incidents_come_earliest_first(db: Database) -> None:
    wakes = {1: NOW + 30, 2: NOW + 10, 3: None, 4: NOW + 20, 5: NOW + 99}
    await save(db, *(new(an_incident(number), wake) for number, wake in wakes.items()))
    assert [i.number for i in await db.write(lambda tx: tx.due_incidents(NOW + 30, 10))] == [2, 4, 1]
    assert [i.number for i in await db.write(lambda tx: tx.due_incidents(NOW + 30, 2))] == [2, 4]
    assert await db.read(lambda tx: tx.next_wake_at()) == NOW + 10


async def test_nothing_is_due_when_nothing_waits(db: Database) -> None:
    assert await db.write(lambda tx: tx.due_incidents(NOW, 10)) == []
    assert await db.read(lambda tx: tx.next_wake_at()) is None


async def test_muted_incidents_are_woken(db: Database) -> None:
    await save(db, *(new(an_incident(number, muted=number % 2 == 0)) for number in range(1, 9)))
    gone = await found(db, 4)
    await save(db, Saved(gone, replace(gone, phase=Phase.RESOLVED), None))
    await db.write(lambda tx: tx.wake_muted(2, NOW))
    await db.write(lambda tx: tx.wake_muted(1, NOW))
    assert [i.number for i in await db.write(lambda tx: tx.due_incidents(NOW, 9))] == [2, 6, 8]


async def test_incidents_are_listed_by_what_is_asked(db: Database) -> None:
    phases = (Phase.TRIGGERED, Phase.ACKNOWLEDGED, Phase.RESOLVED)
    await save(
        db,
        *(
            new(
                an_incident(
                    number,
                    phase=phases[number % 3],
                    routing_key="db" if number % 2 else "web",
                    urgency=Urgency.HIGH if number % 5 else Urgency.LOW,
                )
            )
            for number in range(1, 31)
        ),
    )

    async def numbers(**query: object) -> list[int]:
        listed = await db.read(lambda tx: tx.incidents(IncidentQuery(1, **query)))  # type: ignore[arg-type]
        return [incident.number for incident in listed]

    assert await numbers(limit=3) == [30, 29, 28]
    assert await numbers(limit=3, before_number=28) == [27, 26, 25]
    assert await numbers(phases=(Phase.TRIGGERED, Phase.RESOLVED), limit=4) == [30, 29, 27, 26]
    assert await numbers(phases=(Phase.ACKNOWLEDGED,), before_number=10) == [7, 4, 1]
    assert await numbers(routing_key="db", urgency=Urgency.LOW) == [25, 15, 5]
    assert await numbers(opened_from=NOW + 28 * SECOND) == [30, 29, 28]
    assert await numbers(opened_until=NOW + 3 * SECOND) == [2, 1]
    assert await numbers(opened_from=NOW + DAY * 9) == []
    assert await numbers(opened_until=NOW - DAY * 9) == []


async def test_history_is_searched_by_all_that_is_asked_for(db: Database) -> None:
    paged = Course(pagings=(Paging(1, "zoe", None, Urgency.HIGH, NOW, None, (), False, ""),))
    await save(
        db,
        new(an_incident(1, "disk", phase=Phase.RESOLVED, host='eu "3"', service="db")),
        new(an_incident(2, "disk", phase=Phase.RESOLVED, phase_at=NOW - DAY, service="web")),
        new(an_incident(3, "disk", title="db", service="", course=paged)),
        new(an_incident(4, "cpu", phase=Phase.ACKNOWLEDGED, title="db", service="other")),
    )

    async def numbers(**query: object) -> list[int]:
        asked = IncidentQuery(1, **query)  # type: ignore[arg-type]
        listed = [incident.number for incident in await db.read(lambda tx: tx.incidents(asked))]
        assert await db.read(lambda tx: tx.count_incidents(asked)) == len(listed) + asked.offset
        return listed

    assert await numbers(key="disk") == [3, 2, 1]
    assert await numbers(key="disk", phases=(Phase.RESOLVED,)) == [2, 1]
    assert await numbers(hosts=("eu", 'eu "3"')) == [1]
    assert await numbers(services=("db",)) == [3, 1]
    assert await numbers(numbers=((1, 1), (3, 9))) == [4, 3, 1]
    assert await numbers(paged="zoe") == [3]
    assert await numbers(paged="zo") == []
    assert await numbers(offset=1) == [3, 2, 1]
    assert await numbers(offset=3) == [1]
    current = await db.read(lambda tx: tx.current_incidents(1, NOW, 9))
    assert [incident.number for incident in current] == [4, 3, 1]


async def test_ten_thousand_incidents_are_paged_without_gap_or_repeat(db: Database) -> None:
    incidents = [an_incident(number) for number in range(1, 10_001)]
    for start in range(0, 10_000, 1000):
        await save(db, *map(new, incidents[start : start + 1000]))
    seen: list[int] = []
    query = IncidentQuery(1, limit=1000)
    while page := await db.read(lambda tx: tx.incidents(query)):  # noqa: B023 - run before the loop goes on
        seen += [incident.number for incident in page]
        query = replace(query, before_number=page[-1].number)
    assert seen == list(range(10_000, 0, -1))


async def test_the_timeline_tells_in_order_what_each_save_added(db: Database) -> None:
    def entry(at: int, text: str) -> Entry:
        return Entry(NOW + at, Kind.NOTE, text)

    await save(db, new(an_incident(1), entries=(entry(0, "opened"), entry(0, "routed"))))
    await db.write(lambda tx: tx.add_entries(1, 1, [entry(1, "sent")]))
    await db.write(lambda tx: tx.add_entries(1, 1, [entry(1, "delivered"), entry(3, "read")]))
    before = await found(db, 1)
    await save(db, Saved(before, replace(before, alert_count=2), None, entries=(entry(2, "alert"),)))
    told = [each.text for each in await db.read(lambda tx: tx.timeline(1, 1))]
    assert told == ["opened", "routed", "sent", "delivered", "alert", "read"]
    assert await db.read(lambda tx: tx.timeline(1, 2)) == []


async def test_entries_keep_all_they_hold(db: Database) -> None:
    await save(db, new(an_incident(1), entries=OPENED))
    assert tuple(await db.read(lambda tx: tx.timeline(1, 1))) == OPENED


async def test_an_organization_has_a_timeline_of_its_own_that_forgets_the_oldest(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST_OF_ORG", 3)
    await an_organization(db)
    entries = [Entry(NOW + at, Kind.CHAT, f"said {at}", data={"tags": ["a"]}) for at in range(5)]
    await db.write(lambda tx: tx.add_org_entries(1, entries[:3]))
    assert await db.read(lambda tx: tx.org_timeline(1, 0, 10)) == entries[2::-1]
    await db.write(lambda tx: tx.add_org_entries(1, entries[3:]))
    assert await db.read(lambda tx: tx.org_timeline(1, 0, 10)) == entries[:1:-1]
    assert await db.read(lambda tx: tx.org_timeline(1, 1, 1)) == [entries[3]]
    assert await db.read(lambda tx: tx.org_timeline(2, 0, 10)) == []


async def test_deliveries_and_tickets_are_kept_with_the_incident(db: Database) -> None:
    tickets = (Ticket(1, 1, NOW, subject="first"), Ticket(1, 2, NOW, subject="second"))
    await save(db, new(an_incident(1), deliveries=(a_delivery("d1"), a_delivery("d2")), tickets=tickets))
    assert [each.id for each in await db.read(lambda tx: tx.deliveries(1, 1))] == ["d1", "d2"]
    assert await db.read(lambda tx: tx.ticket(1, 2)) == tickets[1]


async def test_shared_courses_and_plans_belong_to_each_incident(db: Database) -> None:
    await an_organization(db)
    incidents = [an_incident(number, org=org) for org in (1, 2) for number in range(1, 51)]
    await save(db, *map(new, incidents))
    for org in (1, 2):
        listed = await db.read(lambda tx: tx.incidents(IncidentQuery(org)))  # noqa: B023
        assert all(incident.course == COURSE for incident in listed)
        assert len({id(incident.course.policies) for incident in listed}) == 1


async def test_a_plan_whose_save_failed_is_kept_with_the_next(db: Database) -> None:
    course = Course(policies=(replace(POLICY, name="of a failed save"),))

    def fails(tx: Transaction) -> None:
        tx.save([new(an_incident(1, course=course))])
        raise ZeroDivisionError

    def works(tx: Transaction, number: int) -> Incident:
        tx.save([new(an_incident(number, course=course))])
        return tx.incident(1, number)

    results = await asyncio.gather(db.write(fails), db.write(works, 2), db.write(fails), return_exceptions=True)
    assert isinstance(results[0], ZeroDivisionError)
    assert await found(db, 2) == results[1]
