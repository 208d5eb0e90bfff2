"""`watchbill serve`, apart from the other commands: it loads nothing that only they need."""

import os
from typing import Annotated

from cyclopts import Parameter

from watchbill import config
from watchbill.cli import serve as serving
from watchbill.cli.ending import guarded
from watchbill.cli.options import Database


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    url: str | None = None,
    database: Database = None,
    fd: Annotated[int | None, Parameter(show=False)] = None,
    parent: Annotated[int, Parameter(show=False)] = 0,
) -> int:
    """Take alerts and page, until stopped.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port to listen on; 0 takes a free one.
    workers
        Processes; more than one needs PostgreSQL.
    url
        How this server is reached from outside, for links in pages.
    """

    def run() -> None:
        if fd is not None:
            serving.work(config.read(os.environ, database, url), fd, parent)
            return
        serving.check(config.read(os.environ, database), workers)
        with serving.bound_socket(host, port) as listener:
            reached = url or os.environ.get("WATCHBILL_URL") or serving.address_of(listener)
            serving.serve(config.read(os.environ, database, reached), listener, workers)

    return guarded(run, False)
