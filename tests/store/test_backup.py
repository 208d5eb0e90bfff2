"""A backup is a database with all that was committed, taken while others write."""

import asyncio
import os
import stat
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from tests.store.make import an_incident, found, new, save
from watchbill.domain.errors import Conflict, Invalid
from watchbill.domain.records import IncidentQuery
from watchbill.store.backup import backup
from watchbill.store.database import Database, open_database

T = TypeVar("T")


async def test_a_sqlite_backup_taken_while_serving_opens_with_all_in_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    db = open_database(url)
    await save(db, *(new(an_incident(number)) for number in range(1, 1001)))
    copying = asyncio.create_task(asyncio.to_thread(backup, url, tmp_path / "copy.db"))
    for number in range(1001, 1051):
        await save(db, new(an_incident(number)))
    await copying
    db.close()
    copy = open_database(f"sqlite:///{tmp_path}/copy.db")
    assert len(await copy.read(lambda tx: tx.incidents(IncidentQuery(1, limit=2000)))) >= 1000
    assert (await found(copy, 1000)).number == 1000
    copy.close()
    assert names(tmp_path) == {"copy.db", "live.db"}


async def test_counters_and_turns_do_not_look_like_damage(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    db = open_database(url)
    await db.write(lambda tx: (tx.next_numbers(1, "incident", 1), tx.use_turns(1, {"step": 1})))
    backup(url, tmp_path / "copy.db")
    db.close()
    assert names(tmp_path) >= {"copy.db"}


async def test_a_backup_is_for_its_owner_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.db"
    open_database(url).close()
    before = os.umask(0o022)
    try:
        backup(url, tmp_path / "copy.db")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


async def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(Conflict):
        backup(f"sqlite:///{tmp_path}/live.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"live\.db"):
        backup(f"sqlite:///{tmp_path}/live.db", tmp_path / "copy.db")
    assert names(tmp_path) == set()


async def test_a_missing_pg_dump_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Invalid, match="pg_dump"):
        backup("postgresql:///watchbill", tmp_path / "copy.dump")


def test_a_postgresql_dump_is_restored_elsewhere(
    postgres_url: str, second_postgres_url: str, postgres_tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres_tools))
    asyncio.run(in_database(postgres_url, lambda db: save(db, new(an_incident(1)))))
    backup(postgres_url, tmp_path / "copy.dump")
    assert stat.S_IMODE((tmp_path / "copy.dump").stat().st_mode) == 0o600
    with psycopg.connect(second_postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    restore = [str(postgres_tools / "pg_restore"), f"--dbname={second_postgres_url}", str(tmp_path / "copy.dump")]
    subprocess.run(restore, check=False, capture_output=True)
    assert asyncio.run(in_database(second_postgres_url, lambda db: found(db, 1))).title == "Disk full"


async def in_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    db = open_database(url)
    try:
        return await work(db)
    finally:
        db.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
