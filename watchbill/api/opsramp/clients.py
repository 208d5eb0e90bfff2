"""The partner, and the clients that it has (reference, part 2). What a client is told of beside its name is kept."""

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.bodies import Body, body_of, echo, needed, objects, text
from watchbill.api.opsramp.kept import UPDATED
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import alternatives, asked_true, filters, span, within
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import DETAILS, T, activated, details, organization, tenant, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.api.opsramp.zones import shown, zone_of
from watchbill.asgi.dialect import get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.record import replace
from watchbill.domain.slugs import spoken
from watchbill.usecases.access import Right, demand
from watchbill.usecases.directory import apply
from watchbill.usecases.ports import Tx

KEYS = (
    *("uniqueId", "name", "activeStatus"),
    *("startCreationDate", "endCreationDate", "startUpdationDate", "endUpdationDate"),
)
ECHOED = (
    *("extOrgId", "address", "channel", "nocDetails", "city", "state", "zip", "country", "rdp2swfState"),
    *("enableCLIRecording", "phoneNumber", "phoneExtension", "mobileNumber", "showCopyClipBoard"),
    *("resourceDecommission", "whiteListedIps", "clientDetails", "agentPolicies", "addOns", "packages"),
)
ACTIVATED, TIME_ZONE, BY = "activated", "timeZone", "by"
SORTS: Mapping[str, Callable[[Organization], Any]] = {
    "client.id": lambda org: org.number,
    "name": lambda org: org.name.lower(),
}
PASSWORD_POLICY = {"defaultPolicy": True, "minPasswordLength": 7, "enablePasswordConstraints": True}


# --- Reading


def show_partner(tx: Tx, call: Call) -> Reply:
    """Raises NotFound for a client: so it is told from a partner."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    if org.parent is not None:
        raise NotFound(f"{tenant_id(org)} is no partner")
    return Reply(body=_whole(org))


def minimal(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    return Reply(body=[{"uniqueId": tenant_id(one), "name": one.name} for one in _clients(tx, org)])


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    given = filters(call, KEYS)
    names, unique = alternatives(given.get("name")), alternatives(given.get("uniqueId"))
    made = span(given, "startCreationDate", "endCreationDate")
    moved = span(given, "startUpdationDate", "endUpdationDate")
    active = given.get("activeStatus")
    found = [
        one
        for one in _clients(tx, org)
        if (not names or one.name.lower() in names)
        and (not unique or tenant_id(one) in unique)
        and (active is None or activated(one) is (asked_true(active) or active.lower() == "active"))
        and within(one.created_at, made)
        and within(_updated_at(one), moved)
    ]
    return paged(wanted(call, SORTS), found, SORTS, _row)


def show(tx: Tx, call: Call) -> Reply:
    return Reply(body=_whole(_client(tx, call, Right.SEE)))


def by_id_alone(tx: Tx, call: Call) -> Reply:
    """A client by its id, however it is asked for (reference, part 2)."""
    org = organization(tx, call, "client")
    demand(org, call.caller, Right.SEE)
    return Reply(body={"client": {"id": org.number, "uniqueId": tenant_id(org), "name": org.name}})


def context(tx: Tx, call: Call) -> Reply:
    """The tenant of the key."""
    org = tx.organization(call.caller.org)
    told = {"id": org.number, "uniqueId": tenant_id(org), "name": org.name}
    return Reply(body={"partner" if org.parent is None else "client": told})


def _clients(tx: Tx, org: Organization) -> list[Organization]:
    return list(tx.organizations(tx.client_numbers(org.number)).values()) if org.parent is None else []


def _client(tx: Tx, call: Call, right: Right) -> Organization:
    """A client of the tenant, active or not; a client itself may look at itself. Raises NotFound."""
    org = tenant(tx, call)
    found = organization(tx, call, "client")
    if found.parent is None or org.number not in (found.parent, found.number):
        raise NotFound(f"No client found with id {call.params['client'][:100]}")
    demand(found, call.caller, right)
    return found


def _body(org: Organization) -> Mapping[str, Any]:
    found = details(org)
    return found.body if found is not None else {}


def _updated_at(org: Organization) -> int:
    at = _body(org).get(UPDATED)
    return at if isinstance(at, int) else org.created_at


def _row(org: Organization) -> Mapping[str, Any]:
    by = author(org, str(_body(org).get(BY) or ""))
    return {
        "id": org.number,
        "uniqueId": tenant_id(org),
        "name": org.name,
        "activated": activated(org),
        "createdTime": stamp(org.created_at),
        "updatedTime": stamp(_updated_at(org)),
        "createdBy": by,
        "lastUpdatedBy": by,
    }


def _whole(org: Organization) -> Mapping[str, Any]:
    told = {name: value for name, value in _body(org).items() if name in ECHOED}
    zone_name = str(_body(org).get(TIME_ZONE) or "UTC")
    whole = {**_row(org), **told, "timeZone": shown(zone_name)["name"], "passwordPolicy": PASSWORD_POLICY}
    return whole if org.parent is None else {**whole, "mspId": f"msp_{org.parent}"}


# --- Writing


def create(tx: Tx, call: Call) -> Reply:
    """Raises NotFound below a client: only a partner has clients."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    if org.parent is not None:
        raise NotFound(f"{tenant_id(org)} is no partner")
    body = body_of(call)
    for field in ("name", "address", "country"):
        needed(body, field, 200)
    if body.get(TIME_ZONE) is None:
        raise Invalid("timeZone is mandatory", TIME_ZONE)
    name = needed(body, "name", 200).strip()
    made = tx.create_organization(_free_slug(tx, name), name, org.number, call.now)
    _keep(tx, call, made, _told(body))
    return Reply(body={"uniqueId": tenant_id(made), "name": made.name})


