"""Rosters: named sets of shifts, which are schedules of ours in which everybody on shift is on call (part 4)."""

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.bodies import Body, body_of, needed, text
from watchbill.api.opsramp.kept import CREATED, UPDATED, created_at, keeping, kept, updated_at
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import asked_true, filters
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.roster_shifts import moved, shift, shifts_of
from watchbill.api.opsramp.tenancy import T, activated, tenant, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.api.opsramp.zones import shown, zone_of
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.record import replace
from watchbill.domain.rota import Mode, Schedule
from watchbill.domain.slugs import spoken
from watchbill.usecases.access import Right, demand
from watchbill.usecases.directory import apply
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal

Held = tuple[Organization, Schedule]
SORTS: Mapping[str, Callable[[Held], Any]] = {
    "id": lambda held: (created_at(held[1]), held[0].number, held[1].number),
    "name": lambda held: held[1].name.lower(),
}


def roster_id(schedule: Schedule) -> str:
    return ids.ROSTER + schedule.id


def find_roster(org: Organization, public: str) -> Schedule | None:
    return org.schedules.get(ids.inner(ids.ROSTER, public))


# --- Out


def row(org: Organization, schedule: Schedule) -> Mapping[str, Any]:
    if org.parent is None:
        owner: Mapping[str, Any] = {"allClients": True}
    else:
        client = {"id": org.number, "uniqueId": tenant_id(org), "name": org.name, "activated": activated(org)}
        owner = {"client": client}
    return {
        "id": roster_id(schedule),
        "name": schedule.name,
        "description": str(kept(schedule).get("description") or ""),
        "createdTime": stamp(created_at(schedule)),
        "updatedTime": stamp(updated_at(schedule)),
        "timeZone": shown(schedule.zone),
        **owner,
    }


def roster(org: Organization, schedule: Schedule) -> Mapping[str, Any]:
    return {**row(org, schedule), "shiftDetails": [shift(org, schedule, layer) for layer in schedule.layers]}


def show(tx: Tx, call: Call) -> Reply:
    org, schedule = _one(tx, call, Right.SEE)
    return Reply(body=roster(org, schedule))


def search(tx: Tx, call: Call) -> Reply:
    """Of a partner those of its clients too, when all are asked for."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    given = filters(call, ("name", "allList"))
    below = tx.client_numbers(org.number) if org.parent is None and asked_true(given.get("allList")) else ()
    found = [
        (one, schedule)
        for one in (org, *tx.organizations(below).values())
        for schedule in one.schedules.values()
        if given.get("name") in (None, schedule.name)
    ]
    return paged(wanted(call, SORTS), found, SORTS, lambda held: row(*held))


def _one(tx: Tx, call: Call, right: Right) -> Held:
    """Raises NotFound, Forbidden."""
    org = tenant(tx, call)
    schedule = find_roster(org, call.params["roster"])
    if schedule is None:
        raise NotFound(f"No roster found with id {call.params['roster'][:100]}")
    demand(org, call.caller, right, teams=schedule.team_ids)
    return org, schedule


# --- In


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.TEAM)
    body = body_of(call)
    name = needed(body, "name", 200).strip()
    made = Schedule(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "schedule", 1)[0],
        slug=spoken(name, {one.slug.lower() for one in org.schedules.values()}, "roster"),
        name=name,
        zone=_zone(body),
        layers=(),
        mode=Mode.UNION,
    )
    return _kept(tx, call, org, keeping(made, {CREATED: call.now}), body)


def change(tx: Tx, call: Call) -> Reply:
    """The whole roster is told; what this dialect can't say of it stays."""
    org, schedule = _one(tx, call, Right.TEAM)
    body = body_of(call)
    schedule = moved(schedule, _zone(body))
    named = replace(schedule, name=needed(body, "name", 200).strip())
    return _kept(tx, call, org, keeping(named, {**kept(named), UPDATED: call.now}), body)


def _zone(body: Body) -> str:
    if body.get("timeZone") is None:
        raise Invalid("timeZone is mandatory", "timeZone")
    return zone_of(body["timeZone"], "timeZone")


def _kept(tx: Tx, call: Call, org: Organization, schedule: Schedule, body: Body) -> Reply:
    if any(one.name == schedule.name and one.id != schedule.id for one in org.schedules.values()):
        raise Invalid(f"There is a roster {schedule.name} already", "name")
    description = text(body, "description")
    if description is not None:
        schedule = keeping(schedule, {**kept(schedule), "description": description})
    schedule = shifts_of(tx, call, org, schedule, body)
    actor = call.caller.actor.name
    org = apply(tx, org.number, [Change("schedule", schedule.id, schedule)], actor, call.now)
    return Reply(body=roster(org, schedule))


def remove(tx: Tx, call: Call) -> Reply:
    org, schedule = _one(tx, call, Right.TEAM)
    apply(tx, org.number, removal(org, "schedule", schedule.id), call.caller.actor.name, call.now)
    return Reply()


ROSTER = f"{T}/rosters/{{roster}}"
ROUTES = [
    post(f"{T}/rosters", create, quota=WRITES),
    get(f"{T}/rosters/search", search, quota=SEARCHES),
    get(ROSTER, show, quota=READS),
    post(ROSTER, change, quota=WRITES),
    delete(ROSTER, remove, quota=WRITES),
]
