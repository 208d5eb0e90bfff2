"""One server a SQLite file: two would send with the settings of whichever comes first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchbill.domain.errors import Conflict
from watchbill.store.database import SQLITE
from watchbill.store.sqlite import MEMORY


@contextmanager
def only_server(url: str) -> Iterator[None]:
    """Holds the file for as long as it runs; a server that dies lets go. Other commands, and PostgreSQL, need no lock.

    Raises Conflict when another server has it.
    """
    path = url.removeprefix(SQLITE)
    if not url.startswith(SQLITE) or path == MEMORY:
        yield
        return
    lock = Path(path + ".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"another server runs on {path}; several servers need PostgreSQL") from error
        yield
