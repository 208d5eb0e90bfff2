"""Tickets: work that outlives the alert it came from, kept with all that is said about it (OpsRamp reference, part 6).

A ticket is made by a step of a policy, or by hand. It may belong to several incidents; an incident has one at a time.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from watchbill.domain.record import record, replace

NEW, OPEN, PENDING, RESOLVED, CLOSED, ON_HOLD = "New", "Open", "Pending", "Resolved", "Closed", "On Hold"
STATUSES = (NEW, OPEN, PENDING, RESOLVED, CLOSED, ON_HOLD)
VERY_LOW, LOW, NORMAL, HIGH, URGENT = "Very Low", "Low", "Normal", "High", "Urgent"
PRIORITIES = (VERY_LOW, LOW, NORMAL, HIGH, URGENT)
# What a remark is: said to the requester, said among those who work on it, or what was changed.
RESPONSE, NOTE, ACTIVITY = "response", "note", "activity"
# What is settled: coming back from here is a reopening.
SETTLED = (RESOLVED, CLOSED)


@record
class Passage:
    """A status that a ticket came to."""

    status: str
    at: int
    by: str
    reason: str = ""
    notes: str = ""


@record
class Ticket:
    """`by` fields are user names, empty for Watchbill itself. `old_status` and `old_priority` are those before the
    latest change; `incidents` the numbers of those it belongs to; `fields` all that is said in it besides."""

    org: int
    number: int
    created_at: int
    updated_at: int = 0
    status: str = NEW
    priority: str = NORMAL
    subject: str = ""
    description: str = ""
    incidents: tuple[int, ...] = ()
    created_by: str = ""
    updated_by: str = ""
    old_status: str = NEW
    old_priority: str = NORMAL
    status_at: int = 0
    status_by: str = ""
    priority_at: int = 0
    priority_by: str = ""
    resolved_at: int | None = None
    closed_at: int | None = None
    reopened: int = 0
    policy_id: str = ""
    step_id: str = ""
    flow: tuple[Passage, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)


@record
class Remark:
    """Something said about a ticket. `kind`: RESPONSE, NOTE, ACTIVITY, or a dialect's own."""

    org: int
    ticket: int
    number: int
    at: int
    kind: str
    by: str = ""
    text: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@record
class Revision:
    """What is to be other in a ticket; None stays as it is. `fields` are added to those it has."""

    status: str | None = None
    priority: str | None = None
    subject: str | None = None
    description: str | None = None
    reason: str = ""
    notes: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@record
class Difference:
    """One attribute that a revision changed."""

    attribute: str
    old: object
    new: object

    def told(self) -> dict[str, object]:
        """As the data of a remark has it."""
        return {"attribute": self.attribute, "old": self.old, "new": self.new}


def fresh(ticket: Ticket, by: str, now: int) -> Ticket:
    """A ticket as it is made, its first passage noted."""
    return replace(
        ticket,
        created_at=now,
        updated_at=now,
        created_by=by,
        updated_by=by,
        old_status=ticket.status,
        old_priority=ticket.priority,
        status_at=now,
        status_by=by,
        priority_at=now,
        priority_by=by,
        resolved_at=now if ticket.status == RESOLVED else None,
        closed_at=now if ticket.status == CLOSED else None,
        flow=(Passage(ticket.status, now, by),),
    )


def revised(ticket: Ticket, revision: Revision, by: str, now: int) -> tuple[Ticket, tuple[Difference, ...]]:
    """The ticket as the revision makes it, and what became other."""
    moved: dict[str, Any] = {"updated_at": now, "updated_by": by, "fields": {**ticket.fields, **revision.fields}}
    for name in ("subject", "description"):
        if getattr(revision, name) is not None:
            moved[name] = getattr(revision, name)
    if revision.priority is not None and revision.priority != ticket.priority:
        moved |= {"priority": revision.priority, "old_priority": ticket.priority}
        moved |= {"priority_at": now, "priority_by": by}
    if revision.status is not None and revision.status != ticket.status:
        moved |= _passing(ticket, revision, by, now)
    after = replace(ticket, **moved)
    return after, tuple(_differences(ticket, after))


def _passing(ticket: Ticket, revision: Revision, by: str, now: int) -> dict[str, Any]:
    status = revision.status or ticket.status
    settled = status in SETTLED
    return {
        "status": status,
        "old_status": ticket.status,
        "status_at": now,
        "status_by": by,
        "resolved_at": (ticket.resolved_at or now) if settled else None,
        "closed_at": now if status == CLOSED else None,
        "reopened": ticket.reopened + (ticket.status in SETTLED and not settled),
        "flow": (*ticket.flow, Passage(status, now, by, revision.reason, revision.notes)),
    }


def _differences(before: Ticket, after: Ticket) -> list[Difference]:
    found = [
        Difference(name, getattr(before, name), getattr(after, name))
        for name in ("status", "priority", "subject", "description")
        if getattr(before, name) != getattr(after, name)
    ]
    names = [name for name, value in after.fields.items() if before.fields.get(name) != value]
    return [*found, *(Difference(name, before.fields.get(name), after.fields[name]) for name in names)]
