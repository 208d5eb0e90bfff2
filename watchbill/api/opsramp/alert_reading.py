"""One alert, what was said and done about it, and its older shapes (reference, part 5.4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.alert_ids import NO_ALERT, alert_number, alert_of
from watchbill.api.opsramp.alert_wire import alert, status_history, with_fields
from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.envelope import no_resource
from watchbill.api.opsramp.events import ALERT_TYPES
from watchbill.api.opsramp.paging import USUAL_SIZE, paged, wanted
from watchbill.api.opsramp.query import filters, span
from watchbill.api.opsramp.quotas import READS, SEARCHES
from watchbill.api.opsramp.tenancy import T, tenant, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.asgi.dialect import get, only_reads, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import NotFound
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.domain.records import Alert, AlertQuery
from watchbill.domain.ticketing import STATES
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

OLD = "/api/v2/alerts/tenants/{tenant}"
COMMENT_TYPE = 5


def _seen(tx: Tx, call: Call) -> tuple[Organization, Incident]:
    org, incident = alert_of(tx, call)
    demand(org, call.caller, Right.SEE)
    return org, incident


def show(tx: Tx, call: Call) -> Reply:
    return Reply(body=alert(with_fields(tx, [_seen(tx, call)])[0], call.now))


def by_event(tx: Tx, call: Call) -> Reply:
    """The alert that an event went into, be it of a client of the tenant. Raises NotFound."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    event = call.params["event"]
    scope = [org.number, *(tx.client_numbers(org.number) if org.parent is None else ())]
    for number in scope:
        found = tx.alerts_by_id([(number, event)]).get((number, event))
        if found is not None and found.incident is not None:
            incident = tx.incident(number, found.incident)
            return Reply(body=alert(with_fields(tx, [(tx.organization(number), incident)])[0], call.now))
    raise NotFound(NO_ALERT.format(event[:100]))


def comments(tx: Tx, call: Call) -> Reply:
    org, incident = _seen(tx, call)
    said = [entry for entry in tx.timeline(org.number, incident.number) if entry.kind is Kind.CHAT]
    sorts = {"created_date": lambda entry: entry.at}

    def row(entry: Entry) -> Mapping[str, Any]:
        return {
            "cumulativeAlertId": alert_number(incident),
            "commentType": COMMENT_TYPE,
            "description": entry.text,
            "createdBy": author(org, entry.actor),
            "createdDate": stamp(entry.at),
        }

    return paged(wanted(call, sorts), said, sorts, row)


def occurrences(tx: Tx, call: Call) -> Reply:
    """The newest first, without page numbers: the next page ends where this one does. Moments are told in seconds, so
    a page ends between two of them where it can."""
    org, incident = _seen(tx, call)
    low, high = span(filters(call, ("startTime", "endTime")), "startTime", "endTime")
    until = None if high is None else high - SECOND
    query = AlertQuery(org.number, incident.number, None, low, until, USUAL_SIZE + 1)
    found = tx.alerts(query)
    shown = _whole_seconds(found)
    return Reply(
        body={
            "results": [_occurrence(incident, one) for one in shown],
            "pageSize": USUAL_SIZE,
            "nextPage": len(found) > len(shown),
            "startDate": stamp(low if low is not None else incident.opened_at),
            "endDate": stamp(shown[-1].received_at if shown else incident.opened_at),
            "descendingOrder": True,
        }
    )


def _whole_seconds(found: Sequence[Alert]) -> Sequence[Alert]:
    if len(found) <= USUAL_SIZE:
        return found
    cut = found[USUAL_SIZE].received_at // SECOND
    return [one for one in found if one.received_at // SECOND > cut] or found[:USUAL_SIZE]


def _occurrence(incident: Incident, one: Alert) -> Mapping[str, Any]:
    return {
        "uniqueId": str(alert_number(incident)),
        "subject": one.event.title,
        "description": one.event.message,
        "currentState": STATES.get(one.event.signal, one.event.signal.value.title()),
        "createdTimeString": stamp(one.received_at),
    }


def history(tx: Tx, call: Call) -> Reply:
    _, incident = _seen(tx, call)
    return Reply(body={"alertId": alert_number(incident), **status_history(incident)})


def old_shape(tx: Tx, call: Call) -> Reply:
    return Reply(body=[_old(tx, call, *_seen(tx, call))])


def of_ticket(tx: Tx, call: Call) -> Reply:
    """The alerts of an incident of this dialect. Raises NotFound."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    given = call.params["ticket"]
    number = ids.number_of(ids.INCIDENT, given)
    if number is None:
        raise no_resource(given)
    ticket = tx.tickets_by_number(org.number, [number]).get(number)
    if ticket is None:
        raise no_resource(given)
    found = tx.incidents_by_number([(org.number, one) for one in ticket.incidents])
    return Reply(body=[_old(tx, call, org, incident) for incident in found.values()])


def _old(tx: Tx, call: Call, org: Organization, incident: Incident) -> Mapping[str, Any]:
    """The shape of an older API: milliseconds, and the ticket under another name."""
    body = dict(alert(with_fields(tx, [(org, incident)])[0], call.now))
    body["createdTime"] = incident.opened_at // 1000
    if "incidentId" in body:
        body["tktId"] = body.pop("incidentId")
    if org.parent is not None:
        partner = tx.organization(org.parent)
        body |= {"mspId": tenant_id(partner), "mspName": partner.name}
    return body


def alert_types(tx: Tx, call: Call) -> Reply:
    return Reply(body=[word.upper() for word in ALERT_TYPES if word != "Integration Failure"])


def sub_alert_types(tx: Tx, call: Call) -> Reply:
    """There are no kinds of alert below those of `alertType`."""
    demand(tenant(tx, call), call.caller, Right.SEE)
    return Reply(body=[])


def alert_sources(tx: Tx, call: Call) -> Reply:
    """The sources of alerts that the caller's organization has."""
    org = tx.organization(call.caller.org)
    rows = [
        {"id": one.number, "name": one.name, "displayName": one.name, "techUid": one.kind.upper()}
        for one in org.integrations.values()
    ]
    return Reply(body=rows)


ROUTES = [
    get(f"{T}/alerts/{{alert}}", show, quota=READS),
    get(f"{T}/alerts/event/{{event}}", by_event, quota=READS),
    get(f"{T}/alerts/{{alert}}/comments", comments, quota=SEARCHES),
    get(f"{T}/alerts/{{alert}}/occurrences", occurrences, quota=SEARCHES),
    get(f"{T}/alertStatusHistory/{{alert}}", history, quota=READS),
    get(f"{OLD}/alerts/{{alert}}", old_shape, quota=READS),
    get(f"{OLD}/tickets/{{ticket}}", of_ticket, quota=READS),
    get("/api/v2/alertTypes", alert_types, quota=READS),
    only_reads(post(f"{T}/subAlertTypes", sub_alert_types, quota=READS)),
    get("/api/v2/cfg/alertSource/available/custIntg/{integration}", alert_sources, quota=READS),
]
