"""One send over one channel: what is sent, what came of it, and what to do next."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from watchbill.domain.people import Urgency
from watchbill.domain.record import record


class Outcome(StrEnum):
    """A channel's answer to one send.

    ACCEPTED: the provider took it (it may still report a receipt). RETRY: it may work later. NEVER: it can't work, so
    don't try this contact over this provider again.
    """

    ACCEPTED = "accepted"
    RETRY = "retry"
    NEVER = "never"


@record
class Verdict:
    """`reason` is for people and never holds a secret. `after`: microseconds the provider asked to wait before a retry.

    `reference`: the provider's own id of the message, for receipts and replies.
    """

    outcome: Outcome
    reason: str = ""
    after: int | None = None
    reference: str = ""


class Purpose(StrEnum):
    """Why something is sent: a person is paged, a machine is told (webhook, chat or e-mail of a step), a notice, a
    test, or the question whether a contact is the person's own.
    """

    PAGE = "page"
    STEP = "step"
    NOTICE = "notice"
    TEST = "test"
    VERIFY = "verify"


@record
class Subject:
    """One incident as a message shows it. `state` is the alert's. `fields` are those of the last alert, as it was
    received; only what a machine is told has them."""

    number: int
    title: str
    message: str
    urgency: Urgency
    phase: str
    opened_at: int
    alert_count: int
    routing_key: str
    service: str
    host: str
    tool: str
    reason: str
    annotations: tuple[tuple[str, str, str], ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    key: str = ""
    state: str = ""
    last_alert_at: int = 0


@record
class Message:
    """What a channel gets to send. `subjects` has several incidents when pages were bundled, the most urgent first.

    `delivery_id` is the idempotency key: the same for every try. `code` is a short reference by which a reply is
    matched. `links` are absolute addresses: "incident", and for a page "acknowledge" and "resolve" (signed, one use);
    "verify" for the question whether the contact is the person's own.
    `at` is the moment of this try, `held` how many incidents
    of a bundle are not listed. `zone` is the reader's.
    """

    delivery_id: str
    organization: str
    purpose: Purpose
    address: str
    subjects: tuple[Subject, ...]
    at: int
    attempt: int
    code: str = ""
    recipient: str = ""
    zone: str = "UTC"
    held: int = 0
    links: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


class State(StrEnum):
    """WAITING and CLAIMED are open; the others are final.

    SENT: the provider took it. DELIVERED: it reported a receipt, or the person answered. CARRIED: it left inside
    another delivery's message (a bundle). FAILED: gave up. DROPPED: no longer useful, with the reason.
    """

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    CARRIED = "carried"
    FAILED = "failed"
    DROPPED = "dropped"


@record
class Delivery:
    """One send over one channel, as it is stored. `incident` is the incident's number, None for a notice or a test.

    `due_at` is the next try; a claim moves it on by the lease, so a dead node's work comes up again. `attempts` counts
    the rounds of tries over all providers, `provider` is the index of the one whose turn it is (0: the first),
    `refused_by` has those that said never. `first_due_at` never moves.
    """

    id: str
    org: int
    incident: int | None
    purpose: Purpose
    channel: str
    address: str
    urgency: Urgency
    reason: str
    created_at: int
    first_due_at: int
    due_at: int
    state: State = State.WAITING
    user_id: str | None = None
    contact_id: str | None = None
    paging: int = 0
    run: int = 0
    through_ack: bool = False
    attempts: int = 0
    provider: int = 0
    refused_by: tuple[int, ...] = ()
    sent_at: int | None = None
    carrier_id: str | None = None
    reference: str = ""
    verdict: str = ""
    answered_at: int | None = None
    claimed_by: str = ""
