"""Whether the tables are as this version of Watchbill needs them, and bringing them there.

Migrations come in two stages. PRE is run before the first new node starts and leaves old nodes working: it only adds.
POST is run when the last old node is gone, and may remove what only they needed.
"""

import importlib
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from watchbill.domain.errors import Invalid

FOLDER = Path(__file__).parent / "migrations"
VERSIONS = "SELECT version_num FROM alembic_version"


class Stage(StrEnum):
    PRE = "pre"
    POST = "post"


BOTH = (Stage.PRE, Stage.POST)


@cache
def revisions(stage: Stage) -> tuple[str, ...]:
    """Names of the stage's revisions, rising. A file is named after its revision and a word: pre_0001_first.py."""
    names = sorted(path.name for path in (FOLDER / stage).glob(f"{stage}_*.py"))
    return tuple("_".join(name.split("_")[:2]) for name in names)


def is_current(applied: set[str], stages: tuple[Stage, ...]) -> bool:
    """A database that a newer version has migrated already is current too: PRE leaves old nodes working."""
    return all(not revisions(stage) or _newest(applied, stage) >= revisions(stage)[-1] for stage in stages)


def demand_ours(applied: set[str], tables: bool) -> None:
    """Raises Invalid for a database that is another program's, or a newer version's that removed what this one needs.

    `tables`: there are some although nothing was `applied`.
    """
    strange = {name for name in applied if not name.startswith(tuple(Stage))}
    if strange or (tables and not applied):
        raise Invalid("the database has tables of another program in it; give Watchbill one of its own")
    if _newest(applied, Stage.POST) > max(revisions(Stage.POST), default=""):
        raise Invalid(
            "the database is of a newer version of Watchbill, which this one can't work with; install that one"
        )


def upgrade(dialect: str, connection: Any, stages: tuple[Stage, ...]) -> None:
    run: Callable[[str, Any, tuple[Stage, ...]], None] = importlib.import_module("watchbill.store.migrate").upgrade
    run(dialect, connection, stages)


def _newest(applied: set[str], stage: Stage) -> str:
    return max((name for name in applied if name.startswith(stage)), default="")
