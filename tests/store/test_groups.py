"""Writes that wait together are committed together, and none takes another with it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from tests.store.make import NOW, an_incident, an_organization, found, new, save
from watchbill.domain.errors import LostRace, NotFound, Unavailable
from watchbill.domain.records import IncidentQuery
from watchbill.store.cache import Cache
from watchbill.store.database import Database, open_database
from watchbill.store.lane import Lane, Pace
from watchbill.store.session import Trouble
from watchbill.store.sqlite import MEMORY, SqliteEngine
from watchbill.store.transaction import Transaction


async def test_a_failing_function_takes_nothing_with_it(db: Database) -> None:
    def write(tx: Transaction, number: int) -> int:
        tx.save([new(an_incident(number))])
        if number % 3 == 0:
            raise ZeroDivisionError(number)
        return number

    answers = await asyncio.gather(*(db.write(write, number) for number in range(1, 31)), return_exceptions=True)
    kept = [number for number in range(1, 31) if number % 3]
    assert [each for each in answers if isinstance(each, int)] == kept
    assert sum(isinstance(each, ZeroDivisionError) for each in answers) == 10
    listed = await db.read(lambda tx: tx.incidents(IncidentQuery(1)))
    assert sorted(incident.number for incident in listed) == kept


async def test_a_refusal_comes_out_as_it_was_raised(db: Database) -> None:
    answers = await asyncio.gather(
        db.write(lambda tx: tx.incident(1, 1)), db.write(lambda tx: 7), return_exceptions=True
    )
    assert isinstance(answers[0], NotFound)
    assert answers[1] == 7


async def test_a_lost_race_is_run_again(db: Database) -> None:
    tries: list[int] = []

    def third_time_lucky(tx: Transaction) -> int:
        number = tx.next_numbers(1, "incident", 1)[0]
        tx.save([new(an_incident(number))])
        tries.append(number)
        if len(tries) < 3:
            raise LostRace
        return number

    others = [db.write(lambda tx: 1) for _ in range(3)]
    number, *_ = await asyncio.gather(db.write(third_time_lucky), *others)
    assert len(tries) == 3
    assert [each.number for each in await db.read(lambda tx: tx.incidents(IncidentQuery(1)))] == [number]


async def test_a_race_that_is_never_won_ends(db: Database) -> None:
    tries: list[int] = []

    def never(tx: Transaction) -> None:
        tries.append(1)
        raise LostRace

    with pytest.raises(Unavailable):
        await db.write(never)
    assert len(tries) == 20


async def test_one_open_incident_for_a_key(db: Database) -> None:
    await save(db, new(an_incident(1, "disk")))
    with pytest.raises(Unavailable):
        await save(db, new(an_incident(2, "disk")))
    assert (await found(db, 1)).key == "disk"


async def test_writes_are_committed_in_groups_and_counted(shared_url: str) -> None:
    groups: list[int] = []

    def observe(size: int, seconds: float) -> None:
        assert seconds > 0
        groups.append(size)

    db = open_database(shared_url, observe=observe)
    await asyncio.gather(*(save(db, new(an_incident(number))) for number in range(1, 101)))
    db.close()
    assert sum(groups) == 100
    assert len(groups) < 50


async def test_what_waits_when_the_database_is_closed_is_still_written(shared_url: str) -> None:
    db = open_database(shared_url)
    waiting = [asyncio.ensure_future(save(db, new(an_incident(number)))) for number in range(1, 21)]
    await asyncio.sleep(0)
    db.close()
    await asyncio.gather(*waiting)
    again = open_database(shared_url)
    assert len(await again.read(lambda tx: tx.incidents(IncidentQuery(1)))) == 20
    again.close()


async def test_whoever_goes_away_disturbs_nobody(db: Database) -> None:
    await an_organization(db)
    gone = asyncio.ensure_future(save(db, new(an_incident(1))))
    await asyncio.sleep(0)
    gone.cancel()
    await save(db, new(an_incident(2)))
    assert (await found(db, 2)).number == 2


async def test_a_read_is_one_state(nodes: tuple[Database, Database]) -> None:
    await save(nodes[0], new(an_incident(1)))

    def look_twice(tx: Transaction) -> list[int]:
        before = len(tx.incidents(IncidentQuery(1)))
        asyncio.run(save(nodes[1], new(an_incident(2))))
        return [before, len(tx.incidents(IncidentQuery(1)))]

    assert await nodes[0].read(look_twice) == [1, 1]
    assert len(await nodes[0].read(lambda tx: tx.incidents(IncidentQuery(1)))) == 2


async def test_a_read_sees_only_what_is_committed(nodes: tuple[Database, Database]) -> None:
    def look_from_outside(tx: Transaction) -> int:
        tx.save([new(an_incident(1))])
        return asyncio.run(nodes[1].read(lambda other: len(other.incidents(IncidentQuery(1)))))

    assert await nodes[0].write(look_from_outside) == 0


async def test_a_read_can_not_write(nodes: tuple[Database, Database]) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        await nodes[0].read(lambda tx: tx.save([new(an_incident(1))]))


async def test_ids_rise(db: Database) -> None:
    ids = await db.write(lambda tx: [tx.new_id(NOW + step) for step in (0, 0, 1, 5, 5, 3, 2000, 0)])
    assert ids == sorted(set(ids))
    assert all(id[14] == "7" and id[19] in "89ab" and len(id) == 36 for id in ids)
    assert ids[0].replace("-", "")[:12] == f"{NOW // 1000:012x}"


async def test_a_fault_in_counting_does_not_stop_the_writing(shared_url: str) -> None:
    def faulty(size: int, seconds: float) -> None:
        raise ZeroDivisionError

    db = open_database(shared_url, observe=faulty)
    for number in (1, 2):
        await save(db, new(an_incident(number)))
    db.close()


async def test_no_error_keeps_an_answer_from_anybody_else(db: Database) -> None:
    """A future takes any exception but this one."""

    def ends(tx: Transaction) -> None:
        raise StopIteration("no more")

    answers = await asyncio.gather(db.write(ends), db.write(lambda tx: 1), return_exceptions=True)
    assert isinstance(answers[0], RuntimeError)
    assert answers[1] == 1


async def test_a_fault_of_the_lane_itself_is_an_answer_and_not_its_end() -> None:
    class Puzzled(SqliteEngine):
        def trouble(self, error: BaseException) -> Trouble:
            raise ZeroDivisionError

    lane = Lane(Puzzled(MEMORY), Cache(), Pace())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda tx: tx.incident(1, 1), ())
    assert await lane.run(lambda tx: 7, ()) == 7
    lane.close()


async def test_texts_that_can_not_be_read_stop_nobody_else(sqlite_url: str) -> None:
    """In a damaged file. There are three threads that read."""
    db = open_database(sqlite_url)
    await an_organization(db)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as damage:
        damage.execute("UPDATE organization SET name = CAST(x'ff' AS TEXT), version = version + 1")
        damage.commit()
    for _ in range(4):
        with pytest.raises(sqlite3.OperationalError, match="UTF-8"):
            await db.read(lambda tx: tx.organization(1))
    assert await db.read(lambda tx: 7) == 7
    db.close()