def _free_slug(tx: Tx, name: str) -> str:
    slugs = {org.slug for org in tx.organizations(tx.organization_numbers()).values()}
    return spoken(name, slugs, "client")


def change(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org = _client(tx, call, Right.GOVERN)
    body = body_of(call)
    name = text(body, "name", 200)
    if name is not None and name.strip() and name.strip() != org.name:
        org = tx.rename_organization(org.number, name.strip())
    org = _keep(tx, call, org, _told(body))
    return Reply(body=_whole(org))


def act(tx: Tx, call: Call) -> Reply:
    active = ACTIONS.get(call.params["action"].lower())
    if active is None:
        raise Invalid(f"There is no action {call.params['action'][:100]}", "action")
    org = _client(tx, call, Right.GOVERN)
    if call.caller.org == org.number:
        raise NotFound(f"No client found with id {tenant_id(org)}")
    _keep(tx, call, org, {ACTIVATED: active})
    return Reply()


def _told(body: Body) -> Mapping[str, Any]:
    objects(body, "agentPolicies")
    told = echo(body, ECHOED)
    return {**told, TIME_ZONE: zone_of(body[TIME_ZONE], TIME_ZONE)} if body.get(TIME_ZONE) is not None else told


def _keep(tx: Tx, call: Call, org: Organization, told: Mapping[str, Any]) -> Organization:
    document = details(org) or Document(tx.new_id(call.now), 1, DETAILS, tenant_id(org), created_at=call.now)
    by = document.body.get(BY, call.caller.actor.name)
    body = {**document.body, **told, BY: by, UPDATED: call.now}
    change = Change("document", document.id, replace(document, body=body))
    return apply(tx, org.number, [change], call.caller.actor.name, call.now)


# What is terminated can't be told from what is suspended, but for the name of what was done: nothing is thrown away.
ACTIONS = {"activate": True, "suspend": False, "terminate": False}

ROUTES = [
    get(T, show_partner, quota=READS),
    get(f"{T}/clients/minimal", minimal, quota=READS),
    get(f"{T}/clients/search", search, quota=SEARCHES),
    post(f"{T}/clients", create, quota=WRITES),
    get(f"{T}/clients/{{client}}", show, quota=READS),
    post(f"{T}/clients/{{client}}", change, quota=WRITES),
    post(f"{T}/clients/{{client}}/{{action}}", act, quota=WRITES),
    get("/api/v2/tenants/client/{client}", by_id_alone, quota=READS),
    get("/itop/tenancyContext", context, quota=READS),
]
