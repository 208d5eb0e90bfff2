"""A copy of the whole database in one file, while the server goes on."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from watchbill.domain.errors import Refused
from watchbill.store.database import SQLITE


def backup(url: str, destination: Path) -> None:
    """SQLite: a checked copy of one state, durable when this returns. PostgreSQL: a custom-format dump by `pg_dump`.

    Raises Refused, with the reason, and leaves no half-written file behind.
    """
    partial = destination.with_name(destination.name + ".partial")
    try:
        if url.startswith(SQLITE):
            _copy(Path(url.removeprefix(SQLITE)), partial)
        else:
            _dump(url, partial)
        partial.replace(destination)
        _sync(destination.parent)
    except (OSError, sqlite3.Error) as error:
        raise Refused(f"the backup failed: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: Path, partial: Path) -> None:
    if not source.exists():
        raise Refused(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(partial)) as copy:
        origin.backup(copy)
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise Refused(f"the copy is damaged: {found}")
    _sync(partial)


def _dump(url: str, partial: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Refused("backing up PostgreSQL needs pg_dump (Debian: postgresql-client)")
    command = [program, "--format=custom", f"--file={partial}", f"--dbname={url}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our own words
    if done.returncode != 0:
        raise Refused(f"pg_dump failed: {done.stderr.strip()[:500]}")
    _sync(partial)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
