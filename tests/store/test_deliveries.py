"""Deliveries are claimed by one node at a time, the most urgent first, and come up again when a node died."""

import asyncio
from dataclasses import replace

import pytest

from tests.store.make import NOW, a_delivery, keep
from watchbill.domain.civil import MINUTE
from watchbill.domain.delivery import Delivery, Purpose, State
from watchbill.domain.errors import NotFound
from watchbill.domain.people import Urgency
from watchbill.store.database import Database


async def claimed(db: Database, now: int = NOW, limit: int = 100, node: str = "n1") -> list[Delivery]:
    return await db.write(lambda tx: tx.claim_deliveries(now, MINUTE, node, limit))


async def test_a_delivery_comes_back_as_it_was_kept(db: Database) -> None:
    full = a_delivery(
        "d1",
        state=State.CARRIED,
        paging=1,
        run=2,
        through_ack=True,
        attempts=3,
        provider=1,
        sent_at=NOW,
        carrier_id="d0",
        reference="SM1",
        verdict="left in a bundle",
        answered_at=NOW,
        claimed_by="n1",
    )
    notice = a_delivery("d2", incident=None, contact_id=None, user_id=None, purpose=Purpose.NOTICE)
    await keep(db, full, notice)
    assert await db.read(lambda tx: tx.delivery(1, "d1")) == full
    assert await db.read(lambda tx: tx.delivery(1, "d2")) == notice
    assert await db.read(lambda tx: tx.deliveries(1, 1)) == [full]
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.delivery(2, "d1"))


async def test_keeping_again_replaces(db: Database) -> None:
    first, last = a_delivery("d1"), a_delivery("d1", state=State.SENT, sent_at=NOW, verdict="accepted", incident=7)
    await keep(db, first, replace(first, attempts=1), last)
    assert await db.read(lambda tx: tx.delivery(1, "d1")) == last
    await keep(db, first)
    assert await db.read(lambda tx: tx.delivery(1, "d1")) == first


async def test_what_waits_for_some_contacts_alone_is_claimed(db: Database) -> None:
    await keep(
        db,
        a_delivery("low", urgency=Urgency.LOW, contact_id="c1"),
        a_delivery("high", contact_id="c1"),
        a_delivery("other", contact_id="c2"),
        a_delivery("not-due", contact_id="c1", due_at=NOW + 1),
        a_delivery("without", contact_id=None, address="c3@example.org"),
    )
    wanted = [(1, "c1"), (1, "c3@example.org"), (2, "c2")]
    found = await db.write(lambda tx: tx.claim_deliveries(NOW, MINUTE, "n1", 9, wanted))
    assert sorted(one.id for one in found) == ["high", "low", "without"]
    assert await db.write(lambda tx: tx.claim_deliveries(NOW, MINUTE, "n1", 9, wanted)) == []


async def test_the_most_urgent_are_claimed_first_then_the_oldest(db: Database) -> None:
    await keep(
        db,
        a_delivery("low-old", urgency=Urgency.LOW, due_at=NOW - 9),
        a_delivery("high-new", due_at=NOW - 1),
        a_delivery("high-old", due_at=NOW - 5),
        a_delivery("not-due", due_at=NOW + 1),
        a_delivery("sent", state=State.SENT),
    )
    assert await db.read(lambda tx: tx.next_delivery_due_at()) == NOW - 9
    assert [each.id for each in await claimed(db, limit=2)] == ["high-old", "high-new"]
    assert [each.id for each in await claimed(db)] == ["low-old"]
    assert await claimed(db) == []
    assert await db.read(lambda tx: tx.next_delivery_due_at()) == NOW + 1


async def test_a_claim_holds_for_its_lease(db: Database) -> None:
    await keep(db, a_delivery("d1"))
    (first,) = await claimed(db)
    assert first == a_delivery("d1", state=State.CLAIMED, due_at=NOW + MINUTE, attempts=1, claimed_by="n1")
    assert await db.read(lambda tx: tx.delivery(1, "d1")) == first
    assert await claimed(db, NOW + MINUTE - 1, node="n2") == []
    (second,) = await claimed(db, NOW + MINUTE, node="n2")
    assert (second.attempts, second.claimed_by) == (2, "n2")


