"""Addresses that one client guesses, for lack of a description: it knows no others (reference, end of part 2.2)."""

from collections.abc import Mapping, Sequence

from watchbill.api.victorops.incidents import incident_number
from watchbill.api.victorops.maintenance import begin, finish, show_one
from watchbill.api.victorops.members import told
from watchbill.api.victorops.oncall import current
from watchbill.api.victorops.oncall_log import read_log
from watchbill.api.victorops.responding import by_user, named
from watchbill.api.victorops.times import iso
from watchbill.asgi.dialect import Route, delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.timeline import Entry
from watchbill.usecases import access, incidents
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

V1 = "/api-public/v1"
# The newest of an organization's timeline: this client can't ask for more.
MOST = 100


def timeline(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    incident = tx.incident(org.number, incident_number(call.params["incidentNumber"]))
    entries = tx.timeline(org.number, incident.number)
    return Reply(body={"incidentNumber": str(incident.number), "timeline": [to_wire(entry) for entry in entries]})


def timeline_of_all(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body={"timeline": [to_wire(entry) for entry in tx.org_timeline(org.number, 0, MOST)]})


def organization(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body={"companyId": org.slug, "name": org.name})


def to_wire(entry: Entry) -> Mapping[str, object]:
    return {"at": iso(entry.at), "kind": str(entry.kind), "message": entry.text} | told(by=entry.actor)


ROUTES: Sequence[Route] = (
    post(f"{V1}/incidents/acknowledge", named(incidents.acknowledge)),
    post(f"{V1}/incidents/resolve", named(incidents.resolve)),
    post(f"{V1}/incidents/ack-all", by_user(incidents.acknowledge)),
    post(f"{V1}/incidents/resolve-all", by_user(incidents.resolve)),
    get(f"{V1}/incidents/{{incidentNumber}}/timeline", timeline),
    get("/api-public/v2/oncall/current", current),
    get(f"{V1}/org", organization),
    get(f"{V1}/org/timeline", timeline_of_all),
    get(f"{V1}/reporting/oncall/{{team}}", read_log),
    post(f"{V1}/maintenancemode", begin),
    get(f"{V1}/maintenancemode/{{instanceId}}", show_one),
    delete(f"{V1}/maintenancemode/{{instanceId}}", finish),
)
