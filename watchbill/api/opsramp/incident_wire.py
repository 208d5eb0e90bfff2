"""An incident as it is shown (reference, part 6.2): what was said, with what is known of it filled in."""

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.api.opsramp import desk, ids, people
from watchbill.api.opsramp.alert_ids import numbered as alert_number
from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.kept import kept
from watchbill.api.opsramp.tenancy import activated, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team
from watchbill.domain.slugs import number_from
from watchbill.domain.tickets import CLOSED, STATUSES, Passage, Ticket

Body = Mapping[str, Any]
# Parts that are left out of a list unless they are asked for.
CUSTOM_FIELDS, STATUS_FLOW = "customFields", "statusFlow"
KINDS: Mapping[str, str] = {
    "businessImpact": desk.IMPACT,
    "urgency": desk.URGENCY,
    "category": desk.CATEGORY,
    "subCategory": desk.CATEGORY,
}
USERS = ("requester", "assignedUser")
# What a custom field is, where it says nothing of itself.
CUSTOM_FIELD = {
    "classCode": "INCIDENT",
    "fieldType": "TYPE_TEXT",
    "mandatory": False,
    "editable": True,
    "description": "",
    "defaultValue": "",
}


def incident_id(ticket: Ticket) -> str:
    return ids.numbered(ids.INCIDENT, ticket.number)


def incident(org: Organization, ticket: Ticket, include: Iterable[str] = (CUSTOM_FIELDS, STATUS_FLOW)) -> Body:
    fields = {name: value for name, value in ticket.fields.items() if name not in (CUSTOM_FIELDS, STATUS_FLOW)}
    told = {name: _enriched(org, name, value) for name, value in fields.items()}
    whole = {
        "id": incident_id(ticket),
        "subject": ticket.subject,
        "description": ticket.description,
        "status": ticket.status,
        "oldStatus": ticket.old_status,
        "priority": ticket.priority,
        "oldPriority": ticket.old_priority,
        **told,
        **_history(org, ticket),
        "alertIds": [alert_number(org.number, number) for number in ticket.incidents],
        "client": {"id": org.number, "uniqueId": tenant_id(org), "name": org.name, "activated": activated(org)},
        "allowedStatus": _allowed(ticket),
        **_source(org, ticket),
        "slaDetails": {"resolutionTime": 0, "responseTime": 0, "responseBreach": False, "resolutionBreach": False},
    }
    if CUSTOM_FIELDS in include:
        whole[CUSTOM_FIELDS] = [_custom(one) for one in _list(ticket.fields.get(CUSTOM_FIELDS))]
    if STATUS_FLOW in include:
        whole[STATUS_FLOW] = _flow(org, ticket)
    return whole


def _enriched(org: Organization, name: str, value: object) -> object:
    if name in KINDS:
        return desk.enriched(org, KINDS[name], value)
    if not isinstance(value, Mapping):
        return value
    if name in USERS:
        user = people.user_meant(org, value)
        return {**people.member(user), **_told(value)} if user is not None else value
    if name == "assigneeGroup":
        team = people.group_meant(org, value)
        return {**_group(team), **_told(value)} if team is not None else value
    return value


def _told(value: Body) -> dict[str, Any]:
    return {name: told for name, told in value.items() if told not in (None, "")}


def _group(team: Team) -> dict[str, Any]:
    told = {"id": team.number, "uniqueId": people.group_id(team), "name": team.name, "description": team.description}
    return {**told, "email": str(kept(team).get("email") or ""), "userCount": len(team.members)}


def _history(org: Organization, ticket: Ticket) -> dict[str, Any]:
    told = {
        "createdUser": author(org, ticket.created_by),
        "createdDate": stamp(ticket.created_at),
        "updatedDate": stamp(ticket.updated_at or ticket.created_at),
        "priorityUpdatedBy": author(org, ticket.priority_by),
        "priorityUpdatedDate": stamp(ticket.priority_at or ticket.created_at),
        "statusUpdatedBy": author(org, ticket.status_by),
        "statusUpdatedDate": stamp(ticket.status_at or ticket.created_at),
        "reOpenCount": ticket.reopened,
    }
    if ticket.resolved_at is not None:
        told["resolvedDate"] = stamp(ticket.resolved_at)
    if ticket.closed_at is not None:
        last: Passage | None = ticket.flow[-1] if ticket.flow else None
        told |= {"closedDate": stamp(ticket.closed_at), "closedSummary": last.notes if last is not None else ""}
    return told


def _allowed(ticket: Ticket) -> list[Body]:
    """Where it may go from here; nobody is held to it."""
    if ticket.status == CLOSED:
        return []
    others = [(place, status) for place, status in enumerate(STATUSES, 1) if status not in (ticket.status, STATUSES[0])]
    return [
        {"id": str(place), "name": status, "reasonsEnabled": False, "reasonsDefined": False} for place, status in others
    ]


def _source(org: Organization, ticket: Ticket) -> dict[str, Any]:
    """Where it comes from: a policy of ours, or this API."""
    alert_id = alert_number(org.number, ticket.incidents[0]) if ticket.incidents else None
    entity = {"sourceEntityType": "ALERT", "sourceEntityTypeId": str(alert_id)} if alert_id is not None else {}
    if not ticket.policy_id:
        told = {"source": "INTEGRATION", "sourceEntityType": "INCIDENT", "sourcePolicyType": "INTEGRATION"}
        external = {"sourceEntityTypeId": ticket.fields.get("extTicketId", "")} if not entity else {}
        return {**told, **external, **entity}
    policy = org.policies.get(ticket.policy_id)
    name = policy.name if policy is not None else ""
    return {
        "source": "INTEGRATION",
        "sourcePolicyType": "AUTOINCIDENT",
        "sourcePolicyTypeId": str(number_from(ticket.policy_id)),
        "policy": {"id": ids.POLICY + ticket.policy_id, "name": name, "policyType": "ESCALATION_POLICY"},
        **entity,
    }


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _custom(one: object) -> object:
    if not isinstance(one, Mapping):
        return one
    return {**CUSTOM_FIELD, "displayLabel": one.get("name", ""), **one, "customField": True}


def _flow(org: Organization, ticket: Ticket) -> list[Body]:
    """`timeSpent`: seconds until the next status, 0 for the present one."""
    ends = [*(one.at for one in ticket.flow[1:]), None]
    return [
        {
            "status": one.status,
            "timeSpent": (end - one.at) // SECOND if end is not None else 0,
            "createdDate": stamp(one.at),
            "updatedBy": author(org, one.by),
            "reason": one.reason,
            "notes": one.notes,
        }
        for one, end in zip(ticket.flow, ends, strict=False)
    ]
