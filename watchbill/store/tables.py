"""The tables as the hand-written statements see them. `migrations/` makes them; a test compares the two."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

INT, TEXT, BYTES = "bigint", "text", "bytea"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """`columns` maps each name, in the order in which rows are written, to its PostgreSQL type."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def names(self) -> str:
        return ", ".join(self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Upsert:
    """Rows that are added, or replace these columns of the row with the same key; without columns, that row stays."""

    table: Table
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Rows hold the new values of `columns`, then the values of `match` that the row must have to be changed."""

    table: Table
    columns: tuple[str, ...]
    match: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A query for many keys at once. `sql` reads them from `wanted`, whose columns are `keys` with their types.

    `lock`, where the engine locks rows: in which order and how.
    """

    keys: Mapping[str, str]
    sql: str
    lock: str = ""


def table(name: str, key: str, /, **columns: str) -> Table:
    return Table(name, tuple(key.split()), MappingProxyType(columns))


ORGANIZATION = table(
    "organization",
    "number",
    number=INT,
    id=TEXT,
    slug=TEXT,
    name=TEXT,
    parent=INT,
    version=INT,
    created_at=INT,
)
CONFIG = table(
    "config",
    "org kind id",
    org=INT,
    kind=TEXT,
    id=TEXT,
    seq=INT,
    born=INT,
    place=INT,
    body=TEXT,
)
AUDIT = table(
    "audit",
    "org seq place",
    org=INT,
    seq=INT,
    place=INT,
    at=INT,
    actor=TEXT,
    kind=TEXT,
    id=TEXT,
    before=TEXT,
    after=TEXT,
)
CREDENTIAL = table(
    "credential",
    "digest",
    digest=BYTES,
    org=INT,
    kind=TEXT,
    subject_id=TEXT,
    name=TEXT,
    readonly=INT,
    created_at=INT,
    hash=TEXT,
)
SECRET = table("secret", "name", name=TEXT, value=BYTES)
COUNTER = table("counter", "org name", org=INT, name=TEXT, value=INT)
PLAN = table("plan", "org digest", org=INT, digest=BYTES, body=TEXT)
INCIDENT = table(
    "incident",
    "org number",
    org=INT,
    number=INT,
    id=TEXT,
    key=TEXT,
    phase=TEXT,
    urgency=TEXT,
    state=TEXT,
    routing_key=TEXT,
    opened_at=INT,
    phase_at=INT,
    last_alert_at=INT,
    version=INT,
    alert_count=INT,
    last_alert_id=TEXT,
    muted=INT,
    wake_at=INT,
    live=INT,
    plan=BYTES,
    opening=INT,
    head=TEXT,
    course=TEXT,
)
OPENING = table("opening", "org number", org=INT, number=INT, last=INT, course=TEXT, entries=TEXT)
TIMELINE = table("timeline", "org incident seq part", org=INT, incident=INT, seq=INT, part=INT, entries=TEXT)
TICKET = table(
    "ticket",
    "org number",
    org=INT,
    number=INT,
    incident=INT,
    created_at=INT,
    updated_at=INT,
    status=TEXT,
    priority=TEXT,
    body=TEXT,
)
REMARK = table("remark", "org ticket number", org=INT, ticket=INT, number=INT, at=INT, kind=TEXT, body=TEXT)
ALERT = table(
    "alert",
    "org id",
    org=INT,
    id=TEXT,
    incident=INT,
    integration_id=TEXT,
    received_at=INT,
    raw_of=TEXT,
    content_type=TEXT,
    event=TEXT,
    raw=BYTES,
)
DELIVERY = table(
    "delivery",
    "org id",
    org=INT,
    id=TEXT,
    incident=INT,
    contact=TEXT,
    rank=INT,
    state=TEXT,
    due_at=INT,
    sent_at=INT,
    attempts=INT,
    claimed_by=TEXT,
    body=TEXT,
)
SEAT = table("seat", "org key", org=INT, key=TEXT, incident=INT, since=INT)
TURN = table("turn", "org step_id", org=INT, step_id=TEXT, used=INT)

TRAINING_FILE = table(
    "training_file",
    "org category",
    org=INT,
    category=TEXT,
    created_at=INT,
    state=TEXT,
    body=TEXT,
    content=BYTES,
)
TRAINING_GROUP = table("training_group", "org category key", org=INT, category=TEXT, key=BYTES, body=TEXT)
TRAINING_CASE = table("training_case", "org key ticket", org=INT, key=BYTES, ticket=INT, at=INT, body=TEXT)

TABLES = (
    ORGANIZATION,
    CONFIG,
    AUDIT,
    CREDENTIAL,
    SECRET,
    COUNTER,
    PLAN,
    INCIDENT,
    OPENING,
    TIMELINE,
    TICKET,
    REMARK,
    ALERT,
    DELIVERY,
    SEAT,
    TURN,
    TRAINING_FILE,
    TRAINING_GROUP,
    TRAINING_CASE,
)
