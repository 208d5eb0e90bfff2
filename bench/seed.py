"""Databases with a past: a thousand incidents are opened by the real road, the rest are copies of them."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from bench.client import victorops
from watchbill.intake import victorops_rest
from watchbill.store.database import Database, open_database
from watchbill.usecases.alerts import Arrival, receive

T = TypeVar("T")

COPY = """
WITH RECURSIVE turn(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM turn WHERE k < :times)
INSERT INTO incident ({names}) SELECT {values} FROM turn CROSS JOIN (SELECT * FROM incident WHERE number <= :size) i
"""
COPIED = {
    "number": "i.number + k * :size",
    "id": "substr(i.id, 1, 24) || printf('%012x', i.number + k * :size)",
    "key": "i.key || '-' || k",
    "wake_at": ":wake + (k * :size + i.number)",
}


def write(url: str, jobs: Iterable[tuple[Callable[..., T], tuple[object, ...]]]) -> list[T]:
    """Runs functions of a transaction one after the other."""

    async def run(database: Database) -> list[T]:
        return [await database.write(fn, *args) for fn, args in jobs]

    database = open_database(url)
    try:
        return asyncio.run(run(database))
    finally:
        database.close()


def arrivals(org: int, keys: Sequence[str], teams: int = 8) -> list[Arrival]:
    made = []
    for number, key in enumerate(keys):
        body = victorops(key, "", "")[2].encode()
        route = f"team-{number % teams}"
        made.append(Arrival(org, "seed", victorops_rest.parse(body, {}, route, str, "application/json")))
    return made


def opened(url: str, org: int, moments: Sequence[tuple[int, int]]) -> None:
    """So many incidents at each moment (microseconds); their first pages count as sent long ago."""
    jobs = []
    for at, count in moments:
        for start in range(0, count, 500):
            keys = [f"seed-{at}-{number}" for number in range(start, min(count, start + 500))]
            jobs.append((receive, (arrivals(org, keys), at)))
    write(url, jobs)
    with closing(sqlite3.connect(path_of(url))) as connection:
        connection.execute("DELETE FROM delivery")
        connection.commit()


def copied(url: str, times: int, wake: int, size: int = 1_000) -> None:
    """Copies the first `size` incidents so many times, due one a microsecond from `wake` on."""
    with closing(sqlite3.connect(path_of(url))) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(incident)")]
        values = [COPIED.get(name, f"i.{name}") for name in names]
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -512000")
        copy = COPY.format(names=", ".join(names), values=", ".join(values))
        connection.execute(copy, {"times": times, "size": size, "wake": wake})
        connection.execute("UPDATE counter SET value = (SELECT MAX(number) FROM incident) WHERE name = 'incident'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
