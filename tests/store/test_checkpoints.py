"""SQLite's log is carried into the file while the writer goes on."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from watchbill.store.checkpoints import ROWS, Checkpoints
from watchbill.store.schema import BOTH
from watchbill.store.sqlite import SqliteConnection, SqliteEngine, opened


def filled(path: Path) -> sqlite3.Connection:
    """A writer that has committed much and is open still."""
    writer = opened(str(path))
    writer.execute("CREATE TABLE much (text TEXT)")
    writer.executemany("INSERT INTO much VALUES (?)", [("x" * 1_000,)] * 500)
    return writer


def test_what_was_written_is_in_the_file_while_the_writer_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    writer = filled(path)
    before = path.stat().st_size
    checkpoints = Checkpoints(partial(opened, str(path)))
    checkpoints.written(ROWS)
    checkpoints.close()
    assert path.stat().st_size > before + 400_000
    assert writer.execute("SELECT COUNT(*) FROM much").fetchone() == (500,)


def test_a_little_is_left_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    writer = filled(path)
    before = path.stat().st_size
    checkpoints = Checkpoints(partial(opened, str(path)))
    checkpoints.written(ROWS - 1)
    checkpoints.close()
    assert path.stat().st_size == before
    writer.close()


def test_a_file_that_somebody_else_holds_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    writer = filled(path)
    reader = opened(str(path), readonly=True)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM much").fetchone()
    checkpoints = Checkpoints(partial(opened, str(path)))
    checkpoints.written(ROWS)
    writer.execute("INSERT INTO much VALUES ('more')")
    checkpoints.close()
    reader.close()
    writer.close()


def test_the_writer_tidies_up_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    engine = SqliteEngine(str(path))
    connection = engine.connect(readonly=False)
    connection.begin()
    connection.run("CREATE TABLE much (text TEXT)")
    for _ in range(ROWS + 1):
        connection.run("INSERT INTO much VALUES (?)", ("x",))
    connection.commit()
    connection.close()
    assert [found.name for found in tmp_path.iterdir()] == ["w.db"]


def test_readers_that_close_at_once_leave_no_log_behind(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    engine = SqliteEngine(str(path))
    engine.prepare(BOTH)
    left = []
    for _ in range(30):
        readers = [engine.connect(readonly=True) for _ in range(8)]
        for reader in readers:
            reader.rows("SELECT COUNT(*) FROM alembic_version")
        with ThreadPoolExecutor(len(readers)) as threads:
            list(threads.map(SqliteConnection.close, readers))
        left.append({found.name for found in tmp_path.iterdir()})
    assert left == [{"w.db"}] * 30
