"""Runs the migrations. Alembic and SQLAlchemy are loaded here only, and `store/schema.py` calls on this only when the
tables are behind: the server starts faster and smaller without them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import StaticPool

from watchbill.store.schema import FOLDER, Stage, revisions

# Nodes that start together take turns by this lock; the number only has to be nobody else's.
LOCK = 7_206_170_619


def upgrade(dialect: str, connection: Any, stages: tuple[Stage, ...]) -> None:
    """All of it is one transaction: either the tables are new afterwards, or they are as they were."""
    engine = sa.create_engine(f"{dialect}://", creator=lambda: connection, poolclass=StaticPool)
    sa.event.listen(engine, "begin", BEGIN[dialect])
    with engine.begin() as opened:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(str(FOLDER / stage) for stage in Stage))
        config.attributes["connection"] = opened
        for stage in stages:
            if revisions(stage):
                command.upgrade(config, f"{stage}@head")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


BEGIN: dict[str, Callable[[sa.Connection], None]] = {
    "sqlite+pysqlite": _begin_sqlite,
    "postgresql+psycopg": _begin_postgresql,
}
