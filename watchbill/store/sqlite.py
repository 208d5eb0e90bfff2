"""SQLite: one writer, readers beside it, every commit on the disk before it is answered."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial
from itertools import accumulate, chain, count
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from watchbill.domain.errors import Invalid, LostRace
from watchbill.store.checkpoints import Checkpoints
from watchbill.store.schema import BOTH, VERSIONS, Stage, demand_ours, is_current, upgrade
from watchbill.store.session import Row, Trouble
from watchbill.store.tables import Lookup, Table, Update, Upsert

MEMORY = ":memory:"
BUSY_MS = 5_000  # the command line may be writing the same file
BUSY_PAUSE = 0.01
WRITER_CACHE_KIB = 64 * 1024
READER_CACHE_KIB = 4 * 1024
# Checkpoints run beside the writer (see store/checkpoints.py), but can't catch up with one that never pauses: at 128
# MiB of log it stops for them itself, and the log begins anew.
CHECKPOINT_PAGES = 32_000
STATEMENTS = 512
KEYS_AT_ONCE = 128
ROWS_AT_ONCE = 256
EXACT = 64

# Primary result codes (sqlite.org/rescode.html): busy, locked, I/O error, disk full, can't open.
GONE = frozenset({5, 6, 10, 13, 14})
DIALECT = "sqlite+pysqlite"

# Whoever closes the file last carries the log into it and removes it; of two that close at once neither is the last.
ONE_CLOSES = Lock()


class Shape(NamedTuple):
    """Of the rows of one statement: how many, and of each column whether it has one value in all of them."""

    rows: int
    same: tuple[bool, ...]


class SqliteEngine:
    def __init__(self, path: str) -> None:
        self.path = path

    def prepare(self, stages: tuple[Stage, ...]) -> None:
        """Makes the file, its folder and its tables, as far as they are missing."""
        if self.path == MEMORY:
            return
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        # Alerts, addresses and secrets are nobody else's business; SQLite gives its other files the same rights.
        Path(self.path).touch(mode=0o600, exist_ok=True)
        connection = self._opened()
        try:
            # Looked at first: another node that makes the tables in this moment must not look like another program.
            tables = bool(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall())
            applied = _applied(connection)
            demand_ours(applied, tables)
            if not is_current(applied, stages):
                upgrade(DIALECT, connection, stages)
        finally:
            connection.close()

    def _opened(self) -> sqlite3.Connection:
        try:
            return opened(self.path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            raise Invalid(f"'{self.path}' is not a SQLite database") from error

    def connect(self, readonly: bool) -> "SqliteConnection":
        connection = opened(self.path, readonly)
        if self.path == MEMORY:
            _copy_image(connection)
        checkpoints = None if readonly or self.path == MEMORY else Checkpoints(partial(opened, self.path))
        return SqliteConnection(connection, checkpoints)

    def trouble(self, error: BaseException) -> Trouble:
        if isinstance(error, LostRace | sqlite3.IntegrityError):
            return Trouble.RACE
        # Errors of the module itself have no code: such as that a text can't be read, in a damaged file.
        if isinstance(error, sqlite3.OperationalError) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in GONE:
            return Trouble.GONE
        return Trouble.OURS


def opened(path: str, readonly: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS
    )
    _to_wal(connection)
    for pragma in (
        "synchronous = FULL",
        f"cache_size = -{READER_CACHE_KIB if readonly else WRITER_CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "temp_store = MEMORY",
        f"query_only = {int(readonly)}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _to_wal(connection: sqlite3.Connection) -> None:
    """SQLite refuses at once, without its usual patience, when two processes do this to a new file at one moment."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(BUSY_PAUSE)
        else:
            return


def _applied(connection: sqlite3.Connection) -> set[str]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
        return set()
    return {name for (name,) in connection.execute(VERSIONS)}


@cache
def _image() -> bytes:
    """An empty migrated database: migrating takes fifty times as long as copying it, and tests open many."""
    connection = opened(MEMORY)
    upgrade(DIALECT, connection, BOTH)
    image = connection.serialize()
    connection.close()
    return image


def _copy_image(connection: sqlite3.Connection) -> None:
    empty = sqlite3.connect(MEMORY)
    empty.deserialize(_image())
    empty.backup(connection)
    empty.close()


