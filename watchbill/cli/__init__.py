"""The command line. Every command takes --database and --json; exit codes: 0 fine, 1 found something or refused,
2 wrongly asked, 3 the database can't be reached."""

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

from cyclopts import App, Parameter

from watchbill import config
from watchbill.cli import apply as applying
from watchbill.cli import asking, founding
from watchbill.cli import doctor as examining
from watchbill.cli import export as exporting
from watchbill.cli import serve as serving
from watchbill.cli import who as asking_who
from watchbill.cli.session import FINE, Session, guarded, session
from watchbill.cli.times import duration, moment
from watchbill.store.backup import backup as back_up

app = App(name="watchbill", help="On-call and paging that you run yourself.", version_flags=["--version"])

DatabaseUrl = Annotated[
    str | None,
    Parameter(help="sqlite:///PATH or postgresql://…; else WATCHBILL_DATABASE; else a file in your data directory."),
]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]
Org = Annotated[str | None, Parameter(help="The organization's slug; not needed while there is only one.")]
When = Annotated[str, Parameter(help="now, +2h, or an ISO time, local to --zone when it has no offset.")]


def _in_session(database: str | None, as_json: bool, run: Callable[[Session], int | None]) -> int:
    def opened() -> int | None:
        with session(database, as_json) as one:
            return run(one)

    return guarded(opened, as_json)


def _shown(one: Session, result: tuple[Any, Any, int]) -> int:
    data, shown, code = result
    one.show(data, shown)
    return code
