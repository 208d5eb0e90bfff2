"""What a million incidents cost: wake-ups, lists, deduplication. And what who-is-on-call costs with many schedules."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing

from bench.example import BEGAN, schedule
from bench.figures import Part, Row, at_least, at_most, middle, milliseconds, number, percentile
from bench.seed import arrivals, copied, opened, path_of
from bench.sink import serving
from bench.systems import Sqlite, folder, quantile_bound, watchbill
from watchbill.domain.civil import DAY, MINUTE, SECOND
from watchbill.domain.records import IncidentQuery
from watchbill.domain.rota import on_call, who
from watchbill.store.database import Database, open_database
from watchbill.usecases.alerts import receive
from watchbill.usecases.incidents import advance_due
from watchbill.usecases.ports import Tx

SIZE = int(os.environ.get("BENCH_HISTORY", "1000000"))
DUE = 20_000
LATE_SECONDS = 15


def microseconds() -> int:
    return time.time_ns() // 1000


def _timed(fn: Callable[[], object]) -> float:
    began = time.perf_counter()
    fn()
    return time.perf_counter() - began


async def _lasted(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def measure() -> Part:
    """All of it on one SQLite file; the million incidents are all open, which is harder than a million resolved."""
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        system = Sqlite(where, "http://127.0.0.1:1")
        org = system.example.org
        small, large = stack.enter_context(system.fresh()), stack.enter_context(system.fresh())
        now = microseconds()
        opened(small, org, [(now, 10)])
        opened(large, org, [(now - 6 * MINUTE, 1_000)])
        filled = _timed(lambda: copied(large, SIZE // 1_000 - 1, now + DAY))
        rows = [*_lists(large, org), *_dedup(small, large, org), _wake_ups(large)]
        size = path_of(large).stat().st_size / 2**30
    notes = [f"{SIZE:,} open incidents in one SQLite file of {size:.1f} GiB (filled in {filled:.0f} s, not measured)."]
    return Part("history", "With a million incidents", rows, notes)


def _lists(url: str, org: int) -> list[Row]:
    async def run(database: Database) -> dict[str, list[float]]:
        def page(tx: Tx, before: int | None) -> int:
            return len(tx.incidents(IncidentQuery(org, before_number=before)))

        taken: dict[str, list[float]] = {"first": [], "last": []}
        for _ in range(21):
            taken["first"].append(await _lasted(database.read(page, None)))
            taken["last"].append(await _lasted(database.read(page, 101)))
        return taken

    database = open_database(url)
    taken = asyncio.run(run(database))
    database.close()
    return [
        Row(
            f"{name} 100 of {SIZE:,} incidents",
            milliseconds(middle(some)),
            "30 ms",
            at_most(middle(some), 0.030),
            {"all": some},
        )
        for name, some in taken.items()
    ]


def _dedup(small: str, large: str, org: int) -> list[Row]:
    """Alerts for the same thousand open keys, a hundred a transaction."""

    async def run(database: Database) -> float:
        keys = [f"again-{n}" for n in range(1_000)]
        parts = [arrivals(org, keys[start : start + 100]) for start in range(0, 1_000, 100)]
        for part in parts:
            await database.write(receive, part, microseconds())
        rounds = []
        for _ in range(10):
            rounds.append(sum([await _lasted(database.write(receive, part, microseconds())) for part in parts]))
        return middle(rounds) / 1_000

    taken = []
    for url in (small, large):
        database = open_database(url)
        taken.append(asyncio.run(run(database)))
        database.close()
    few, many = taken
    shown = f"{few * 1e6:.0f} us, {many * 1e6:.0f} us: {many / few:.2f} x"
    return [Row(f"a deduplicated alert with 10 and with {SIZE:,} incidents", shown, "1.3 x", at_most(many / few, 1.3))]


def _wake_ups(url: str) -> Row:
    """Due incidents among those that wait, each paging the next person: by the escalator's own use case."""
    with closing(sqlite3.connect(path_of(url))) as connection:
        connection.execute("UPDATE incident SET wake_at = 1000 + number WHERE number <= ?", (DUE,))
        connection.commit()

    async def run(database: Database) -> list[float]:
        rates = []
        for _ in range(DUE // 5_000):
            began, done = time.perf_counter(), 0
            while done < 5_000:
                advanced = await database.write(advance_due, microseconds(), None, 500)
                assert advanced.count, "nothing was due"
                done += advanced.count
            rates.append(done / (time.perf_counter() - began))
        return rates

    database = open_database(url)
    rates = asyncio.run(run(database))
    database.close()
    rate = middle(rates)
    return Row(
        f"due wake-ups a second, {SIZE:,} pending",
        f"{number(rate)}/s",
        "10,000/s",
        at_least(rate, 10_000),
        {"rates": rates},
    )


def lateness() -> Part:
    """A real server with 100,000 open incidents, of which 500 a second come due for fifteen seconds."""
    with ExitStack() as stack:
        where, sink = stack.enter_context(folder()), stack.enter_context(serving())
        system = Sqlite(where, sink.url)
        url = stack.enter_context(system.fresh())
        now = microseconds()
        waits = 5 * MINUTE
        opened(url, system.example.org, [(now, 100_000 - 500 * LATE_SECONDS)])
        start = microseconds() + 12 * SECOND
        opened(url, system.example.org, [(start - waits + n * SECOND // 50, 10) for n in range(50 * LATE_SECONDS)])
        server = stack.enter_context(watchbill(url, where))
        time.sleep(max(0, (start - microseconds()) / SECOND) + LATE_SECONDS + 1)
        buckets = server.buckets("watchbill_wake_up_lateness_seconds")
        woken = server.metric("watchbill_incidents_advanced_total")
    p50, p99 = quantile_bound(buckets, 0.5), quantile_bound(buckets, 0.99)
    shown = f"p50 <= {milliseconds(p50)}, p99 <= {milliseconds(p99)} ({number(woken)} wake-ups)"
    row = Row("late wake-ups at 500/s, 100,000 open", shown, "p99 250 ms", at_most(p99, 0.25), {"p99": p99})
    return Part("lateness", "Wake-ups on time", [row], ["By the server's own histogram: the bounds of its buckets."])


def on_duty() -> Part:
    """Who is on call in a thousand schedules of two layers in four zones."""
    people = [f"person-{n}" for n in range(6)]
    schedules = [schedule(n, people) for n in range(1_000)]
    moments = [BEGAN + n * 37 * MINUTE for n in range(41)]

    def of_all(ask: Callable[..., object], at: int) -> float:
        return _timed(lambda: [ask(one, at) for one in schedules])

    rows = []
    for name, ask, bar in (("who", who, 0.005), ("who, since and until when", on_call, None)):
        taken = [of_all(ask, at) for at in moments][1:]
        shown = f"{milliseconds(middle(taken))}, p99 {milliseconds(percentile(taken, 0.99))}"
        rows.append(
            Row(
                f"{name}, 1,000 schedules",
                shown,
                milliseconds(bar) if bar else "",
                at_most(middle(taken), bar) if bar else None,
            )
        )
    return Part("on-call", "Who is on call", rows)
