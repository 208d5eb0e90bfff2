"""The first tables. Every key begins with the organization, so that they can be sharded by it."""

import sqlalchemy as sa
from alembic import op

from watchbill.store.migrations.types import text

revision = "pre_0001"
down_revision = None
branch_labels = ("pre",)
depends_on = None

# Rows that are updated in place while they are worked on: room on their page saves PostgreSQL touching the indexes.
BUSY = {"fillfactor": 85, "autovacuum_vacuum_scale_factor": 0.05, "autovacuum_analyze_scale_factor": 0.05}
INT, TEXT, BYTES = sa.BigInteger(), text(), sa.LargeBinary()
Columns = tuple[sa.BigInteger | sa.Text | sa.LargeBinary, str]


def upgrade() -> None:
    _organizations()
    _credentials()
    _incidents()
    _alerts()
    _deliveries()


def _organizations() -> None:
    _table("organization", "number", (INT, "number version created_at"), (TEXT, "id slug name"), (INT, "parent?"))
    op.create_index("organization_slug", "organization", ["slug"], unique=True)
    _table("config", "org kind id", (INT, "org seq born place"), (TEXT, "kind id body?"))
    op.create_index("config_seq", "config", ["org", "seq"])
    _table("audit", "org seq place", (INT, "org seq place at"), (TEXT, "actor kind id before? after?"))
    # The key's columns first: in any other order SQLite 3.40, checking a table without a rowid, finds NULLs in it.
    _table("counter", "org name", (INT, "org"), (TEXT, "name"), (INT, "value"), rowid=False)
    _table("turn", "org step_id", (INT, "org"), (TEXT, "step_id"), (INT, "used"), rowid=False)


def _credentials() -> None:
    """Looked up before the organization is known, so the one table whose key doesn't begin with it."""
    _table(
        "credential",
        "digest",
        (BYTES, "digest"),
        (INT, "org readonly created_at"),
        (TEXT, "kind subject_id name hash"),
    )
    _partial("credential_name", "credential", ["kind", "name"], "name <> ''")
    op.create_index("credential_org", "credential", ["org"])
    _table("secret", "name", (TEXT, "name"), (BYTES, "value"))


def _incidents() -> None:
    _table(
        "incident",
        "org number",
        (INT, "org number opened_at phase_at last_alert_at version alert_count muted wake_at? live"),
        (TEXT, "id key phase urgency state routing_key last_alert_id head course"),
        (BYTES, "plan"),
        options=BUSY,
    )
    _partial("incident_open_key", "incident", ["org", "key"], "phase <> 'resolved'", unique=True)
    _partial("incident_low", "incident", ["org", "number"], "urgency = 'low'")
    _partial("incident_muted", "incident", ["org", "number"], "muted = 1 AND phase <> 'resolved'")
    _partial("incident_wake", "incident", ["wake_at"], "wake_at IS NOT NULL")
    _partial("incident_stuck", "incident", ["org"], "live = 1 AND wake_at IS NULL")
    _partial("incident_finished", "incident", ["phase_at"], "phase = 'resolved'")
    _partial("incident_routing_key", "incident", ["org", "routing_key", "number"], "routing_key <> ''")
    op.create_index("incident_phase", "incident", ["org", "phase", "number"])
    op.create_index("incident_id", "incident", ["org", "id"], unique=True)
    _table("plan", "org digest", (INT, "org"), (BYTES, "digest"), (TEXT, "body"))
    _table("timeline", "org incident seq part", (INT, "org incident seq part"), (TEXT, "entries"))
    _table("ticket", "org number", (INT, "org number incident created_at"), (TEXT, "body"))
    op.create_index("ticket_incident", "ticket", ["org", "incident"])


def _alerts() -> None:
    _table(
        "alert",
        "org id",
        (INT, "org incident? received_at"),
        (TEXT, "id integration_id raw_of? content_type event"),
        (BYTES, "raw"),
    )
    _partial("alert_incident", "alert", ["org", "incident", "id"], "incident IS NOT NULL")
    _partial("alert_loose", "alert", ["received_at"], "incident IS NULL")


def _deliveries() -> None:
    _table(
        "delivery",
        "org id",
        (INT, "org incident? rank due_at sent_at? attempts"),
        (TEXT, "id contact state claimed_by body"),
        options=BUSY,
    )
    _partial("delivery_due", "delivery", ["rank", "due_at"], "state IN ('waiting', 'claimed')")
    _partial("delivery_incident", "delivery", ["org", "incident", "id"], "incident IS NOT NULL")
    _partial("delivery_sent", "delivery", ["org", "contact", "sent_at"], "sent_at IS NOT NULL")
    _partial("delivery_loose", "delivery", ["due_at"], "incident IS NULL")


def _table(name: str, key: str, *columns: Columns, rowid: bool = True, options: dict[str, float] | None = None) -> None:
    """Columns by their type; a question mark says that one may be empty."""
    made = [
        sa.Column(each.rstrip("?"), kind, nullable=each.endswith("?"), autoincrement=False)
        for kind, names in columns
        for each in names.split()
    ]
    key_columns = sa.PrimaryKeyConstraint(*key.split())
    op.create_table(name, *made, key_columns, sqlite_with_rowid=rowid, postgresql_with=options or {})


def _partial(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)
