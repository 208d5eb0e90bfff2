"""What only PostgreSQL brings: several writers at once, and a server that goes away."""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from threading import Event

import psycopg
import pytest

from tests.store.make import COURSE, NOW, a_delivery, an_incident, an_organization, found, keep, new, save
from watchbill.domain.errors import Unavailable
from watchbill.domain.organization import Change
from watchbill.domain.people import User
from watchbill.domain.records import IncidentQuery, Saved
from watchbill.domain.routes import MaintenanceWindow
from watchbill.store import postgres
from watchbill.store.database import Database, open_database
from watchbill.store.transaction import Transaction

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def nodes(postgres_url: str) -> Iterator[tuple[Database, Database]]:
    both = open_database(postgres_url), open_database(postgres_url)
    yield both
    for node in both:
        node.close()


@pytest.fixture
def node(nodes: tuple[Database, Database]) -> Database:
    return nodes[0]


def end_all_connections(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(OTHERS.encode())


def run_elsewhere(node: Database, fn: object, *args: object) -> object:
    """Over another connection, while the transaction that calls this is open."""
    return asyncio.run(node.write(fn, *args))  # type: ignore[arg-type]


async def test_a_connection_lost_in_mid_transaction_loses_nothing(node: Database, postgres_url: str) -> None:
    tries = []

    def receive(tx: Transaction, number: int) -> int:
        tx.save([new(an_incident(number))])
        if number == 3:
            tries.append(number)
            if len(tries) == 1:
                end_all_connections(postgres_url)
        return number

    answers = await asyncio.gather(*(node.write(receive, number) for number in range(1, 6)))
    assert answers == [1, 2, 3, 4, 5]
    assert len(tries) == 2
    assert len(await node.read(lambda tx: tx.incidents(IncidentQuery(1)))) == 5


async def test_idle_connections_that_were_cut_are_replaced(node: Database, postgres_url: str) -> None:
    await save(node, new(an_incident(1)))
    await node.read(lambda tx: tx.health(NOW))
    await node.write(lambda tx: tx.next_numbers(1, "incident", 1))
    end_all_connections(postgres_url)
    assert await node.write(lambda tx: tx.next_numbers(1, "incident", 1)) == range(2, 3)
    assert (await found(node, 1)).number == 1


async def test_a_server_that_is_away_is_waited_for_and_then_named(postgres_url: str, postgres_server: str) -> None:
    node = open_database(postgres_url, patience=2.0)
    await save(node, new(an_incident(1)))
    name = postgres_url.split("///")[1].split("?")[0]
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        end_all_connections(postgres_url)
        admin.execute(f"ALTER DATABASE {name} RENAME TO {name}_away".encode())
        with pytest.raises(Unavailable):
            await save(node, new(an_incident(2)))
        admin.execute(f"ALTER DATABASE {name}_away RENAME TO {name}".encode())
    await save(node, new(an_incident(2)))
    assert (await found(node, 2)).number == 2
    node.close()


async def test_lanes_do_not_wait_for_each_other(node: Database) -> None:
    begun, go_on = Event(), Event()

    def slow(tx: Transaction) -> None:
        tx.save([new(an_incident(tx.next_numbers(1, "incident", 1)[0]))])
        begun.set()
        assert go_on.wait(10)

    waiting = asyncio.ensure_future(node.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    engine = node.lane("engine")
    assert await engine.write(lambda tx: tx.next_numbers(1, "incident", 1)) == range(2, 3)
    await keep(engine, a_delivery("d1"))
    assert not waiting.done()
    go_on.set()
    await waiting


async def test_nodes_claim_different_deliveries_at_the_same_time(nodes: tuple[Database, Database]) -> None:
    await keep(nodes[0], *(a_delivery(f"d{number:04}") for number in range(100)))
    other: list[str] = []

    def claim_and_let_the_other_claim(tx: Transaction) -> list[str]:
        mine = [each.id for each in tx.claim_deliveries(NOW, 60, "a", 60)]
        other.extend(run_elsewhere(nodes[1], lambda tx: [each.id for each in tx.claim_deliveries(NOW, 60, "b", 60)]))  # type: ignore[arg-type]
        return mine

    mine = await nodes[0].write(claim_and_let_the_other_claim)
    assert len(mine) == 60
    assert len(other) == 40
    assert not set(mine) & set(other)


async def test_nodes_take_up_different_due_incidents_at_the_same_time(nodes: tuple[Database, Database]) -> None:
    await save(nodes[0], *(new(an_incident(number), NOW) for number in range(1, 11)))
    other: list[int] = []

    def take(tx: Transaction) -> list[int]:
        mine = [each.number for each in tx.due_incidents(NOW, 6)]
        other.extend(run_elsewhere(nodes[1], lambda tx: [each.number for each in tx.due_incidents(NOW, 6)]))  # type: ignore[arg-type]
        return mine

    mine = await nodes[0].write(take)
    assert sorted(mine + other) == list(range(1, 11))


async def test_a_save_over_a_concurrent_change_is_run_again(nodes: tuple[Database, Database]) -> None:
    await save(nodes[0], new(an_incident(1)))
    tries = []

    def overtaken(tx: Transaction) -> int:
        before = tx.incidents(IncidentQuery(1))[0]  # read without a lock
        tries.append(before.alert_count)
        if len(tries) == 1:
            run_elsewhere(nodes[1], one_more)
        tx.save([Saved(before, replace(before, alert_count=before.alert_count + 1), None)])
        return before.alert_count

    def one_more(tx: Transaction) -> None:
        before = tx.incident(1, 1)
        tx.save([Saved(before, replace(before, alert_count=before.alert_count + 1), None)])

    await nodes[0].write(overtaken)
    assert tries == [1, 2]
    assert (await found(nodes[0], 1)).alert_count == 3


async def test_groups_that_lock_the_same_in_another_order_do_not_wait_for_each_other(
    nodes: tuple[Database, Database],
) -> None:
    """PostgreSQL would find out only after a second, in which everybody behind them waits as well."""
    await save(nodes[0], new(an_incident(1)), new(an_incident(2)))
    queued, locked = Event(), {1: Event(), 2: Event()}
    lost: list[type[Exception]] = []

    def first(tx: Transaction, mine: int, other: int) -> int:
        tx.incident(1, mine)
        locked[mine].set()
        locked[other].wait(10)
        return mine

    def second(tx: Transaction, other: int) -> int:
        try:
            return tx.incident(1, other).number
        except Exception as error:
            lost.append(type(error))
            raise

    def write(node: Database, mine: int, other: int) -> list[Awaitable[object]]:
        start = node.write(lambda tx: queued.wait(10))
        return [start, node.write(first, mine, other), node.write(second, other), node.write(lambda tx: "last")]

    all_of_both = asyncio.gather(*write(nodes[0], 1, 2), *write(nodes[1], 2, 1))
    await asyncio.sleep(0)
    queued.set()
    assert await all_of_both == [True, 1, 2, "last", True, 2, 1, "last"]
    assert lost
    assert set(lost) == {psycopg.errors.LockNotAvailable}


async def test_a_change_decided_on_what_is_meanwhile_changed_is_decided_again(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    ann = User("u1", 1, "ann")
    await nodes[0].write(lambda tx: tx.change(1, [Change("user", "u1", ann)], "ann", NOW))
    seen: list[User] = []

    def overtaken(tx: Transaction) -> None:
        seen.append(tx.organization(1).users["u1"])
        if len(seen) == 1:
            run_elsewhere(nodes[1], lambda tx: rename(tx, replace(ann, first_name="Ann")))
        rename(tx, replace(seen[-1], last_name="Lee"))

    def rename(tx: Transaction, user: User) -> None:
        tx.change(1, [Change("user", user.id, user)], "ann", NOW)

    await nodes[0].write(overtaken)
    assert [user.first_name for user in seen] == ["", "Ann"]
    kept = await nodes[1].read(lambda tx: tx.organization(1).users["u1"])
    assert kept == replace(ann, first_name="Ann", last_name="Lee")


async def test_what_is_muted_by_windows_meanwhile_changed_is_decided_again(nodes: tuple[Database, Database]) -> None:
    await an_organization(nodes[0])
    window = Change("window", "w1", MaintenanceWindow("w1", 1, "w", "Upgrade", NOW))
    await nodes[0].write(lambda tx: tx.change(1, [window], "ann", NOW))
    decided_on = []

    def opens(tx: Transaction) -> None:
        windows = tx.organization(1).windows
        decided_on.append(len(windows))
        if len(decided_on) == 1:
            run_elsewhere(nodes[1], lambda tx: tx.change(1, [replace(window, entity=None)], "ann", NOW))
        tx.save([new(an_incident(1, muted=bool(windows)))])

    await nodes[0].write(opens)
    assert decided_on == [1, 0]
    assert not (await found(nodes[0], 1)).muted


async def test_the_server_tells_the_time(node: Database) -> None:
    fixed = 1_000_000
    offset = await node.clock_offset(lambda: fixed)
    assert offset > 1_700_000_000_000_000


async def test_a_node_that_hangs_in_mid_transaction_keeps_nothing_locked(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LET_GO", postgres.LET_GO.replace("'10s'", "'100ms'"))
    hung = open_database(postgres_url, patience=30.0)
    monkeypatch.undo()
    well = open_database(postgres_url, patience=30.0)
    await save(well, new(an_incident(1)))
    locked, go_on = Event(), Event()

    def hang(tx: Transaction) -> int:
        number = tx.incident(1, 1).number
        if not locked.is_set():
            locked.set()
            go_on.wait(30)
        return number

    hanging = asyncio.ensure_future(hung.write(hang))
    await asyncio.to_thread(locked.wait, 30)
    assert await well.write(lambda tx: tx.incident(1, 1).number) == 1
    go_on.set()
    assert await hanging == 1
    hung.close()
    well.close()


async def test_what_is_too_much_for_the_server_is_no_sign_that_it_is_away(node: Database) -> None:
    """The others would wait until patience is at its end, each time it is tried."""
    asked = []

    def too_long_for_the_index(tx: Transaction) -> None:
        asked.append(1)
        tx.save([new(an_incident(1, routing_key="".join(chr(0x4E00 + n * 37 % 20_000) for n in range(1024))))])

    answers = await asyncio.gather(node.write(too_long_for_the_index), node.write(lambda tx: 7), return_exceptions=True)
    assert isinstance(answers[0], psycopg.errors.ProgramLimitExceeded)
    assert answers[1] == 7
    assert len(asked) == 1


async def test_what_was_stored_may_be_gone_with_the_server_that_had_it(node: Database, postgres_url: str) -> None:
    """One that takes over may lack the last changes. An incident without its plan could not be read, nor any that come
    due with it; and a configuration may have the number of another that was lost."""
    await an_organization(node)
    await node.write(lambda tx: tx.change(1, [Change("user", "u1", User("u1", 1, "ann"))], "ann", NOW))
    await save(node, new(an_incident(1, course=COURSE)))
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("TRUNCATE plan, incident, timeline")
        other.execute("UPDATE config SET body = replace(body, 'ann', 'bob')")
    end_all_connections(postgres_url)
    await save(node, new(an_incident(2, course=COURSE)))
    again = open_database(postgres_url)
    assert (await found(again, 2)).course == COURSE
    again.close()
    assert (await node.write(lambda tx: tx.organization(1).users["u1"])).username == "bob"
