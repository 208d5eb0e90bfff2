"""The database as the use cases see it: functions of a transaction go in, results come out after the commit."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from watchbill.domain.errors import Invalid, Unavailable
from watchbill.store.cache import Cache
from watchbill.store.lane import InlineLane, Lane, Observe, Pace
from watchbill.store.schema import BOTH, Stage
from watchbill.store.session import Engine, Trouble
from watchbill.store.sqlite import MEMORY, SqliteEngine
from watchbill.store.transaction import Transaction

T = TypeVar("T")

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")
READERS = 3
INTAKE, ENGINE, API = LANES = ("intake", "engine", "api")


class Runs(Protocol):
    async def run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any: ...
    def close(self) -> None: ...


class Database:
    """Fits the port `Database`."""

    def __init__(self, writers: Mapping[str, Runs], reader: Runs, name: str) -> None:
        self._writers = writers
        self._writer = writers[name]
        self._reader = reader

    async def write(self, fn: Callable[..., T], *args: Any) -> T:
        return cast(T, await self._writer.run(fn, args))

    async def read(self, fn: Callable[..., T], *args: Any) -> T:
        """Sees what was committed when it began, and nothing that comes after."""
        return cast(T, await self._reader.run(fn, args))

    def lane(self, name: str) -> "Database":
        """The same database by another writer: the lanes never wait for each other. SQLite has one writer for all."""
        return Database(self._writers, self._reader, name)

    async def clock_offset(self, clock: Callable[[], int]) -> int:
        """Microseconds to add to `clock` for the database's time, so that all nodes agree on now. The one place where
        the database tells time; on one machine it has the same clock and the offset is zero."""
        return await self.read(Transaction.clock_offset, clock)

    def close(self) -> None:
        """Readers first: whoever closes SQLite's file last tidies its log away, and must be allowed to write."""
        for lane in dict.fromkeys((self._reader, *self._writers.values())):
            lane.close()


def open_database(
    url: str, patience: float = 30.0, observe: Observe | None = None, stages: tuple[Stage, ...] = BOTH
) -> Database:
    """`sqlite:///path`, `sqlite:///:memory:` or `postgresql://…`, its tables brought up to date first. Raises
    Unavailable when it can't be reached.

    `patience`: seconds that work waits for a database that is away before it is refused with Unavailable. `observe` is
    told the size and seconds of every commit.
    """
    engine = engine_of(url)
    _prepare(engine, stages)
    cache = Cache()
    writing = Pace(patience=patience, observe=observe)
    reading = Pace(group=1, patience=patience, readonly=True)
    if isinstance(engine, SqliteEngine) and engine.path == MEMORY:
        only = InlineLane(engine, cache, writing)
        return Database(dict.fromkeys(LANES, only), only, INTAKE)
    if isinstance(engine, SqliteEngine):
        writer = Lane(engine, cache, writing)
        return Database(dict.fromkeys(LANES, writer), Lane(engine, cache, reading, READERS), INTAKE)
    writers = {name: Lane(engine, cache, writing) for name in LANES}
    return Database(writers, Lane(engine, cache, reading, READERS), INTAKE)


def migrate(url: str, stages: tuple[Stage, ...] = BOTH) -> None:
    """Raises Unavailable when the database can't be reached."""
    _prepare(engine_of(url), stages)


def is_there(url: str) -> bool:
    """False for a SQLite file that would be made by opening it."""
    engine = engine_of(url)
    return not isinstance(engine, SqliteEngine) or engine.path == MEMORY or Path(engine.path).exists()


def _prepare(engine: Engine, stages: tuple[Stage, ...]) -> None:
    try:
        engine.prepare(stages)
    except Exception as error:
        if engine.trouble(error) is not Trouble.GONE:
            raise
        raise Unavailable(f"the database can't be reached: {str(error).strip()}") from error


def engine_of(url: str) -> Engine:
    """Raises Invalid when it is not the address of a database we know."""
    if url.startswith(SQLITE):
        return SqliteEngine(url.removeprefix(SQLITE))
    if url.startswith(POSTGRESQL):
        # Loaded only when needed: with its driver it costs a start on SQLite 70 ms.
        return cast(Engine, importlib.import_module("watchbill.store.postgres").PostgresEngine(url))
    raise Invalid(f"'{url}' is not a database: give sqlite:///path or postgresql://user@host/name")
