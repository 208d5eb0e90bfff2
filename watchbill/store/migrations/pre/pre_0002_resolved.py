"""Resolved incidents by the moment of it, and by key: for lists of what is over, and for searching the history."""

import sqlalchemy as sa
from alembic import op

revision = "pre_0002"
down_revision = "pre_0001"
branch_labels = None
depends_on = None

RESOLVED = sa.text("phase = 'resolved'")


def upgrade() -> None:
    for name, columns in {
        "incident_resolved": ["org", "phase_at"],
        "incident_resolved_key": ["org", "key", "number"],
    }.items():
        op.create_index(name, "incident", columns, sqlite_where=RESOLVED, postgresql_where=RESOLVED)
