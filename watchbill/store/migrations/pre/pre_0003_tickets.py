"""Tickets that are worked on, and what is said about them."""

import sqlalchemy as sa
from alembic import op

from watchbill.store.migrations.types import text

revision = "pre_0003"
down_revision = "pre_0002"
branch_labels = None
depends_on = None

INT, TEXT = sa.BigInteger(), text()


def upgrade() -> None:
    """A node of the version before writes tickets without these columns, hence the defaults. `incident` is the first
    that a ticket belongs to, 0 for none."""
    for name, kind, default in (("updated_at", INT, "0"), ("status", TEXT, "New"), ("priority", TEXT, "Normal")):
        op.add_column("ticket", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_index("ticket_created", "ticket", ["org", "created_at"])
    op.create_index("ticket_updated", "ticket", ["org", "updated_at"])
    op.create_index("ticket_status", "ticket", ["org", "status", "number"])
    closed = sa.text("status = 'Closed'")
    op.create_index("ticket_closed", "ticket", ["updated_at"], sqlite_where=closed, postgresql_where=closed)
    op.create_table(
        "remark",
        sa.Column("org", INT, nullable=False, autoincrement=False),
        sa.Column("ticket", INT, nullable=False, autoincrement=False),
        sa.Column("number", INT, nullable=False, autoincrement=False),
        sa.Column("at", INT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("org", "ticket", "number"),
    )
