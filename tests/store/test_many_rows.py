"""Many rows in one statement are the same as one by one, whatever their cells have in common."""

from collections.abc import Sequence

import pytest

from watchbill.store.database import Database
from watchbill.store.session import Row
from watchbill.store.tables import DELIVERY, SEAT, Update, Upsert
from watchbill.store.transaction import Transaction

SINCE = Update(SEAT, ("since",), ("org", "key"))
KEEP = Upsert(SEAT, ("incident", "since"))


def seats(tx: Transaction) -> list[Row]:
    return tx._session.rows("SELECT org, key, incident, since FROM seat ORDER BY org, key")


@pytest.mark.parametrize("count", [1, 2, 64, 65, 100, 257, 600])
@pytest.mark.parametrize("kinds", [1, 2, 5, 1_000])
async def test_rows_with_few_or_many_different_cells(db: Database, count: int, kinds: int) -> None:
    rows = [(1, f"key {n:04}", n % kinds, n // kinds) for n in range(count)]
    await db.write(lambda tx: tx._session.insert(SEAT, rows))
    assert await db.read(seats) == rows
    await db.write(lambda tx: tx._session.upsert(KEEP, [(org, key, 7, since + 1) for org, key, _, since in rows]))
    assert await db.read(seats) == [(org, key, 7, since + 1) for org, key, _, since in rows]
    changed = await db.write(lambda tx: tx._session.update(SINCE, [(9, org, key) for org, key, *_ in rows]))
    assert (changed, await db.read(seats)) == (count, [(org, key, 7, 9) for org, key, *_ in rows])


async def test_missing_and_empty_cells_stay_apart(db: Database) -> None:
    def row(number: int, incident: int | None, text: str) -> Row:
        return (1, f"{number:03}", incident, text, 0, "waiting", 5, incident, 0, "", "{}\0" if number % 2 else "{}")

    def read(tx: Transaction) -> list[Row]:
        return tx._session.rows("SELECT id, incident, contact, sent_at FROM delivery ORDER BY id")

    rows: Sequence[Row] = [row(n, None if n % 3 else n, "" if n % 5 else "c") for n in range(200)]
    await db.write(lambda tx: tx._session.insert(DELIVERY, rows))
    assert await db.read(read) == [(id, incident, contact, at) for _, id, incident, contact, *_, at, _, _, _ in rows]
