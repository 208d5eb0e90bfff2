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


def upgrade(dialect: str, connection: Any, stages: tuple[Stage, ...]) -> None:
    run: Callable[[str, Any, tuple[Stage, ...]], None] = importlib.import_module("watchbill.store.migrate").upgrade
    run(dialect, connection, stages)


def _newest(applied: set[str], stage: Stage) -> str:
    return max((name for name in applied if name.startswith(stage)), default="")
