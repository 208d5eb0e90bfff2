"""Incidents: made, shown, changed, closed, attached to alerts (reference, parts 5.6, 6.1). They are tickets of ours."""

from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.alert_ids import alert_of
from watchbill.api.opsramp.bodies import Body, body_of, needed, objects, one, text
from watchbill.api.opsramp.envelope import no_resource
from watchbill.api.opsramp.incident_bodies import SUBJECT, alert_meant, completed, revision_of
from watchbill.api.opsramp.incident_talk import add_files, add_response
from watchbill.api.opsramp.incident_wire import incident
from watchbill.api.opsramp.quotas import READS, TICKETS
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.tickets import CLOSED, NEW, Revision, Ticket
from watchbill.usecases import tickets
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx


def ticket_of(tx: Tx, call: Call, right: Right) -> tuple[Organization, Ticket]:
    """Raises NotFound, Forbidden."""
    org = tenant(tx, call)
    demand(org, call.caller, right)
    return org, ticket_named(tx, org, call.params["incident"])


def ticket_named(tx: Tx, org: Organization, public: str) -> Ticket:
    """Raises NotFound."""
    number = ids.number_of(ids.INCIDENT, public)
    found = tx.tickets_by_number(org.number, [number]).get(number) if number is not None else None
    if found is None:
        raise no_resource(public)
    return found


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.RESPOND)
    body = body_of(call)
    revision, alert = revision_of(body), alert_meant(tx, org, body)
    priority, fields = completed(org, revision, alert)
    draft = Ticket(
        org=org.number,
        number=0,
        created_at=call.now,
        status=revision.status or NEW,
        priority=priority,
        subject=needed(body, "subject", SUBJECT),
        description=needed(body, "description"),
        incidents=(alert.number,) if alert is not None else (),
        fields=fields,
    )
    made = tickets.create(tx, draft, call.caller.actor, call.now)
    add_files(tx, call, made, objects(body, "attachments"))
    return Reply(body=incident(org, made))


def show(tx: Tx, call: Call) -> Reply:
    return Reply(body=incident(*ticket_of(tx, call, Right.SEE)))


def change(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org, ticket = ticket_of(tx, call, Right.RESPOND)
    return Reply(body=incident(org, _changed(tx, call, org, ticket, body_of(call))))


def _changed(tx: Tx, call: Call, org: Organization, ticket: Ticket, body: Body) -> Ticket:
    alert = alert_meant(tx, org, body)
    after = tickets.revise(tx, org.number, ticket.number, revision_of(body), call.caller.actor, call.now)
    if alert is not None:
        after = tickets.attach(tx, after, alert.number, call.caller.actor, call.now)
    add_files(tx, call, after, objects(body, "attachments"))
    response = one(body, "response")
    if response is not None:
        add_response(tx, call, org, after, response)
    return after


def close(tx: Tx, call: Call) -> Reply:
    """What is closed stays so, with the words it was closed with."""
    org, ticket = ticket_of(tx, call, Right.RESPOND)
    body = body_of(call)
    if ticket.status != CLOSED:
        told: Mapping[str, Any] = {name: text(body, name) or "" for name in ("reason", "notes")}
        revision = replace(Revision(status=CLOSED, fields=told), reason=told["reason"], notes=told["notes"])
        ticket = tickets.revise(tx, org.number, ticket.number, revision, call.caller.actor, call.now)
    return Reply(body=incident(org, ticket))


def attach(tx: Tx, call: Call) -> Reply:
    """The alert belongs to the incident from now on; the body is one of an update."""
    org, alert = alert_of(tx, call)
    demand(org, call.caller, Right.RESPOND)
    ticket = ticket_named(tx, org, call.params["incident"])
    ticket = _changed(tx, call, org, ticket, body_of(call))
    tickets.attach(tx, ticket, alert.number, call.caller.actor, call.now)
    return Reply()


def change_of_alert(tx: Tx, call: Call) -> Reply:
    """Raises NotFound when it is not the alert's."""
    org, alert = alert_of(tx, call)
    demand(org, call.caller, Right.RESPOND)
    ticket = ticket_named(tx, org, call.params["ticket"])
    if alert.number not in ticket.incidents:
        raise no_resource(call.params["ticket"])
    _changed(tx, call, org, ticket, body_of(call))
    return Reply()


INCIDENT = f"{T}/incidents/{{incident}}"
ROUTES = [
    post(f"{T}/incidents", create, quota=TICKETS),
    get(INCIDENT, show, quota=READS),
    post(INCIDENT, change, quota=TICKETS),
    post(f"{INCIDENT}/close", close, quota=TICKETS),
    post(f"{T}/alerts/{{alert}}/incidents/{{incident}}/attach", attach, quota=TICKETS),
    put(f"{T}/alerts/{{alert}}/tickets/{{ticket}}/update", change_of_alert, quota=TICKETS),
]
