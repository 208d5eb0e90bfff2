"""What the store keeps and tells besides the entities: the records that travel between it and the use cases."""

from typing import Any

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.delivery import Delivery
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import Urgency
from watchbill.domain.record import record
from watchbill.domain.tickets import Ticket
from watchbill.domain.timeline import Entry


@record
class Alert:
    """An alert as stored. `incident` is None when it opened or joined none. `raw_of` is the alert that carries the raw
    body when several came in one."""

    id: str
    org: int
    integration_id: str
    received_at: int
    event: AlertEvent
    incident: int | None = None
    raw_of: str | None = None


@record
class Credential:
    """A key or password, by the SHA-256 digest of what was handed out; the secret itself is not stored.

    `kind`: "ingest", "victorops", "datadog_api", "datadog_app", "opsramp", "web". `subject_id` is the integration or
    user it speaks for; `name` is the public half (an API id, a user name) where there is one. `hash` is a slow hash
    where people choose the secret (passwords), else empty.
    """

    digest: bytes
    org: int
    kind: str
    subject_id: str
    name: str = ""
    readonly: bool = False
    created_at: int = 0
    hash: str = ""


@record
class Saved:
    """One incident's share of a transaction. `before` is None for a new incident; a save is refused (LostRace) when the
    stored version is not `before.version`. `entries` become one leaf of the timeline."""

    before: Incident | None
    after: Incident
    wake_at: int | None
    entries: tuple[Entry, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    tickets: tuple[Ticket, ...] = ()


@record
class Opening:
    """Incidents that opened alike in one transaction. What is kept of each is as in `like`, which is of an incident
    without a number; `incidents` are they: what each has of its own (opening.own), and the ids of its deliveries, in
    the order of those of `like`."""

    like: Saved
    incidents: list[tuple[tuple[Any, ...], tuple[str, ...]]]


@record
class IncidentQuery:
    """A page of an organization's incidents, newest number first. `before_number`: go on below that number (keyset).

    All filters hold; of the alternatives in one, any does. `numbers` are ranges, both ends included. `services` also
    finds what has no service by its title. `paged` is the id of a user who is paged, or was since the incident last
    began. `offset` passes over the newest: its cost grows with it.
    """

    org: int
    phases: tuple[Phase, ...] = ()
    routing_key: str | None = None
    urgency: Urgency | None = None
    opened_from: int | None = None
    opened_until: int | None = None
    before_number: int | None = None
    limit: int = 100
    key: str | None = None
    numbers: tuple[tuple[int, int], ...] = ()
    hosts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    paged: str | None = None
    offset: int = 0
    states: tuple[Signal, ...] = ()


@record
class TicketQuery:
    """A page of an organization's tickets, newest number first. Moments: from (inclusive) until (exclusive)."""

    org: int
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    created_from: int | None = None
    created_until: int | None = None
    updated_from: int | None = None
    updated_until: int | None = None
    before_number: int | None = None
    limit: int = 100


@record
class AlertQuery:
    """A page of alerts, newest first: of one incident, or of the organization. `before_id`: continue below (keyset).
    Moments: from (inclusive) until (exclusive)."""

    org: int
    incident: int | None = None
    before_id: str | None = None
    received_from: int | None = None
    received_until: int | None = None
    limit: int = 100


@record
class Health:
    """Figures for self-alarms and metrics: counts, and the oldest due moment of each queue (None: nothing waits)."""

    open_incidents: int
    oldest_wake_at: int | None
    stuck_incidents: int
    waiting_deliveries: int
    oldest_delivery_due_at: int | None
