"""Schedules (reference, part 4.2)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from watchbill.api.datadog.documents import (
    Data,
    Resource,
    answer,
    check_id,
    data_of,
    included_paths,
    number_asked,
    path_id,
    resource,
    to_many,
)
from watchbill.api.datadog.layers import layer_resource, layers_asked, member_resources, member_users
from watchbill.api.datadog.owners import owned_by, owners
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.api.datadog.queries import Free, condition_of
from watchbill.api.datadog.references import teams_included, users_included
from watchbill.api.datadog.weekly import zone_asked
from watchbill.asgi.dialect import delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.conditions import compiled
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.record import replace
from watchbill.domain.rota import Layer, Schedule
from watchbill.domain.slugs import spoken
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal

TYPE = "schedules"
PATHS = ("teams", "layers", "layers.members", "layers.members.user")
DEFAULT_PAGE = 10
LARGEST_PAGE = 100
BY_NAME = Free(("name",), ignore_case=True)


# --- What is answered


def schedule_resource(org: Organization, schedule: Schedule) -> Resource:
    attributes = {"name": schedule.name, "time_zone": schedule.zone, "tags": []}
    return resource(TYPE, schedule.id, attributes, {"layers": _layers(schedule), "teams": _teams(org, schedule)})


def schedule_in_policy(org: Organization, schedule: Schedule) -> Resource:
    """As a policy includes it (recorded without tags)."""
    attributes = {"name": schedule.name, "time_zone": schedule.zone}
    return resource(TYPE, schedule.id, attributes, {"layers": _layers(schedule), "teams": _teams(org, schedule)})


def _listed(org: Organization, schedule: Schedule) -> Resource:
    attributes = {"name": schedule.name, "time_zone": schedule.zone, "tags": []}
    return resource(TYPE, schedule.id, attributes, {"teams": _teams(org, schedule)})


def _layers(schedule: Schedule) -> Mapping[str, Any]:
    return to_many("layers", (layer.id for layer in schedule.layers))


def _teams(org: Organization, schedule: Schedule) -> Mapping[str, Any]:
    return to_many("teams", owners(org, schedule))


def _included(org: Organization, schedule: Schedule, paths: Container[str]) -> list[Resource]:
    found: list[Resource] = []
    if "layers" in paths:
        found += [layer_resource(layer) for layer in schedule.layers]
    if "layers.members" in paths:
        found += [member for layer in schedule.layers for member in member_resources(layer)]
    if "layers.members.user" in paths:
        found += users_included(org, _users(schedule))
    if "teams" in paths:
        found += teams_included(org, owners(org, schedule))
    return found


def _users(schedule: Schedule) -> Iterable[str]:
    return dict.fromkeys(id for layer in schedule.layers for id in member_users(layer) if id is not None)


def _said(org: Organization, schedule: Schedule, call: Call, status: int = 200) -> Reply:
    paths = included_paths(call, PATHS)
    return answer(schedule_resource(org, schedule), _included(org, schedule, paths) if paths else None, status)


# --- What is asked


def asked(org: Organization, data: Data, stored: Schedule) -> Schedule:
    """The schedule as the request has it: everything that this dialect can say is replaced. New layers have no id."""
    layers = layers_asked(data.attributes.each("layers"), stored.layers, org.users)
    changed = replace(
        stored,
        name=data.attributes.text("name"),
        zone=zone_asked(data.attributes, "time_zone"),
        layers=tuple(layers),
    )
    return owned_by(org, changed, data.links("teams", "teams") or ())


def schedule_of(org: Organization, call: Call) -> Schedule:
    """The schedule in the path. Raises NotFound."""
    found = org.schedules.get(path_id(call, "schedule_id"))
    if found is None:
        raise NotFound("schedule not found")
    return found


def _kept(tx: Tx, call: Call, org: Organization, schedule: Schedule) -> tuple[Organization, Schedule]:
    layers = tuple(_identified(tx, call, layer) for layer in schedule.layers)
    changes = [Change("schedule", schedule.id, replace(schedule, layers=layers))]
    after = directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return after, after.schedules[schedule.id]


def _identified(tx: Tx, call: Call, layer: Layer) -> Layer:
    return layer if layer.id else replace(layer, id=tx.new_id(call.now))


# --- Operations


def create(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    data = data_of(call, TYPE)
    demand(org, call, Permission.ON_CALL_WRITE, data.links("teams", "teams") or ())
    slug = spoken(data.attributes.text("name"), {one.slug.lower() for one in org.schedules.values()}, "schedule")
    number = tx.next_numbers(org.number, "schedule", 1)[0]
    blank = Schedule(tx.new_id(call.now), number, slug, "", "UTC", ())
    after, schedule = _kept(tx, call, org, asked(org, data, blank))
    return _said(after, schedule, call, 201)


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    return _said(org, schedule_of(org, call), call)


def update(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    stored = schedule_of(org, call)
    demand(org, call, Permission.ON_CALL_WRITE, stored.team_ids)
    data = data_of(call, TYPE)
    check_id(data, stored.id)
    after, schedule = _kept(tx, call, org, asked(org, data, stored))
    return _said(after, schedule, call)


def remove(tx: Tx, call: Call) -> Reply:
    """Policies that page it go on without it (reference, part 5.6)."""
    org = tx.organization(call.caller.org)
    stored = schedule_of(org, call)
    demand(org, call, Permission.ON_CALL_WRITE, stored.team_ids)
    directory.apply(tx, org.number, removal(org, "schedule", stored.id), call.caller.actor.name, call.now)
    return Reply(204)


def listed(tx: Tx, call: Call) -> Reply:
    """By name, a page at a time."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    size = number_asked(call, "page[size]", DEFAULT_PAGE, 1, LARGEST_PAGE)
    number = number_asked(call, "page[number]", 0)
    found = sorted(_found(org, call.asked("filter[query]") or ""), key=lambda one: (one.name.lower(), one.id))
    page = found[number * size : (number + 1) * size]
    included = None
    if included_paths(call, ("teams",)):
        included = [team for schedule in page for team in teams_included(org, owners(org, schedule))]
    return answer([_listed(org, one) for one in page], included, meta={"page": _meta(number, size, len(found))})


def _found(org: Organization, query: str) -> Iterable[Schedule]:
    condition = condition_of(query, BY_NAME, "filter[query]")
    if condition is None:
        return org.schedules.values()

    def known(schedule: Schedule, name: str) -> Sequence[str]:
        if name == "team.id":
            return owners(org, schedule)
        if name == "user.id":
            return tuple(_users(schedule))
        return (schedule.name,) if name == "name" else ()

    fits = compiled(condition)
    return [one for one in org.schedules.values() if fits(partial(known, one))]


def _meta(number: int, size: int, total: int) -> Mapping[str, Any]:
    """A page past the end has the last one before it."""
    last = max(0, (total - 1) // size)
    return {
        "type": "number_size",
        "number": number,
        "size": size,
        "total": total,
        "first_number": 0,
        "prev_number": min(number - 1, last) if number else None,
        "next_number": number + 1 if number < last else None,
        "last_number": last,
    }


PLACE = "/api/v2/on-call/schedules"
ROUTES = (
    get(PLACE, listed),
    post(PLACE, create),
    get(PLACE + "/{schedule_id}", show),
    put(PLACE + "/{schedule_id}", update),
    delete(PLACE + "/{schedule_id}", remove),
)
