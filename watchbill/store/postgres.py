"""PostgreSQL: any number of nodes, each with a few connections.

Rows travel as one array for each column (store/arrays.py), so that a statement has one text, whatever their number.
Keys come sorted from the callers, so that two nodes lock rows in the same order.
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, cast

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from watchbill.domain.errors import LostRace
from watchbill.store import arrays
from watchbill.store.schema import VERSIONS, Stage, demand_ours, is_current, upgrade
from watchbill.store.session import Row, Trouble
from watchbill.store.tables import Lookup, Table, Update, Upsert

DIALECT = "postgresql+psycopg"
# A node that lost its database learns so within seconds, not after the quarter of an hour that TCP allows itself.
DEFAULTS = {
    "application_name": "watchbill",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
}
RACES = (
    *(errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, errors.UniqueViolation),
    LostRace,
)
# So long a job waits for a lock of another node while its transaction holds the locks of jobs before it. That is far
# less than the second after which PostgreSQL looks whether two wait for each other.
NEXT_JOB = "RELEASE guard; SET LOCAL lock_timeout = '10ms'; SAVEPOINT guard"
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, errors.IdleInTransactionSessionTimeout)
# Of these the database is well: what it was asked is too much for it, and will be so next time.
ASKED = (errors.QueryCanceled, errors.ProgramLimitExceeded, errors.StatementTooComplex)
# Nobody may have switched durability off for us; a stricter setting of the server stays.
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
BEGIN = {False: "BEGIN", True: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
LOCKS = {"{lock}": " FOR UPDATE", "{skip}": " FOR UPDATE SKIP LOCKED"}
# Every statement here finds its rows along an index made for it. Left to itself the planner, which met the tables when
# they were empty, reads them from end to end for minutes, until statistics are gathered. A plan made once is kept; to
# outgrow the choice among the indexes of an empty table, plans are made anew after 1, 2, 4, 8, … commits.
PLAN_BY_INDEX = "; ".join(
    f"SET {setting}"
    for setting in (
        "enable_seqscan = off",
        "enable_bitmapscan = off",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "plan_cache_mode = force_generic_plan",
        "jit = off",
    )
)
# A node that hangs or is cut off in mid-transaction still holds its locks: alerts wait for them, and what is due is
# passed over by all others. Left to itself the server lets go of them after two hours, or never.
LET_GO = "; ".join(
    f"SET {setting}"
    for setting in (
        "idle_in_transaction_session_timeout = '10s'",
        "tcp_keepalives_idle = 5",
        "tcp_keepalives_interval = 2",
        "tcp_keepalives_count = 3",
        "tcp_user_timeout = 10000",
    )
)
NOW = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"
STATEMENTS = 512
TAKE_NUMBERS = (
    "INSERT INTO counter (org, name, value) VALUES (%s, %s, %s) "
    "ON CONFLICT (org, name) DO UPDATE SET value = counter.value + excluded.value RETURNING value"
)


class PostgresEngine:
    def __init__(self, url: str) -> None:
        self.conninfo = make_conninfo("", **{**DEFAULTS, **cast(dict[str, Any], conninfo_to_dict(url))})

    def prepare(self, stages: tuple[Stage, ...]) -> None:
        with psycopg.connect(self.conninfo) as connection:
            applied = _applied(connection)
            connection.rollback()
            demand_ours(applied, tables=False)  # extensions may have put theirs there
            if not is_current(applied, stages):
                upgrade(DIALECT, connection, stages)

    def connect(self, readonly: bool) -> "PostgresConnection":
        return PostgresConnection(self.conninfo, readonly)

    def trouble(self, error: BaseException) -> Trouble:
        if isinstance(error, RACES):
            return Trouble.RACE
        if isinstance(error, AWAY) and not isinstance(error, ASKED):
            return Trouble.GONE
        return Trouble.OURS


def _applied(connection: psycopg.Connection[Row]) -> set[str]:
    if connection.execute("SELECT to_regclass('alembic_version')").fetchall()[0][0] is None:
        return set()
    return {name for (name,) in connection.execute(VERSIONS)}


class PostgresConnection:
    """`_numbers` is a second connection, on which counters move on by themselves.

    If they moved within the transaction, every node would wait for the commit of whoever took a number before. They
    need no flush of their own: the log is written in order, so what is committed with these numbers is on the disk
    only after the counter is.
    """

    def __init__(self, conninfo: str, readonly: bool) -> None:
        self._conninfo = conninfo
        self._readonly = readonly
        self._connection = _connected(conninfo)
        self._numbers: psycopg.Connection[Row] | None = None
        self._guarded = False
        self._commits = 0
        if not readonly:
            self._connection.execute(DURABLE)

    def begin(self) -> None:
        self._guarded = False
        self._connection.execute(BEGIN[self._readonly])

    def commit(self) -> None:
        """A transaction in which a statement failed is rolled back by COMMIT without an error: that must not pass."""
        done = self._connection.execute("COMMIT").statusmessage
        if done != "COMMIT":
            raise RuntimeError(f"PostgreSQL answered COMMIT with {done}: a failed statement was passed over")
        self._commits += 1
        if self._commits & (self._commits - 1) == 0:
            self._connection.execute("DISCARD PLANS")

    def rollback(self) -> None:
        try:
            self._connection.rollback()
        except psycopg.Error:
            self._connection.close()

    def guard(self) -> None:
        self._connection.execute(NEXT_JOB if self._guarded else "SAVEPOINT guard")
        self._guarded = True

    def undo(self) -> None:
        self._connection.execute("ROLLBACK TO guard")

    def close(self) -> None:
        self._connection.close()
        if self._numbers is not None:
            self._numbers.close()

    def clock(self) -> int:
        return cast(int, self.rows(NOW)[0][0])

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        return self._execute(_text(sql, self._readonly), params).fetchall()

    def run(self, sql: str, params: Sequence[object] = ()) -> int:
        return self._execute(_text(sql, self._readonly), params).rowcount

    def find(self, lookup: Lookup, keys: Sequence[Row]) -> list[Row]:
        return self._many(_find(lookup, self._readonly), lookup.keys.values(), keys).fetchall() if keys else []

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._many(_insert(table), table.columns.values(), rows)

    def upsert(self, upsert: Upsert, rows: Sequence[Row]) -> None:
        if rows:
            self._many(_upsert(upsert), upsert.table.columns.values(), rows)

    def update(self, update: Update, rows: Sequence[Row]) -> int:
        kinds = [update.table.columns[name] for name in (*update.columns, *update.match)]
        return self._many(_update(update), kinds, rows).rowcount if rows else 0

    def take_numbers(self, org: int, counter: str, count: int) -> int:
        if self._numbers is None:
            self._numbers = _connected(self._conninfo)
            self._numbers.execute("SET synchronous_commit = off")
        return cast(int, self._numbers.execute(TAKE_NUMBERS, (org, counter, count)).fetchall()[0][0])

    def _execute(self, sql: str, params: Sequence[object]) -> psycopg.Cursor[Row]:
        return self._connection.execute(sql, [arrays.storable(value) for value in params])

    def _many(self, sql: str, kinds: Iterable[str], rows: Sequence[Row]) -> psycopg.Cursor[Row]:
        return self._connection.execute(sql, arrays.columns(kinds, rows))


def _connected(conninfo: str) -> psycopg.Connection[Row]:
    """Autocommit: we say BEGIN and COMMIT ourselves."""
    connection = psycopg.connect(conninfo, autocommit=True)
    connection.execute(f"{PLAN_BY_INDEX}; {LET_GO}")
    arrays.register(connection)
    return connection


@lru_cache(STATEMENTS)
def _text(sql: str, readonly: bool) -> str:
    sql = sql.replace("?", "%s")
    for hole, lock in LOCKS.items():
        sql = sql.replace(hole, "" if readonly else lock)
    return sql


def _given(kinds: Iterable[str], names: str) -> str:
    """The rows of a statement, as a table `names` with its columns."""
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)}) AS {names}"


@cache
def _find(lookup: Lookup, readonly: bool) -> str:
    lock = "" if readonly else lookup.lock
    given = _given(lookup.keys.values(), f"given ({', '.join(lookup.keys)})")
    return f"WITH wanted AS MATERIALIZED (SELECT * FROM {given}) {lookup.sql} {lock}"


@cache
def _insert(table: Table) -> str:
    given = _given(table.columns.values(), "given")
    return f"INSERT INTO {table.name} ({table.names}) SELECT * FROM {given}"


@cache
def _upsert(upsert: Upsert) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in upsert.replaced)
    then = f"UPDATE SET {changes}" if changes else "NOTHING"
    return f"{_insert(upsert.table)} ON CONFLICT ({', '.join(upsert.table.key)}) DO {then}"


@cache
def _update(update: Update) -> str:
    """A column may be both changed and matched (the version), so the values to match have names of their own."""
    kinds = update.table.columns
    new = {name: kinds[name] for name in update.columns}
    old = {f"old_{name}": kinds[name] for name in update.match}
    given = _given([*new.values(), *old.values()], f"w ({', '.join((*new, *old))})")
    changes = ", ".join(f"{name} = w.{name}" for name in new)
    match = " AND ".join(f"t.{name} = w.old_{name}" for name in update.match)
    return f"UPDATE {update.table.name} t SET {changes} FROM {given} WHERE {match}"
