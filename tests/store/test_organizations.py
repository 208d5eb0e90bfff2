"""Organizations are values at a version: what is changed is seen at once inside, outside only when it is kept."""

import asyncio
import sqlite3
from dataclasses import replace

import psycopg
import pytest

from tests.store.make import HOURS, NOW, POLICY, an_organization
from watchbill.domain.alert import Signal
from watchbill.domain.civil import Window
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.organization import Change, Endpoint, Entity, Integration, Organization, Settings
from watchbill.domain.people import ContactMethod, Member, PagingPolicy, PagingRule, PagingStep, Team, Urgency, User
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn
from watchbill.domain.routes import Condition, Join, MaintenanceWindow, RoutingKey, Rule, Start
from watchbill.store.database import Database
from watchbill.store.transaction import Transaction

ANN = User("u1", 1, "ann", contacts=(ContactMethod("c1", 1, "phone", "+331", settings={"voice": "fr"}),))
BOB = User("u2", 2, "bob")


def change(tx: Transaction, *changes: tuple[str, str, Entity | None]) -> Organization:
    return tx.change(1, [Change(*each) for each in changes], "ann", NOW)


async def read(db: Database) -> Organization:
    return await db.read(lambda tx: tx.organization(1))


async def test_organizations_are_found_by_number_and_slug(db: Database) -> None:
    partner = await an_organization(db, "partner")
    client = await db.write(lambda tx: tx.create_organization("client", "Client", partner.number, NOW))
    assert (partner.number, client.number, client.parent) == (1, 2, 1)
    assert await db.read(lambda tx: tx.organization_numbers()) == [1, 2]
    assert await db.read(lambda tx: tx.organization_by_slug("client")) == client
    assert await db.read(lambda tx: tx.organizations([1, 2, 9])) == {1: partner, 2: client}


async def test_what_is_not_there_is_refused(db: Database) -> None:
    with pytest.raises(NotFound):
        await read(db)
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.organization_by_slug("acme"))
    with pytest.raises(NotFound):
        await db.write(lambda tx: tx.create_organization("client", "Client", 7, NOW))
    with pytest.raises(NotFound):
        await db.write(lambda tx: change(tx, ("user", "u1", ANN)))


async def test_a_slug_is_taken_once(db: Database) -> None:
    await an_organization(db)
    with pytest.raises(Conflict) as refusal:
        await an_organization(db)
    assert refusal.value.field == "slug"


async def test_nodes_make_organizations_at_the_same_time(nodes: tuple[Database, Database]) -> None:
    made = await asyncio.gather(*(an_organization(nodes[n % 2], f"org-{n}") for n in range(12)))
    assert sorted(each.number for each in made) == list(range(1, 13))


async def test_every_kind_of_configuration_comes_back(db: Database) -> None:
    step = PagingStep((PagingRule("sms", "c1", "r1"),), 60, 1)
    layer = Layer("l1", "Day", NOW, NOW, Interval(7), (Turn(("u1",), ("t1",)), Turn()), None, (Window(0, 1, 2, 3),))
    condition = Condition(Join.ALL, parts=(Condition(field="host", value="db*"), Condition(Join.NONE)))
    entities: dict[tuple[str, str], Entity] = {
        ("user", "u1"): replace(ANN, paging=(PagingPolicy("pp1", 1, "Primary", (step,), Urgency.LOW, HOURS),)),
        ("team", "t1"): Team("t1", 1, "ops", "Ops", members=(Member("u1", True),)),
        ("schedule", "s1"): Schedule("s1", 1, "primary", "Primary", "Europe/Paris", (layer,), team_ids=("t1",)),
        ("override", "o1"): Override("o1", NOW, NOW + 1, NOW, "u1", None, "s1"),
        ("policy", "p1"): POLICY,
        ("routing_key", "k1"): RoutingKey("k1", 1, "db", (Start("p1", support_hours=HOURS),), is_default=True),
        ("rule", "r1"): Rule("r1", 1, "Databases", 1, condition, HOURS, notify=(Target(TargetKind.EMAIL, "a@b"),)),
        ("window", "w1"): MaintenanceWindow("w1", 1, "w", "Upgrade", NOW, key_ids=("k1",), weekly=HOURS),
        ("integration", "i1"): Integration("i1", 1, "Grafana", "rest"),
        ("endpoint", "e1"): Endpoint("e1", 1, "hook", "Hook", "webhook", "https://x", settings={"a": [1, None]}),
        ("settings", "settings"): Settings(ack_timeout=5, unparseable_mail=Signal.WARNING),
    }
    await an_organization(db)
    changed = await db.write(lambda tx: change(tx, *((kind, id, one) for (kind, id), one in entities.items())))
    assert changed == await read(db)
    assert changed.settings == entities["settings", "settings"]
    maps = (changed.users, changed.teams, changed.schedules, changed.overrides, changed.policies)
    others = (changed.routing_keys, changed.rules, changed.windows, changed.integrations, changed.endpoints)
    held = [entity for each in (*maps, *others) for entity in each.values()]
    assert held == list(entities.values())[:-1]


