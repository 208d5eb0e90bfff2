"""Maintenance mode: what is active, begin and end (reference, part 2.6)."""

from collections.abc import Mapping

import msgspec

from watchbill.api.victorops.auth import owner
from watchbill.api.victorops.bodies import body_of
from watchbill.api.victorops.envelope import Told
from watchbill.api.victorops.keeping import keeping, kept
from watchbill.api.victorops.lookups import routing_key_named
from watchbill.api.victorops.members import told
from watchbill.api.victorops.times import millis, moment
from watchbill.asgi.dialect import Route, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.check_values import LONGEST_NAME, LONGEST_TEXT
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.routes import MaintenanceWindow
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import access, maintenance
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

PREFIX = "mm-"
KEYS = "RoutingKeys"
DEFAULT = ".+"
UNNAMED = "Maintenance"


class Start(msgspec.Struct):
    """`endDate` is more than the original has: maintenance that ends by itself. `startDate` and `isGlobal` are what one
    client says besides: refused where they say something else than the rest."""

    type: str | None = None
    names: list[str] | None = None
    purpose: str | None = None
    endDate: str | int | None = None
    startDate: str | int | None = None
    isGlobal: bool | None = None


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body=state(org, call.now))


def begin(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.ALERTS)
    window = _window(tx, call, org, body_of(Start, call))
    try:
        return Reply(body=state(maintenance.begin(tx, org, window, call.caller.actor.name, call.now), call.now))
    except maintenance.TooMany as error:
        raise Told(420, error.message) from error


def _window(tx: Tx, call: Call, org: Organization, given: Start) -> MaintenanceWindow:
    """Raises Invalid and NotFound. Only a list that is there and empty means everything."""
    if given.type is not None and given.type != KEYS:
        raise Invalid(f"'{given.type[:50]}' can't be put into maintenance; use {KEYS}", "type")
    if given.names is None:
        raise Invalid("name the routing keys; an empty list means all of them", "names")
    if given.isGlobal is not None and given.isGlobal == bool(given.names):
        raise Invalid("what is global names no routing keys, and nothing else names none", "isGlobal")
    if given.startDate is not None and moment(given.startDate, "startDate") > call.now:
        raise Invalid("maintenance begins at once", "startDate")
    purpose = given.purpose or ""
    if len(purpose) > LONGEST_TEXT:
        raise Invalid(f"use at most {LONGEST_TEXT} characters", "purpose")
    end = moment(given.endDate, "endDate") if given.endDate is not None else None
    keys = dict.fromkeys(_key_id(org, name) for name in given.names)
    return MaintenanceWindow(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "window", 1)[0],
        slug=PREFIX + call.request.token(16),
        name=" ".join(purpose.split())[:LONGEST_NAME].strip() or UNNAMED,
        start=call.now,
        end=end,
        key_ids=tuple(keys) or None,
        started_by=owner(tx, call.caller, call.request),
        settings=keeping({}, purpose=purpose),
    )


def _key_id(org: Organization, name: str) -> str:
    default = org.default_key
    return default.id if name == DEFAULT and default is not None else routing_key_named(org, name).id


def show_one(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body=to_wire(org, _asked(org, call)))


def _asked(org: Organization, call: Call) -> MaintenanceWindow:
    """Raises NotFound."""
    wanted = call.params["instanceId"]
    window = next((one for one in maintenance.active(org, call.now) if wanted in (instance_id(one), one.slug)), None)
    if window is None:
        raise NotFound(f"No active maintenance mode '{wanted}' found")
    return window


def finish(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.ALERTS)
    window = _asked(org, call)
    return Reply(body=state(maintenance.end(tx, org, window, call.caller.actor.name, call.now), call.now))


def instance_id(window: MaintenanceWindow) -> str:
    return window.slug if window.slug.startswith(PREFIX) else drawn_from(PREFIX, window.id, 32)


def state(org: Organization, now: int) -> Mapping[str, object]:
    instances = [to_wire(org, window) for window in maintenance.active(org, now)]
    return {"companyId": org.slug, "activeInstances": instances}


def to_wire(org: Organization, window: MaintenanceWindow) -> Mapping[str, object]:
    keys = [org.routing_keys[id] for id in window.key_ids or () if id in org.routing_keys]
    purpose = kept(window.settings).get("purpose")
    return told(
        instanceId=instance_id(window),
        startedBy=window.started_by,
        startedAt=millis(window.start),
        endsAt=millis(window.end) if window.end is not None else None,
        targets=[{"type": KEYS, "names": [key.name for key in keys]}],
        isGlobal=window.key_ids is None,
    ) | {"purpose": window.name if purpose is None else purpose}


ROUTES: tuple[Route, ...] = (
    get("/api-public/v1/maintenancemode", show),
    post("/api-public/v1/maintenancemode/start", begin),
    put("/api-public/v1/maintenancemode/{instanceId}/end", finish),
)
