"""Training files, their groups of rows, and closed tickets, on both engines."""

from dataclasses import replace

from tests.store.make import NOW, an_organization
from watchbill.domain.civil import DAY
from watchbill.domain.tickets import CLOSED, Ticket
from watchbill.domain.training import (
    COMPLETE,
    ESCALATION,
    FIRST_RESPONSE,
    MOST_CASES,
    QUEUED,
    Case,
    Group,
    TrainingFile,
)
from watchbill.store.database import Database

FILE = TrainingFile(1, ESCALATION, "teams.csv", NOW, ("metric",), ("incident.priority",))
GROUPS = [Group(bytes([n]) * 32, 1, n, 3, {"incident.priority": "High"}, {"incident.priority": 2}) for n in range(2, 5)]


async def test_a_file_is_kept_whole_and_replaced(db: Database) -> None:
    await db.write(lambda tx: tx.add_training_file(FILE, b"\x00\xffmetric"))
    assert await db.read(lambda tx: tx.training_files(1)) == [FILE]
    assert await db.read(lambda tx: tx.training_files(2)) == []
    assert await db.read(lambda tx: tx.training_content(1, ESCALATION)) == b"\x00\xffmetric"
    assert await db.read(lambda tx: tx.training_content(1, FIRST_RESPONSE)) is None
    trained = replace(FILE, state=COMPLETE, rows=7, sets=(3, 1), created_at=NOW + 1)
    assert not await db.write(lambda tx: tx.keep_training_file(trained))
    await db.write(lambda tx: tx.add_training_file(trained, b"new"))
    assert await db.read(lambda tx: tx.training_files(1)) == [trained]
    assert await db.read(lambda tx: tx.training_content(1, ESCALATION)) == b"new"


async def test_the_oldest_that_waits_is_next(db: Database) -> None:
    assert await db.read(lambda tx: tx.queued_training()) is None
    files = [replace(FILE, org=org, created_at=NOW - org, state=QUEUED) for org in (1, 2)]
    for file in files:
        await db.write(lambda tx, file=file: tx.add_training_file(file, b""))
    assert await db.read(lambda tx: tx.queued_training()) == files[1]
    assert await db.write(lambda tx: tx.keep_training_file(replace(files[1], state=COMPLETE)))
    assert await db.read(lambda tx: tx.queued_training()) == files[0]


async def test_groups_are_found_by_their_keys_and_forgotten_in_parts(db: Database) -> None:
    await db.write(lambda tx: tx.add_training(1, ESCALATION, GROUPS))
    await db.write(lambda tx: tx.add_training(1, FIRST_RESPONSE, GROUPS[:1]))
    wanted = [GROUPS[0].key, b"none", GROUPS[2].key]
    found = await db.read(lambda tx: tx.training_groups(1, ESCALATION, wanted))
    assert {group.key: group for group in found} == {group.key: group for group in (GROUPS[0], GROUPS[2])}
    assert await db.read(lambda tx: tx.training_groups(2, ESCALATION, wanted)) == []
    await db.write(lambda tx: tx.add_training(1, ESCALATION, GROUPS))
    assert await db.write(lambda tx: tx.forget_training(1, ESCALATION, 2)) == 2
    assert await db.write(lambda tx: tx.forget_training(1, ESCALATION, 2)) == 1
    assert await db.write(lambda tx: tx.forget_training(1, ESCALATION, 2)) == 0
    assert await db.read(lambda tx: tx.training_groups(1, ESCALATION, wanted)) == []
    assert GROUPS[0] in await db.read(lambda tx: tx.training_groups(1, FIRST_RESPONSE, wanted))


async def test_the_newest_cases_come_first_and_not_too_many(db: Database) -> None:
    def keep(tx: object) -> None:
        for number in range(1, MOST_CASES + 3):
            tx.keep_case(Case(1, b"k", number, NOW, {"priority": "High"}))  # type: ignore[attr-defined]

    await db.write(keep)
    await db.write(lambda tx: tx.keep_case(Case(1, b"k", MOST_CASES + 2, NOW, {"priority": "Low"})))
    found = await db.read(lambda tx: tx.cases(1, b"k"))
    assert len(found) == MOST_CASES
    assert (found[0].ticket, found[0].fields, found[1].ticket) == (MOST_CASES + 2, {"priority": "Low"}, MOST_CASES + 1)
    await db.write(lambda tx: tx.remove_case(1, MOST_CASES + 2))
    assert (await db.read(lambda tx: tx.cases(1, b"k")))[0].ticket == MOST_CASES + 1
    assert await db.read(lambda tx: tx.cases(1, b"other")) == []


async def test_what_a_forgotten_ticket_taught_is_forgotten(db: Database) -> None:
    await an_organization(db)
    await db.write(lambda tx: tx.keep_tickets([Ticket(1, 1, NOW, NOW, status=CLOSED)]))
    await db.write(lambda tx: tx.keep_case(Case(1, b"k", 1, NOW)))
    await db.write(lambda tx: tx.forget_before(NOW + DAY, 10))
    assert await db.read(lambda tx: tx.cases(1, b"k")) == []