class SqliteConnection:
    """Statements with `{lock}` need none: whoever writes is alone."""

    def __init__(self, connection: sqlite3.Connection, checkpoints: Checkpoints | None = None) -> None:
        self._connection = connection
        self._checkpoints = checkpoints
        self._written = 0
        self._readonly = bool(connection.execute("PRAGMA query_only").fetchone()[0])
        self._guarded = False

    def begin(self) -> None:
        self._guarded = False
        self._connection.execute("BEGIN" if self._readonly else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        if self._checkpoints is not None:
            self._checkpoints.written(self._written)
        self._written = 0

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def guard(self) -> None:
        if self._guarded:
            self._connection.execute("RELEASE guard")
        self._connection.execute("SAVEPOINT guard")
        self._guarded = True

    def undo(self) -> None:
        self._connection.execute("ROLLBACK TO guard")

    def close(self) -> None:
        if self._checkpoints is not None:
            self._checkpoints.close()
        with ONE_CLOSES:
            self._connection.close()

    def clock(self) -> None:
        return None

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        return self._connection.execute(_unlocked(sql), params).fetchall()

    def run(self, sql: str, params: Sequence[object] = ()) -> int:
        changed = self._connection.execute(sql, params).rowcount
        self._written += max(changed, 0)
        return changed

    def find(self, lookup: Lookup, keys: Sequence[Row]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = keys[start : start + KEYS_AT_ONCE]
            # Counts are rounded up to a power of two by repeating a key, so that few different statements are prepared.
            count = 1 << (len(some) - 1).bit_length()
            padded = [*some, *[some[-1]] * (count - len(some))]
            shape, values = _bound(padded)
            found += self._connection.execute(_find(lookup, shape), values).fetchall()
        return found

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        self._many(_insert, table, rows)

    def upsert(self, upsert: Upsert, rows: Sequence[Row]) -> None:
        self._many(_upsert, upsert, rows)

    def update(self, update: Update, rows: Sequence[Row]) -> int:
        return self._many(_update, update, rows)

    def _many(self, text: Callable[[Any, Shape], str], what: object, rows: Sequence[Row]) -> int:
        """Many rows a statement. `executemany` would let go of the interpreter lock at each row, and get it back only
        when the event loop, busy taking requests in, has a pause: a hundred rows took a quarter of a second so.
        """
        changed = 0
        self._written += len(rows)
        for some in _pieces(rows):
            shape, values = _bound(some)
            changed += self._connection.execute(text(what, shape), values).rowcount
        return changed

    def take_numbers(self, org: int, counter: str, count: int) -> int:
        last: int = self._connection.execute(
            "INSERT INTO counter (org, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (org, name) DO UPDATE SET value = value + excluded.value RETURNING value",
            (org, counter, count),
        ).fetchall()[0][0]
        return last


@lru_cache(STATEMENTS)
def _unlocked(sql: str) -> str:
    return sql.replace("{lock}", "").replace("{skip}", "")


@lru_cache(STATEMENTS)
def _find(lookup: Lookup, shape: Shape) -> str:
    return f"WITH wanted ({', '.join(lookup.keys)}) AS ({_values(shape)}) {lookup.sql}"


@lru_cache(STATEMENTS)
def _insert(table: Table, shape: Shape) -> str:
    return f"INSERT INTO {table.name} ({table.names}) {_values(shape)}"


@lru_cache(STATEMENTS)
def _upsert(upsert: Upsert, shape: Shape) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in upsert.replaced)
    then = f"UPDATE SET {changes}" if changes else "NOTHING"
    return f"{_insert(upsert.table, shape)} ON CONFLICT ({', '.join(upsert.table.key)}) DO {then}"


@lru_cache(STATEMENTS)
def _update(update: Update, shape: Shape) -> str:
    name, new = update.table.name, len(update.columns)
    changes = ", ".join(f"{column} = w.column{index}" for index, column in enumerate(update.columns, 1))
    match = " AND ".join(f"{name}.{column} = w.column{index}" for index, column in enumerate(update.match, new + 1))
    return f"UPDATE {name} SET {changes} FROM ({_values(shape)}) w WHERE {match}"


def _bound(rows: Sequence[Row]) -> tuple[Shape, list[object]]:
    """What is the same in all rows is bound once: half of the cells of a storm, each of which SQLite would copy."""
    number = len(rows)
    if number <= EXACT:
        return Shape(number, (False,) * len(rows[0])), list(chain.from_iterable(rows))
    columns = list(zip(*rows, strict=True))
    same = tuple([column[0] == column[-1] and column.count(column[0]) == number for column in columns])
    once = [column[0] for column, is_same in zip(columns, same, strict=True) if is_same]
    own = [column for column, is_same in zip(columns, same, strict=True) if not is_same]
    return Shape(number, same), [*once, *chain.from_iterable(zip(*own, strict=True))]


def _values(shape: Shape) -> str:
    """Parameters by number: those that are the same in all rows first, then row by row."""
    once = accumulate(map(int, shape.same))
    own = count(sum(shape.same) + 1)
    places = [place if is_same else None for place, is_same in zip(once, shape.same, strict=True)]
    rows = (", ".join(f"?{place or next(own)}" for place in places) for _ in range(shape.rows))
    return f"VALUES {', '.join(f'({row})' for row in rows)}"


def _pieces(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Up to EXACT rows in one piece, whatever their number: each statement lets go of the interpreter lock, and has to
    wait to get it back. Larger pieces have sizes of three leading bits, so that few different statements are prepared.
    """
    start = 0
    while start < len(rows):
        size = min(ROWS_AT_ONCE, len(rows) - start)
        if size > EXACT:
            zeros = size.bit_length() - 3
            size = size >> zeros << zeros
        yield rows[start : start + size]
        start += size
