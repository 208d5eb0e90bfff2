"""The shifts of a rotation one by one, their members, and who of them is scheduled now (reference, part 2.16)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import body_of, needed, required
from watchbill.api.victorops.people import member_body
from watchbill.api.victorops.periods import around
from watchbill.api.victorops.rotations import GROUP, group_named, keep, may_change, to_wire_shift
from watchbill.api.victorops.shifts import (
    Seat,
    ShiftIn,
    changed_layer,
    demand_single,
    layer_of,
    remembering,
    seats,
    shift_id,
    user_ids,
    zone_of,
)
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Conflict, Invalid, NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team
from watchbill.domain.rota import Layer, Mode, Schedule, Turn
from watchbill.domain.turns import on_duty_now, seated
from watchbill.usecases.ports import Tx

SHIFT = f"{GROUP}/{{shift}}"


class MemberIn(msgspec.Struct):
    """`position` counts from 0."""

    username: str | None = None
    position: int | None = None
    memberSlug: str | None = None
    replacement: str | None = None


# --- Shifts


def shift_named(org: Organization, call: Call) -> tuple[Team, Schedule, Layer]:
    """Raises NotFound."""
    team, schedule = group_named(org, call)
    name = call.params["shift"]
    for layer in schedule.layers:
        if str(shift_id(layer)) == name:
            return team, schedule, layer
    raise NotFound(f"No shift '{name}' found")


def with_layer(schedule: Schedule, layer: Layer, kind: str | None = None) -> Schedule:
    """The schedule with a layer changed, or added at the end; `kind` when its type was told."""
    known = any(one.id == layer.id for one in schedule.layers)
    layers = tuple(layer if one.id == layer.id else one for one in schedule.layers)
    after = replace(schedule, layers=layers if known else (*layers, layer))
    return remembering(after, {layer.id: kind}) if kind else after


def kept_shift(tx: Tx, call: Call, team: Team, schedule: Schedule, layer: Layer) -> Reply:
    org = keep(tx, call, schedule)
    return Reply(body=to_wire_shift(org, team, schedule, layer, call.now))


def add_shift(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule = group_named(org, call)
    may_change(org, call, schedule)
    if schedule.mode is Mode.OVERLAY and schedule.layers:
        raise Conflict(
            f"of the shifts of {schedule.name}, which was made elsewhere, the last one counts: another would take the "
            "place of those before it; add it there"
        )
    given = body_of(ShiftIn, call)
    layer = layer_of(org, given, tx.new_id(call.now), schedule.team_ids, call.now)
    return kept_shift(tx, call, team, with_layer(schedule, layer, given.shifttype), layer)


def read_shift(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule, layer = shift_named(org, call)
    return Reply(body=to_wire_shift(org, team, schedule, layer, call.now))


def change_shift(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule, old = shift_named(org, call)
    may_change(org, call, schedule)
    given = body_of(ShiftIn, call)
    layer = changed_layer(org, schedule, old, given)
    return kept_shift(tx, call, team, with_layer(schedule, layer, given.shifttype), layer)


def delete_shift(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    _, schedule, gone = shift_named(org, call)
    may_change(org, call, schedule)
    left = tuple(layer for layer in schedule.layers if layer.id != gone.id)
    keep(tx, call, replace(schedule, layers=left))
    return Reply(body={"result": "success"})


# --- Members


def add_member(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule, layer = shift_named(org, call)
    may_change(org, call, schedule)
    given = body_of(MemberIn, call)
    [user_id] = user_ids(org, [needed(given.username, "username")], schedule.team_ids)
    order: list[tuple[int | None, Turn]] = list(enumerate(layer.turns))
    order.insert(_place(layer, given.position), (None, Turn((user_id,))))
    return _reseated(tx, call, (team, schedule, layer), order)


def _place(layer: Layer, position: int | None) -> int:
    """Where in the order of turns. Raises Invalid."""
    if position is None or position >= len(layer.turns):
        return len(layer.turns)
    if position < 0:
        raise Invalid("a position counts from 0", "position")
    demand_single(layer)
    return position


def move_member(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team, schedule, layer = shift_named(org, call)
    may_change(org, call, schedule)
    given = body_of(MemberIn, call)
    position = required(given.position, "position")
    seat = _seats_meant(org, layer, given)[0]
    demand_single(layer)
    order: list[tuple[int | None, Turn]] = list(enumerate(layer.turns))
    moved = order.pop(seat.place)
    order.insert(_place(layer, position), moved)
    return _reseated(tx, call, (team, schedule, layer), order)


def remove_member(tx: Tx, call: Call) -> Reply:
    """Somebody who is there twice goes twice, unless one slug is named. A replacement takes the same places."""
    org = tx.organization(call.caller.org)
    team, schedule, layer = shift_named(org, call)
    may_change(org, call, schedule)
    given = body_of(MemberIn, call)
    gone = {(seat.place, seat.user_id) for seat in _seats_meant(org, layer, given)}
    names = [given.replacement.strip()] if given.replacement and given.replacement.strip() else []
    instead = tuple(user_ids(org, names, schedule.team_ids))
    order: list[tuple[int | None, Turn]] = []
    for place, turn in enumerate(layer.turns):
        left = _without(turn, {user_id for at, user_id in gone if at == place}, instead)
        if left == turn or left.user_ids or left.team_ids:
            order.append((place, left))
    return _reseated(tx, call, (team, schedule, layer), order)


def _without(turn: Turn, gone: set[str], instead: Sequence[str]) -> Turn:
    if not gone:
        return turn
    found = [one for user_id in turn.user_ids for one in (instead if user_id in gone else (user_id,))]
    return replace(turn, user_ids=tuple(dict.fromkeys(found)))


def _seats_meant(org: Organization, layer: Layer, given: MemberIn) -> Sequence[Seat]:
    """Raises Invalid when nobody is meant."""
    if given.memberSlug:
        found = [seat for seat in seats(layer) if seat.slug == given.memberSlug]
    else:
        user = org.users_by_name.get(needed(given.username, "username").lower())
        found = [seat for seat in seats(layer) if user is not None and seat.user_id == user.id]
    if not found:
        raise Invalid(f"'{given.memberSlug or given.username}' is no member of this shift")
    return found


def _reseated(
    tx: Tx, call: Call, where: tuple[Team, Schedule, Layer], order: Sequence[tuple[int | None, Turn]]
) -> Reply:
    team, schedule, layer = where
    after = seated(layer, zone_of(schedule, layer), call.now, order)
    return kept_shift(tx, call, team, with_layer(schedule, after), after)


# --- Who is scheduled now


def read_scheduled(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    _, schedule, layer = shift_named(org, call)
    return Reply(body=_scheduled(org, schedule, layer, call.now))


def set_scheduled(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    _, schedule, layer = shift_named(org, call)
    may_change(org, call, schedule)
    given = body_of(MemberIn, call)
    meant = _seats_meant(org, layer, given)
    members = seats(layer)
    seat = next((one for one in meant if given.position is not None and members.index(one) == given.position), meant[0])
    after = on_duty_now(layer, zone_of(schedule, layer), call.now, seat.place)
    changed = with_layer(schedule, after)
    return Reply(body=member_body(keep(tx, call, changed).users[seat.user_id]))


def _scheduled(org: Organization, schedule: Schedule, layer: Layer, now: int) -> Mapping[str, Any]:
    current = around(org, schedule, now)(layer).current
    return member_body(current.users[0]) if current and current.users else {}


ROUTES: Sequence[Route] = (
    post(GROUP, add_shift),
    get(SHIFT, read_shift),
    put(SHIFT, change_shift),
    delete(SHIFT, delete_shift),
    post(f"{SHIFT}/members", add_member),
    put(f"{SHIFT}/members", move_member),
    delete(f"{SHIFT}/members", remove_member),
    get(f"{SHIFT}/scheduled", read_scheduled),
    put(f"{SHIFT}/scheduled", set_scheduled),
)
