"""Durable alerts a second, closed loop: 64 connections, each posts again when it is answered.

Every cell runs on a fresh database and a fresh server, and all cells of a round follow one another, so that what else
the machine does meets all alike. Afterwards the alerts in the database are counted: what was answered must be there.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.figures import Part, Row, at_least, at_most, middle, milliseconds, number
from bench.sink import serving
from bench.systems import Postgres, Process, Sqlite, alertmanager, folder, has_alertmanager, watchbill

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
SCRIPT = Path(__file__).parent / "post.lua"
RESULT = re.compile(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """`keys`: so many different ones; 0 means that each alert has a new one."""

    name: str
    kind: str
    batch: int = 1
    keys: int = 0
    connections: int = 64


@dataclass(frozen=True, slots=True)
class Shot:
    rate: float
    p50: float
    p99: float
    late: float = 0.0


NEW = Load("new keys", "victorops")
OURS = (
    NEW,
    Load("1,000 keys", "victorops", keys=1_000),
    Load("a storm of 100 keys", "victorops", keys=100),
    Load("new keys, batches of 100", "generic", batch=100, connections=16),
)
THEIRS = (
    Load("new keys", "alertmanager"),
    Load("1,000 keys", "alertmanager", keys=1_000),
    Load("new keys, batches of 100", "alertmanager", batch=100, connections=16),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked for: alerts a second, as many times what the peer takes (the bars were set on a machine that gave
    it 21,900 single alerts and 44,700 in batches), and the slowest one in a hundred, in seconds."""

    least: int
    ratio: float
    slowest: float | None = None

    def __str__(self) -> str:
        slowest = f", p99 {milliseconds(self.slowest)}" if self.slowest else ""
        return f"{self.least:,}/s or {self.ratio:.2f} x{slowest}"


BARS = {"new keys": Bar(8_000, 0.37, 0.020), "new keys, batches of 100": Bar(30_000, 0.67)}


def shoot(server: Process, load: Load, key: str = "") -> Shot:
    told = {"KIND": load.kind, "BATCH": str(load.batch), "KEYS": str(load.keys), "PREFIX": "k", "INGEST_KEY": key}
    command = [
        "wrk",
        "-t1",
        f"-c{load.connections}",
        f"-d{SECONDS}s",
        "--timeout",
        "10s",
        "-s",
        str(SCRIPT),
        server.url,
    ]
    ran = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=True)
    found = RESULT.search(ran.stdout)
    assert found is not None, ran.stdout
    requests, micros, bad, p50, p99 = map(int, found.groups())
    assert not bad, f"{bad} requests failed: {ran.stdout}\n{server.log.read_text()[-2000:]}"
    return Shot(requests * load.batch / micros * 1e6, p50 / 1e6, p99 / 1e6)


def stored(url: str) -> int:
    """How many alerts the database holds."""
    count = "SELECT COUNT(*) FROM alert"
    if url.startswith("sqlite:"):
        return int(sqlite3.connect(url.removeprefix("sqlite:///")).execute(count).fetchone()[0])
    with psycopg.connect(url) as connection:
        return int(connection.execute(count).fetchall()[0][0])


def _ours(system: Sqlite | Postgres, load: Load, where: Path) -> Shot:
    with system.fresh() as url, watchbill(url, where, system.workers) as server:
        shot = shoot(server, load, system.example.key)
        late = server.metric("watchbill_page_queue_age_seconds")
        kept = stored(url)
        assert kept >= shot.rate * SECONDS * 0.99, f"answered {shot.rate * SECONDS:.0f}, kept {kept}"
        return Shot(shot.rate, shot.p50, shot.p99, late)


def measure() -> Part:
    if shutil.which("wrk") is None:
        return Part("intake", "Durable alerts a second", [], ["wrk is not here: not measured."])
    shots: dict[tuple[str, str], list[Shot]] = {}
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        sink = stack.enter_context(serving())
        systems = (Sqlite(where, sink.url), Postgres(stack, where, sink.url))
        for _ in range(ROUNDS):
            for system in systems:
                for load in OURS:
                    shots.setdefault((system.name, load.name), []).append(_ours(system, load, where))
            for load in THEIRS if has_alertmanager() else ():
                with alertmanager() as peer:
                    shots.setdefault(("Alertmanager", load.name), []).append(shoot(peer, load))
    return Part("intake", "Durable alerts a second, answered after the commit", _rows(shots), _notes())


def _rows(shots: dict[tuple[str, str], list[Shot]]) -> list[Row]:
    return [_row(system, load, some, shots.get(("Alertmanager", load), [])) for (system, load), some in shots.items()]


def _row(system: str, load: str, some: list[Shot], theirs: list[Shot]) -> Row:
    rate, p50, p99, late = (middle([getattr(one, name) for one in some]) for name in ("rate", "p50", "p99", "late"))
    value = f"{number(rate)}/s, p50 {milliseconds(p50)}, p99 {milliseconds(p99)}"
    data = {"rates": [one.rate for one in some], "p50": p50, "p99": p99, "late": late}
    if system == "Alertmanager":
        return Row(f"{system}: {load}", value, data=data)
    ratio = rate / middle([one.rate for one in theirs])
    if theirs:
        value += f"; {ratio:.2f} x Alertmanager"
    if late > 0.1:
        value += f"; oldest page late by {late:.1f} s at the end"
    bar = BARS.get(load)
    if bar is None:
        return Row(f"{system}: {load}", value, data=data)
    outright = at_least(rate, bar.least)
    holds = (outright or at_least(ratio, bar.ratio)) and (bar.slowest is None or at_most(p99, bar.slowest))
    how = "as a ratio" if holds and not outright else ""
    return Row(f"{system}: {load}", value, str(bar), holds, data, how)


def _notes() -> list[str]:
    return [
        f"wrk, one thread, beside the server on the same cores; {ROUNDS} rounds of {SECONDS} s, medians. wrk is a "
        "closed loop: a stall holds its next posts back, so high percentiles look better than an open loop's.",
        "Every new key opens an incident that pages somebody; pages to one person are bundled. 64 connections for "
        "single alerts, 16 for batches. Alertmanager keeps alerts in memory only.",
    ]
