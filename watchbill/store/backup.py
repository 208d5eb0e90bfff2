"""Copying a database away while it is at work."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from watchbill.domain.errors import Conflict, Invalid
from watchbill.store.database import engine_of
from watchbill.store.sqlite import MEMORY, SqliteEngine

PART = ".part"


def backup(url: str, destination: Path) -> None:
    """A consistent copy in one file, on the disk and checked when this returns; an existing file is not overwritten.

    SQLite: a database file, to be put in place of the lost one. PostgreSQL: a custom-format dump for `pg_restore`.
    """
    if destination.exists():
        raise Conflict(f"{destination} is there already")
    if not destination.parent.is_dir():
        raise Invalid(f"there is no folder {destination.parent}")
    engine = engine_of(url)
    part = destination.with_name(destination.name + PART)
    part.unlink(missing_ok=True)
    try:
        _made(part)
        if isinstance(engine, SqliteEngine):
            _copy(engine.path, part)
        else:
            _dump(url, part)
        _to_disk(part)
        part.rename(destination)
        _to_disk(destination.parent)
    finally:
        part.unlink(missing_ok=True)


def _copy(path: str, part: Path) -> None:
    if path == MEMORY or not Path(path).exists():
        raise Invalid(f"there is no database file '{path}' to back up")
    source, target = sqlite3.connect(path), sqlite3.connect(part)
    try:
        source.backup(target)  # in one piece: it reads one snapshot, and in WAL mode writers go on beside it
        target.execute("PRAGMA journal_mode = DELETE")
        faults = [fault for (fault,) in target.execute("PRAGMA integrity_check")]
    finally:
        source.close()
        target.close()
    if faults != ["ok"]:
        raise Conflict(f"'{path}' is damaged: {faults[0]}")


def _made(part: Path) -> None:
    """For its owner only, as the database is: the secret that signs links is in it."""
    try:
        part.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise Invalid(f"{part} can't be written: {error.strerror}") from error


def _dump(url: str, part: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Invalid("backing up PostgreSQL needs its program pg_dump: install the package postgresql-client")
    command = [program, "--format=custom", f"--file={part}", f"--dbname={url}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our own words
    if done.returncode:
        raise Invalid(f"pg_dump failed: {done.stderr.strip()}")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
