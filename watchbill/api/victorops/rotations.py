"""Rotations of a team, which are schedules, and their shifts (reference, part 2.16)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.asked import asked_team
from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.lookups import team_named
from watchbill.api.victorops.members import asked_number
from watchbill.api.victorops.periods import around, shown
from watchbill.api.victorops.shifts import (
    ShiftIn,
    days,
    kind_of,
    layer_of,
    remembering,
    seats,
    shift_id,
    shown_masks,
    zone_of,
)
from watchbill.api.victorops.times import iso, millis
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Team
from watchbill.domain.rota import Layer, Mode, Schedule
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import directory, retiring
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

GROUPS = "/api-public/v1/teams/{team}/rotations"
GROUP = f"{GROUPS}/{{group}}"
MOST = 10_000


class GroupIn(msgspec.Struct):
    label: str | None = None
    shifts: list[ShiftIn] | None = None


# --- Which rotation


def of_team(org: Organization, team: Team) -> list[Schedule]:
    """Schedules of the team, those made elsewhere too."""
    return [schedule for schedule in org.schedules.values() if team.id in schedule.team_ids]


def group_named(org: Organization, call: Call) -> tuple[Team, Schedule]:
    """By its number, or its slug. Raises NotFound."""
    team, name = team_named(org, call.params["team"]), call.params["group"]
    for schedule in of_team(org, team):
        if name in (str(schedule.number), schedule.slug):
            return team, schedule
    raise NotFound(f"No rotation group '{name}' found")


def may_change(org: Organization, call: Call, schedule: Schedule) -> None:
    demand(org, call.caller, Right.TEAM, teams=schedule.team_ids)


def keep(tx: Tx, call: Call, schedule: Schedule) -> Organization:
    changes = [Change("schedule", schedule.id, schedule)]
    return directory.apply(tx, call.caller.org, changes, call.caller.actor.name, call.now)


# --- Shapes


def to_entry(team: Team, schedule: Schedule) -> Mapping[str, Any]:
    return {"teamSlug": team.slug, "slug": schedule.slug, "label": schedule.name, "groupId": schedule.number}


def to_wire_v2(org: Organization, schedule: Schedule, now: int) -> Mapping[str, Any]:
    of = around(org, schedule, now)
    members = {seat.user_id for layer in schedule.layers for seat in seats(layer)}
    return {
        "groupId": schedule.number,
        "label": schedule.name,
        "totalMembersInRotation": len(members),
        "shifts": [
            {"shiftId": shift_id(layer)}
            | _common(org, schedule, layer)
            | {"start": iso(layer.rotation_start)}
            | _duty(layer, of, iso)
            for layer in schedule.layers
        ],
    }


def to_wire(org: Organization, team: Team, schedule: Schedule, now: int) -> Mapping[str, Any]:
    of = around(org, schedule, now)
    return {
        "orgslug": org.slug,
        "teamslug": team.slug,
        "id": schedule.number,
        "slug": schedule.slug,
        "label": schedule.name,
        "shifts": [_shift(org, team, schedule, layer, _duty(layer, of, millis)) for layer in schedule.layers],
    }


def to_wire_shift(org: Organization, team: Team, schedule: Schedule, layer: Layer, now: int) -> Mapping[str, Any]:
    return _shift(org, team, schedule, layer, _duty(layer, around(org, schedule, now), millis))


def _shift(
    org: Organization, team: Team, schedule: Schedule, layer: Layer, duty: Mapping[str, Any]
) -> Mapping[str, Any]:
    fields = {
        "org_slug": org.slug,
        "team_slug": team.slug,
        "rot_id": shift_id(layer),
        "group_id": schedule.number,
        **_common(org, schedule, layer),
        "start": millis(layer.rotation_start),
        **duty,
        "usernames": [org.users[seat.user_id].username for seat in seats(layer)],
    }
    on_duty = duty.get("current", {}).get("username")
    return fields | ({"oncall": on_duty} if on_duty else {})


def _common(org: Organization, schedule: Schedule, layer: Layer) -> dict[str, Any]:
    return {
        "label": layer.name,
        "timezone": zone_of(schedule, layer),
        "duration": days(layer),
        "shifttype": kind_of(schedule, layer),
        **shown_masks(schedule, layer),
        "shiftMembers": [{"username": org.users[seat.user_id].username, "slug": seat.slug} for seat in seats(layer)],
    }


def _duty(layer: Layer, of: Callable[[Layer], Any], when: Callable[[int], Any]) -> dict[str, Any]:
    now, members = of(layer), seats(layer)
    fields: dict[str, Any] = {"periods": [shown(layer, members, one, when) for one in now.all]}
    if now.current:
        fields["current"] = shown(layer, members, now.current, when)
    if now.next:
        fields["next"] = shown(layer, members, now.next, when)
    return fields


# --- Calls


def list_groups(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_named(org, call.params["team"])
    skip, count = asked_number(call, "skip", 0, MOST), asked_number(call, "count", MOST, MOST)
    found = of_team(org, team)[skip : skip + count]
    return Reply(body={"rotationGroups": [to_entry(team, schedule) for schedule in found]})


def list_rotations(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_named(org, call.params["team"])
    return Reply(body={"rotations": [to_wire_v2(org, schedule, call.now) for schedule in of_team(org, team)]})


def create_group(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call, Right.TEAM)
    given = body_of(GroupIn, call)
    shifts = given.shifts or []
    layers = tuple(layer_of(org, shift, tx.new_id(call.now), (team.id,), call.now) for shift in shifts)
    types = {layer.id: shift.shifttype for layer, shift in zip(layers, shifts, strict=True)}
    id = tx.new_id(call.now)
    schedule = Schedule(
        id=id,
        number=tx.next_numbers(org.number, "schedule", 1)[0],
        slug=drawn_from("rtg-", id),
        name=needed(given.label, "label"),
        zone=layers[0].zone or "UTC" if layers else "UTC",
        layers=layers,
        mode=Mode.UNION,
        team_ids=(team.id,),
    )
    schedule = remembering(schedule, types)
    return Reply(body=to_wire(keep(tx, call, schedule), team, schedule, call.now))


def read_group(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule = group_named(org, call)
    return Reply(body=to_wire(org, team, schedule, call.now))


def rename_group(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule = group_named(org, call)
    may_change(org, call, schedule)
    renamed = replace(schedule, name=needed(body_of(GroupIn, call).label, "label"))
    return Reply(body=to_wire(keep(tx, call, renamed), team, renamed, call.now))


def delete_group(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    _, schedule = group_named(org, call)
    may_change(org, call, schedule)
    changes = retiring.of_schedule(org, schedule)
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return Reply(body={"result": "success"})


ROUTES: Sequence[Route] = (
    get(GROUPS, list_groups),
    get("/api-public/v2/team/{team}/rotations", list_rotations),
    post(GROUPS, create_group),
    get(GROUP, read_group),
    put(GROUP, rename_group),
    delete(GROUP, delete_group),
)
