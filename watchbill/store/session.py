"""The seam between SQL and the two engines: what a transaction may ask of its connection."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol

from watchbill.store.schema import Stage
from watchbill.store.tables import Lookup, Table, Update, Upsert

Row = tuple[Any, ...]


class Trouble(Enum):
    """What an exception means for the transaction it came out of."""

    OURS = "the function's own: a refusal or a bug"
    RACE = "somebody else was first: run the function again"
    GONE = "the database can't be reached or can't write: wait, connect, run everything again"


class Session(Protocol):
    """Statements of one open transaction. SQL is written with `?`; `{lock}` at its end locks the rows it returns,
    `{skip}` does so and passes over rows that others have locked."""

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]: ...
    def run(self, sql: str, params: Sequence[object] = ()) -> int:
        """How many rows it changed."""

    def find(self, lookup: Lookup, keys: Sequence[Row]) -> list[Row]:
        """A row may come twice; never use it where that matters."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None: ...
    def upsert(self, upsert: Upsert, rows: Sequence[Row]) -> None:
        """No two rows may have the same key."""

    def update(self, update: Update, rows: Sequence[Row]) -> int: ...
    def take_numbers(self, org: int, counter: str, count: int) -> int:
        """Moves the counter on by `count` and returns where it stands. Never waits for another transaction."""

    def clock(self) -> int | None:
        """The database's own time in microseconds; None where it is this machine's anyway."""


class Connection(Session, Protocol):
    """One connection to the database, and the borders of its transactions."""

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None:
        """Does nothing when no transaction is open; never raises."""

    def guard(self) -> None:
        """Marks where `undo` goes back to; the mark before it is given up."""

    def undo(self) -> None: ...
    def close(self) -> None: ...


class Engine(Protocol):
    def prepare(self, stages: tuple[Stage, ...]) -> None: ...
    def connect(self, readonly: bool) -> Connection: ...
    def trouble(self, error: BaseException) -> Trouble: ...