async def test_a_claim_is_found_again_by_its_node_and_end(db: Database) -> None:
    """When the connection broke during the commit, nobody knows whether it was made."""
    await keep(db, a_delivery("d1"), a_delivery("low", urgency=Urgency.LOW), a_delivery("later", due_at=NOW + MINUTE))
    first = await claimed(db)
    assert await db.write(lambda tx: tx.claimed_deliveries("n1", NOW + MINUTE)) == first
    assert await db.write(lambda tx: tx.claimed_deliveries("n2", NOW + MINUTE)) == []
    assert await db.write(lambda tx: tx.claimed_deliveries("n1", NOW + MINUTE + 1)) == []


async def test_nodes_never_claim_the_same(nodes: tuple[Database, Database]) -> None:
    await keep(nodes[0], *(a_delivery(f"d{n:04}", due_at=NOW - n) for n in range(1000)))
    some = await asyncio.gather(*(claimed(node.lane("engine"), limit=70) for _ in range(8) for node in nodes))
    ids = [each.id for part in some for each in part]
    assert len(ids) == len(set(ids)) == 1000


async def test_sends_to_a_contact_are_told(db: Database) -> None:
    def sent(id: str, at: int | None, **more: object) -> Delivery:
        return a_delivery(id, state=State.SENT if at else State.FAILED, sent_at=at, **more)

    await keep(
        db,
        sent("a", NOW + 3),
        sent("b", NOW + 1),
        sent("c", NOW - 1),
        sent("same moment", NOW + 3),
        sent("failed", None),
        sent("other org", NOW + 2, org=2),
        sent("by address", NOW + 2, contact_id=None, address="ops@example.org"),
        replace(sent("bundled", NOW + 2), state=State.CARRIED),
    )
    contacts = [(1, "c1"), (2, "c1"), (1, "c2"), (1, "ops@example.org")]
    assert await db.read(lambda tx: tx.sends_since(contacts, NOW)) == {
        (1, "c1"): (NOW + 1, NOW + 3, NOW + 3),
        (2, "c1"): (NOW + 2,),
        (1, "c2"): (),
        (1, "ops@example.org"): (NOW + 2,),
    }


async def test_what_left_in_a_bundle_is_found_by_its_carrier(db: Database) -> None:
    carried = a_delivery("d2", state=State.CARRIED, sent_at=NOW, carrier_id="d1")
    await keep(db, a_delivery("d1", state=State.SENT, sent_at=NOW), carried, a_delivery("d3", sent_at=NOW))
    assert await db.read(lambda tx: tx.carried_by(1, "d1")) == [carried]


async def test_turns_add_up(db: Database) -> None:
    await db.write(lambda tx: tx.use_turns(1, {"s1": 1, "s2": 3}))
    await db.write(lambda tx: tx.use_turns(1, {"s1": 1}))
    assert await db.read(lambda tx: tx.turns(1, ["s1", "s2", "s3"])) == {"s1": 2, "s2": 3, "s3": 0}
    assert await db.read(lambda tx: tx.turns(2, ["s1"])) == {"s1": 0}


async def test_the_first_that_is_due_can_be_put_off_unread(db: Database) -> None:
    await keep(
        db,
        a_delivery("low", urgency=Urgency.LOW, due_at=NOW - 2),
        a_delivery("second", due_at=NOW),
        a_delivery("first", due_at=NOW - 1),
        a_delivery("sent", state=State.SENT, due_at=NOW - 3),
    )
    for id in ("first", "second", "low"):
        assert await db.write(lambda tx: tx.put_off_delivery(NOW, NOW + MINUTE)) == (1, id)
    assert await db.write(lambda tx: tx.put_off_delivery(NOW, NOW + MINUTE)) is None
    assert await claimed(db) == []
    assert len(await claimed(db, NOW + MINUTE)) == 3
