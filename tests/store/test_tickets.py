"""Tickets and what is said about them, on both engines."""

from dataclasses import replace

import pytest

from tests.store.make import NOW, an_organization
from watchbill.domain.civil import DAY, HOUR
from watchbill.domain.errors import NotFound
from watchbill.domain.records import TicketQuery
from watchbill.domain.tickets import CLOSED, HIGH, Passage, Remark, Ticket
from watchbill.store.database import Database

FIRST = Ticket(
    1,
    1,
    NOW,
    NOW,
    priority=HIGH,
    subject="Disk",
    incidents=(4, 5),
    flow=(Passage("New", NOW, "ann"),),
    fields={"a": [1]},
)


async def kept(db: Database, *tickets: Ticket) -> None:
    await db.write(lambda tx: tx.keep_tickets(tickets))


async def numbers(db: Database, **asked: object) -> list[int]:
    query = TicketQuery(1, **asked)  # type: ignore[arg-type]
    return [ticket.number for ticket in await db.read(lambda tx: tx.tickets(query))]


async def test_a_ticket_is_kept_whole_and_may_change(db: Database) -> None:
    await kept(db, FIRST)
    assert await db.read(lambda tx: tx.ticket(1, 1)) == FIRST
    await kept(db, replace(FIRST, status=CLOSED, incidents=(), updated_at=NOW + 1))
    assert (await db.read(lambda tx: tx.ticket(1, 1))).status == CLOSED
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.ticket(2, 1))


async def test_pages_of_tickets(db: Database) -> None:
    tickets = [Ticket(1, number, NOW + number * HOUR, NOW + number * DAY) for number in range(1, 6)]
    await kept(db, *tickets[:4], replace(tickets[4], status=CLOSED, priority=HIGH), Ticket(2, 9, NOW, NOW))
    assert await numbers(db) == [5, 4, 3, 2, 1]
    assert await numbers(db, before_number=4, limit=2) == [3, 2]
    assert await numbers(db, statuses=(CLOSED, "Open")) == [5]
    assert await numbers(db, priorities=("Normal",), created_from=NOW + 3 * HOUR) == [4, 3]
    assert await numbers(db, updated_from=NOW + 2 * DAY, updated_until=NOW + 4 * DAY) == [3, 2]
    found = await db.read(lambda tx: tx.tickets_by_number(1, (2, 5, 77)))
    assert sorted(found) == [2, 5]


async def test_what_is_said_about_a_ticket(db: Database) -> None:
    said = [Remark(1, 1, 3, NOW, "note", "ann", "b"), Remark(1, 1, 2, NOW, "note", "ann", "a", {"x": 1})]
    await db.write(lambda tx: tx.keep_remarks([*said, Remark(1, 1, 4, NOW, "response")]))
    assert await db.read(lambda tx: tx.remarks(1, 1, "note")) == said[::-1]
    await db.write(lambda tx: tx.keep_remarks([replace(said[0], text="c")]))
    assert (await db.read(lambda tx: tx.remark(1, 1, 3))).text == "c"
    await db.write(lambda tx: tx.remove_remark(1, 1, 3))
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.remark(1, 1, 3))


async def test_closed_tickets_are_forgotten_and_others_not(db: Database) -> None:
    await an_organization(db)
    await kept(
        db,
        replace(FIRST, status=CLOSED),
        replace(FIRST, number=2),
        replace(FIRST, number=3, status=CLOSED, updated_at=NOW + DAY),
    )
    await db.write(lambda tx: tx.keep_remarks([Remark(1, 1, 1, NOW, "note")]))
    assert await db.write(lambda tx: tx.forget_before(NOW + 1, 10)) == 2
    assert await numbers(db) == [3, 2]
    assert await db.read(lambda tx: tx.remarks(1, 1, "note")) == []
