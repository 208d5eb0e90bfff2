"""Which incident was seen last of alerts that belong together."""

import sqlalchemy as sa
from alembic import op

from watchbill.store.migrations.types import text

revision = "pre_0005"
down_revision = "pre_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat",
        sa.Column("org", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("key", text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "key"),
    )
    op.create_index("seat_since", "seat", ["since"])
