"""What tickets learn from: training files, what their rows fit, and tickets that were closed."""

import sqlalchemy as sa
from alembic import op

from watchbill.store.migrations.types import text

revision = "pre_0004"
down_revision = "pre_0003"
branch_labels = None
depends_on = None

INT, TEXT, BYTES = sa.BigInteger(), text(), sa.LargeBinary()


def upgrade() -> None:
    op.create_table(
        "training_file",
        *_columns(INT, "org created_at"),
        *_columns(TEXT, "category state body"),
        *_columns(BYTES, "content"),
        sa.PrimaryKeyConstraint("org", "category"),
    )
    queued = sa.text("state = 'queued'")
    op.create_index("training_queued", "training_file", ["created_at"], sqlite_where=queued, postgresql_where=queued)
    op.create_table(
        "training_group",
        *_columns(INT, "org"),
        *_columns(TEXT, "category body"),
        *_columns(BYTES, "key"),
        sa.PrimaryKeyConstraint("org", "category", "key"),
    )
    op.create_table(
        "training_case",
        *_columns(INT, "org ticket at"),
        *_columns(BYTES, "key"),
        *_columns(TEXT, "body"),
        sa.PrimaryKeyConstraint("org", "key", "ticket"),
    )
    op.create_index("training_case_ticket", "training_case", ["org", "ticket"])


def _columns(kind: sa.BigInteger | sa.Text | sa.LargeBinary, names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=False, autoincrement=False) for name in names.split()]
