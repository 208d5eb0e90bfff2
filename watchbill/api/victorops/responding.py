"""What people do about incidents: acknowledge, resolve, reroute (reference, parts 2.2.4 to 2.2.8)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from watchbill.api.victorops.auth import acting_user
from watchbill.api.victorops.bodies import body_of, required
from watchbill.api.victorops.incident_wire import paged_users
from watchbill.api.victorops.members import number_of
from watchbill.api.victorops.targets import MOST as MOST_TARGETS
from watchbill.api.victorops.targets import WireTarget, starts_of_one
from watchbill.asgi.dialect import Route, patch, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Conflict, Invalid, NotFound, Refused
from watchbill.domain.incident import Actor, Incident, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.records import IncidentQuery
from watchbill.domain.routes import Start
from watchbill.usecases import incidents
from watchbill.usecases.ports import Tx

MOST = 10_000
PAGE = 500
T = TypeVar("T")
Verb = Callable[[Tx, int, int, Actor, int, str], Incident]
Wire = Mapping[str, object]
OPEN: Mapping[Verb, tuple[Phase, ...]] = {
    incidents.acknowledge: (Phase.TRIGGERED,),
    incidents.resolve: (Phase.TRIGGERED, Phase.ACKNOWLEDGED),
}


class Named(msgspec.Struct):
    userName: str | None = None
    incidentNames: list[str | int] | None = None
    message: str | None = None


class ByUser(msgspec.Struct):
    userName: str | None = None
    message: str | None = None


class Rerouting(msgspec.Struct):
    incidentNumber: str | int | None = None
    targets: list[WireTarget] | None = None
    addTargets: bool | None = None


class Reroutes(msgspec.Struct):
    """`incidentNames` and `targets`: how one client says that all of these incidents go to the same targets."""

    userName: str | None = None
    reroutes: list[Rerouting] | None = None
    incidentNames: list[str | int] | None = None
    targets: list[WireTarget] | None = None

    def wanted(self) -> list[Rerouting] | None:
        if self.reroutes is not None or self.incidentNames is None:
            return self.reroutes
        return [Rerouting(name, self.targets) for name in self.incidentNames]


def listed(values: list[T] | None, name: str, most: int = MOST) -> list[T]:
    """A list that has to be there. Raises Invalid."""
    found = required(values, name)
    if len(found) > most:
        raise Invalid(f"give at most {most:,}", name)
    return found


def acting(org: Organization, call: Call, name: str | None) -> Actor:
    user = acting_user(org, call, name)
    return Actor(user.username, user.id)


def named(verb: Verb) -> Callable[[Tx, Call], Reply]:
    """The verb done to each incident named: one result each, in their order."""

    def handle(tx: Tx, call: Call) -> Reply:
        org = tx.organization(call.caller.org)
        given = body_of(Named, call)
        actor = acting(org, call, given.userName)
        names = dict.fromkeys(str(name) for name in listed(given.incidentNames, "incidentNames"))
        return Reply(body={"results": [_done(tx, call, verb, name, (actor, given.message or "")) for name in names]})

    return handle


def _done(tx: Tx, call: Call, verb: Verb, name: str, who: tuple[Actor, str]) -> Wire:
    org, number, (actor, message) = call.caller.org, number_of(name), who
    if number is None:
        return _result(name, "", f"Incident {name} not found")
    try:
        return _result(name, verb(tx, org, number, actor, call.now, message).key)
    except NotFound:
        return _result(name, "", f"Incident {name} not found")
    except Conflict as error:
        return _result(name, tx.incident(org, number).key, error.message)


def _result(name: str, key: str, why_not: str = "") -> Wire:
    return {"incidentNumber": name, "entityId": key, "cmdAccepted": not why_not, "message": why_not}


def by_user(verb: Verb) -> Callable[[Tx, Call], Reply]:
    """The verb done to each open incident that the user was paged for."""

    def handle(tx: Tx, call: Call) -> Reply:
        org = tx.organization(call.caller.org)
        given = body_of(ByUser, call)
        actor = acting(org, call, given.userName)
        who = (actor, given.message or "")
        results = [_done(tx, call, verb, str(one.number), who) for one in _paged(tx, org, actor, OPEN[verb])]
        return Reply(body={"results": results})

    return handle


def _paged(tx: Tx, org: Organization, actor: Actor, phases: tuple[Phase, ...]) -> Iterator[Incident]:
    """Page by page, the newest first."""
    query = IncidentQuery(org.number, phases, limit=PAGE, paged=actor.user_id)
    while found := tx.incidents(query):
        yield from (incident for incident in found if actor.user_id in paged_users(incident))
        query = replace(query, before_number=found[-1].number)


def reroute(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    given = body_of(Reroutes, call)
    actor = acting(org, call, given.userName)
    wanted = listed(given.wanted(), "reroutes")
    return Reply(body={"statuses": [_rerouted(tx, call, org, actor, one) for one in wanted]})


def _rerouted(tx: Tx, call: Call, org: Organization, actor: Actor, wanted: Rerouting) -> Wire:
    """Who can be paged is paged, though another target be unknown."""
    name = str(required(wanted.incidentNumber, "incidentNumber"))
    targets = listed(wanted.targets, "targets", MOST_TARGETS)
    found = [_looked_up(org, target) for target in targets]
    starts = tuple(dict.fromkeys(start for starts, _ in found for start in starts))
    why_not = "" if starts else "no target to page"
    if starts:
        verb = incidents.add_responders if wanted.addTargets else incidents.reroute
        try:
            verb(tx, org.number, number_of(name) or 0, starts, actor, call.now)
        except NotFound:
            why_not = f"Incident {name} not found"
        except Conflict:
            why_not = "Incident is resolved"
    statuses = [_target(target, wrong or why_not) for target, (_, wrong) in zip(targets, found, strict=True)]
    unknown = next((wrong for _, wrong in found if wrong), "")
    return _status(name, (why_not or unknown) if starts else (unknown or why_not), statuses)


def _looked_up(org: Organization, target: WireTarget) -> tuple[tuple[Start, ...], str]:
    try:
        return starts_of_one(org, target), ""
    except Refused as error:
        return (), error.message


def _target(target: WireTarget, why_not: str) -> Wire:
    return {"slug": target.slug or "", "success": not why_not, "message": why_not}


def _status(name: str, why_not: str, statuses: Sequence[Wire]) -> Wire:
    return {"incidentNumber": name, "success": not why_not, "message": why_not, "targetStatus": statuses}


ROUTES: tuple[Route, ...] = (
    patch("/api-public/v1/incidents/ack", named(incidents.acknowledge)),
    patch("/api-public/v1/incidents/resolve", named(incidents.resolve)),
    patch("/api-public/v1/incidents/byUser/ack", by_user(incidents.acknowledge)),
    patch("/api-public/v1/incidents/byUser/resolve", by_user(incidents.resolve)),
    post("/api-public/v1/incidents/reroute", reroute),
)
