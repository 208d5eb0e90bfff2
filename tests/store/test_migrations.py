"""Every database is brought to the same tables, from nothing or from where it stands, by one node or several."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from alembic import command

from watchbill.domain.errors import Invalid
from watchbill.store import postgres, sqlite
from watchbill.store.database import migrate, open_database
from watchbill.store.schema import Stage, is_current, revisions
from watchbill.store.tables import TABLES


def columns_of(url: str, table: str) -> set[str]:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        connection.close()
        return found
    with psycopg.connect(url) as connected:
        rows = connected.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,))
        return {name for (name,) in rows}


def test_the_statements_and_the_tables_have_the_same_columns(shared_url: str) -> None:
    migrate(shared_url)
    for table in TABLES:
        assert columns_of(shared_url, table.name) == set(table.columns), table.name


def test_migrating_again_changes_nothing(shared_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(shared_url)
    monkeypatch.setattr(sqlite, "upgrade", None)
    monkeypatch.setattr(postgres, "upgrade", None)
    migrate(shared_url)


def test_nodes_that_start_together_migrate_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [empty_url] * 4))
    assert columns_of(empty_url, "incident")


def test_those_that_open_a_new_file_at_one_moment_wait_for_each_other(tmp_path: Path) -> None:
    together = Barrier(6)

    def open_one(path: str) -> None:
        together.wait()
        sqlite.opened(path).close()

    with ThreadPoolExecutor(together.parties) as pool:
        for number in range(100):
            list(pool.map(open_one, [f"{tmp_path}/{number}.db"] * together.parties))


def test_a_failed_migration_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "upgrade", half_way(command.upgrade))
    with pytest.raises(ZeroDivisionError):
        migrate(empty_url)
    assert columns_of(empty_url, "incident") == set()
    monkeypatch.undo()
    migrate(empty_url)
    assert columns_of(empty_url, "incident")


def half_way(upgrade: object) -> object:
    def fails(*args: object) -> None:
        upgrade(*args)  # type: ignore[operator]
        raise ZeroDivisionError

    return fails


def test_old_nodes_go_on_with_a_database_that_newer_ones_migrated() -> None:
    newest = revisions(Stage.PRE)[-1]
    assert is_current({newest}, (Stage.PRE,))
    assert is_current({"pre_9999"}, (Stage.PRE,))
    assert not is_current(set(), (Stage.PRE,))
    assert is_current({newest}, (Stage.PRE, Stage.POST))


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("CREATE TABLE orders (id)")
    with pytest.raises(Invalid, match="another program"):
        migrate(f"sqlite:///{tmp_path}/shop.db")
    assert shop.execute("SELECT name FROM sqlite_master").fetchall() == [("orders",)]
    shop.close()


def test_a_version_that_is_not_ours_is_another_programs(empty_url: str) -> None:
    migrate(empty_url)
    write(empty_url, "UPDATE alembic_version SET version_num = 'ae1027a6acf'")
    with pytest.raises(Invalid, match="another program"):
        migrate(empty_url)


def test_a_database_that_a_newer_version_took_something_from_is_refused(empty_url: str) -> None:
    migrate(empty_url)
    write(empty_url, "UPDATE alembic_version SET version_num = 'pre_9999'")
    migrate(empty_url)  # what was only added to is fine
    write(empty_url, "INSERT INTO alembic_version VALUES ('post_9999')")
    with pytest.raises(Invalid, match="newer version"):
        migrate(empty_url)


def write(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(url) as connected:
        connected.execute(statement.encode())


def test_an_unknown_address_is_refused_with_those_we_know() -> None:
    with pytest.raises(Invalid, match="postgresql://"):
        open_database("mysql://localhost/watchbill")


def test_folders_are_made(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/a/b/c.db").close()
    assert (tmp_path / "a/b/c.db").exists()


def test_postgresql_sorts_text_as_bytes_whatever_its_language(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connected:
        rows = connected.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
        assert rows.fetchall() == []
