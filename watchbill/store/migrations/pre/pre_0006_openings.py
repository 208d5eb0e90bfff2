"""What incidents that opened alike have in common, kept once."""

import sqlalchemy as sa
from alembic import op

from watchbill.store.migrations.types import text

revision = "pre_0006"
down_revision = "pre_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("org", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("course", text(), nullable=False),
        sa.Column("entries", text(), nullable=False),
        sa.PrimaryKeyConstraint("org", "number"),
    )
    op.add_column("incident", sa.Column("opening", sa.BigInteger()))
