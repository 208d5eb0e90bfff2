"""SQLite's log is carried into its file beside the writer, which would stop for it, 10 to 30 ms each time."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

# After so many rows written; a row takes about one page of the log.
ROWS = 4_000


class Checkpoints:
    """A thread with a connection of its own, begun when there is first something to do."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._rows = 0
        self._due = Event()
        self._closing = False
        self._thread: Thread | None = None

    def written(self, rows: int) -> None:
        self._rows += rows
        if self._rows < ROWS:
            return
        self._rows = 0
        self._due.set()
        if self._thread is None:
            self._thread = Thread(target=self._work, name="watchbill-checkpoints", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        connection = self._connect()
        closing = False
        while not closing:
            self._due.wait()
            self._due.clear()
            closing = self._closing
            # A disk that is full or broken shows in the commits. What is not carried over now is the next time.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.close()
