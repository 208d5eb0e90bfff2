"""What a body says of an incident (reference, part 6.2). References that are not known are kept as they came."""

import json
from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp import desk
from watchbill.api.opsramp.alert_ids import alert_named
from watchbill.api.opsramp.bodies import Body, as_object, echo, needed, objects, text, whole, worded
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.domain.ticketing import priority_of
from watchbill.domain.tickets import NORMAL, STATUSES, Revision
from watchbill.usecases.ports import Tx

ECHOED = (
    *("cc", "toEmail", "requester", "assignedUser", "assigneeGroup", "category", "subCategory", "businessImpact"),
    *("urgency", "resources", "customFields", "dueDate", "ticketArisedTime", "parentId", "extTicketId", "problem"),
    *("changeRequest", "attachedRequests", "knowledgeArticleIds", "notes", "reason"),
)
OBJECTS = (
    *("requester", "assignedUser", "assigneeGroup", "category", "subCategory", "businessImpact", "urgency"),
    *("problem", "changeRequest"),
)
REFERENCES = ("resources", "attachedRequests")
LISTS = ("resources", "customFields", "attachedRequests", "knowledgeArticleIds")
TEXTS = ("cc", "toEmail", "dueDate", "ticketArisedTime", "parentId", "extTicketId", "notes", "reason")
SUBJECT = 1000


def revision_of(body: Body) -> Revision:
    """Raises Invalid."""
    fields = echo(body, ECHOED)
    fields |= {name: _reference(body, name) for name in OBJECTS if name in fields}
    fields |= {name: [worded(one) for one in objects(body, name) or ()] for name in REFERENCES if name in fields}
    if "customFields" in fields:
        fields["customFields"] = [_custom_field(one) for one in objects(body, "customFields") or ()]
    for kind, names, what in ((list, LISTS, "A list"), (str, TEXTS, "A text")):
        for name in names:
            if name in fields and not isinstance(fields[name], kind):
                raise Invalid(f"{what} is needed", name)
    return Revision(
        status=_status(body),
        priority=_priority(body),
        subject=needed(body, "subject", SUBJECT) if body.get("subject") is not None else None,
        description=text(body, "description"),
        reason=text(body, "reason") or "",
        notes=text(body, "notes") or "",
        fields=fields,
    )


def _reference(body: Body, name: str) -> Body:
    """Raises Invalid."""
    return worded(as_object(body[name], name), ("id",))


def _custom_field(told: Body) -> Body:
    """What it says in the types that are published, a number as its text; anything else says nothing. Raises
    Invalid."""
    options, selected, value = told.get("options"), told.get("selectedOption"), told.get("value")
    return {
        **worded(told),
        **({"value": json.dumps(value)} if isinstance(value, int | float) else {}),
        **{name: told[name] for name in ("mandatory", "editable") if isinstance(told.get(name), bool)},
        **({"options": [worded(one) for one in objects(told, "options") or ()]} if options is not None else {}),
        **({"selectedOption": worded(as_object(selected, "selectedOption"))} if selected is not None else {}),
    }


def _status(body: Body) -> str | None:
    told = text(body, "status")
    found = next((status for status in STATUSES if status.lower() == (told or "").strip().lower()), None)
    if told and found is None:
        raise Invalid(f"One of {', '.join(STATUSES)} is needed", "status")
    return found


def _priority(body: Body) -> str | None:
    told = text(body, "priority")
    found = priority_of(told) if told else None
    if told and found is None:
        raise Invalid("One of Very Low, Low, Normal, High, Urgent is needed", "priority")
    return found


def alert_meant(tx: Tx, org: Organization, body: Body) -> Incident | None:
    """The alert of `alertId`; 0 is none. Raises Invalid for one that is not there."""
    number = whole(body, "alertId")
    if not number:
        return None
    try:
        owner, incident = alert_named(tx, org, str(number))
    except NotFound as error:
        raise Invalid(error.message, "alertId") from error
    if owner.number != org.number:
        raise Invalid("The alert is another tenant's", "alertId")
    return incident


def completed(org: Organization, revision: Revision, incident: Incident | None) -> tuple[str, Mapping[str, Any]]:
    """The priority of a new incident, and its fields: what was not told follows from what was, or from the alert."""
    fields = dict(revision.fields)
    if revision.priority is not None:
        fields = {**desk.from_priority(org, revision.priority), **fields}
    told = desk.priority_from(org, fields.get("businessImpact"), fields.get("urgency"))
    if incident is not None and "resources" not in fields and incident.host:
        fields["resources"] = [{"name": incident.host, "type": "DEVICE"}]
    return revision.priority or told or NORMAL, fields