async def test_a_node_that_starts_later_reads_the_same(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    await nodes[0].write(lambda tx: change(tx, ("user", "u1", ANN), ("policy", "p1", POLICY)))
    assert await read(nodes[1]) == await read(nodes[0])


async def test_nodes_see_each_others_changes_at_once(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    for number in range(1, 6):
        here, there = nodes[number % 2], nodes[1 - number % 2]
        await here.write(lambda tx: change(tx, ("user", "u1", replace(ANN, number=number))))  # noqa: B023
        assert (await read(there)).users["u1"].number == number
        assert (await read(there)).version == number


async def test_changes_of_two_nodes_are_both_kept(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    users = [replace(ANN, id=f"u{n}", number=n) for n in range(20)]
    await asyncio.gather(
        *(nodes[user.number % 2].write(lambda tx, user=user: change(tx, ("user", user.id, user))) for user in users)
    )
    assert (await read(nodes[0])).version == 20
    assert (await read(nodes[0])).users == (await read(nodes[1])).users == {user.id: user for user in users}


async def test_a_transaction_sees_its_own_change_and_leaves_none_when_it_fails(db: Database) -> None:
    await an_organization(db)

    def fails(tx: Transaction) -> None:
        change(tx, ("user", "u1", ANN))
        assert tx.organization(1).users == {"u1": ANN}
        raise ZeroDivisionError

    def looks(tx: Transaction) -> Organization:
        return tx.organization(1)

    results = await asyncio.gather(db.write(looks), db.write(fails), db.write(looks), return_exceptions=True)
    assert isinstance(results[1], ZeroDivisionError)
    assert results[0] == results[2] == await read(db)
    assert (await read(db)).users == {}
    assert (await db.write(lambda tx: change(tx, ("user", "u2", BOB)))).users == {"u2": BOB}


async def test_an_organization_made_in_a_failed_transaction_is_not_there(db: Database) -> None:
    def fails(tx: Transaction) -> None:
        tx.create_organization("acme", "Acme", None, NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(fails)
    with pytest.raises(NotFound):
        await read(db)


async def test_entities_stand_in_order_of_creation(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    await nodes[0].write(lambda tx: change(tx, ("user", "z", BOB), ("user", "a", ANN)))
    await read(nodes[1])
    await nodes[0].write(lambda tx: change(tx, ("user", "m", ANN), ("user", "z", ANN)))
    assert list((await read(nodes[1])).users) == ["z", "a", "m"]
    await nodes[0].write(lambda tx: change(tx, ("user", "z", None)))
    await nodes[0].write(lambda tx: change(tx, ("user", "z", BOB)))
    assert list((await read(nodes[0])).users) == list((await read(nodes[1])).users) == ["a", "m", "z"]


async def test_one_entity_changed_twice_at_once_is_as_it_was_last(db: Database) -> None:
    await an_organization(db)
    changes = (("user", "u1", ANN), ("user", "u1", BOB), ("user", "u2", BOB), ("user", "u2", None))
    await db.write(lambda tx: change(tx, *changes))
    assert (await read(db)).users == {"u1": BOB}


async def test_every_change_leaves_an_audit_row(shared_url: str, nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    await nodes[0].write(lambda tx: change(tx, ("user", "u1", ANN)))
    await nodes[0].write(lambda tx: change(tx, ("user", "u1", BOB), ("user", "u1", None)))
    sql = "SELECT seq, place, at, actor, kind, id, before IS NULL, after IS NULL FROM audit ORDER BY org, seq, place"
    if shared_url.startswith("sqlite"):
        rows = sqlite3.connect(shared_url.removeprefix("sqlite:///")).execute(sql).fetchall()
    else:
        with psycopg.connect(shared_url) as connection:
            rows = connection.execute(sql.encode()).fetchall()
    assert [tuple(map(int, row[:3])) + row[3:6] + tuple(map(bool, row[6:])) for row in rows] == [
        (1, 0, NOW, "ann", "user", "u1", True, False),
        (2, 0, NOW, "ann", "user", "u1", False, False),
        (2, 1, NOW, "ann", "user", "u1", False, True),
    ]


async def test_counters_give_consecutive_numbers_of_their_own(db: Database) -> None:
    assert await db.write(lambda tx: tx.next_numbers(1, "incident", 3)) == range(1, 4)
    assert await db.write(lambda tx: tx.next_numbers(1, "incident", 2)) == range(4, 6)
    assert await db.write(lambda tx: tx.next_numbers(1, "user", 1)) == range(1, 2)
    assert await db.write(lambda tx: tx.next_numbers(2, "incident", 1)) == range(1, 2)


async def test_nodes_never_give_the_same_number(nodes: tuple[Database, Database]) -> None:
    taken = await asyncio.gather(
        *(node.write(lambda tx: tx.next_numbers(1, "incident", 3)) for node in nodes for _ in range(30))
    )
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 181))
