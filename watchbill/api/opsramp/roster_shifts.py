"""The shifts of a roster: layers of a schedule of ours, each with people and groups (reference, part 4.2).

What was sent as a schedule is kept and shown as it came, as long as the layer is the one that it makes: a layer that
was changed elsewhere, or made there, is shown by what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace as with_fields
from typing import Any

from watchbill.api.opsramp import ids, people
from watchbill.api.opsramp.bodies import Body, echo, needed, objects, one
from watchbill.api.opsramp.kept import keeping, kept
from watchbill.api.opsramp.roster_patterns import ONE_TIME, RECURRING, WEEKDAYS, scheduled
from watchbill.api.opsramp.times import stamp
from watchbill.asgi.requests import Call
from watchbill.domain.civil import local
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.rota import Interval, Layer, Schedule, Turn
from watchbill.usecases.ports import Tx

SHIFTS = "shifts"
MOST_SHIFTS = 100
NEVER = {"type": "NEVER"}

Told = Mapping[str, Any]


def shift_id(layer: Layer) -> str:
    return ids.SHIFT + layer.id


def told_of(schedule: Schedule) -> Mapping[str, Told]:
    """The schedules as they were sent, by the id of the layer."""
    found = kept(schedule).get(SHIFTS)
    return found if isinstance(found, Mapping) else {}


# --- Out


def shift(org: Organization, schedule: Schedule, layer: Layer) -> Mapping[str, Any]:
    users = dict.fromkeys(id for turn in layer.turns for id in turn.user_ids if id in org.users)
    teams = dict.fromkeys(id for turn in layer.turns for id in turn.team_ids if id in org.teams)
    return {
        "id": shift_id(layer),
        "name": layer.name,
        "schedule": _times(schedule, layer),
        "users": [people.member(org.users[id]) for id in users],
        "userGroups": [people.group_named(org.teams[id]) for id in teams],
    }


def _times(schedule: Schedule, layer: Layer) -> Told:
    told = told_of(schedule).get(layer.id)
    if told is not None and scheduled(layer, told, layer.zone or schedule.zone) == layer:
        return told
    if layer.end is not None and not layer.restrictions and layer.recurrence is None:
        return {"type": ONE_TIME, "startDate": stamp(layer.start), "endDate": stamp(layer.end)}
    return _derived(layer, layer.zone or schedule.zone)


def _derived(layer: Layer, zone_name: str) -> Told:
    """The nearest that this dialect can say of a layer that it didn't make."""
    weekly = layer.restrictions
    start = local(layer.start, zone_name)
    opens, closes = (weekly[0].start, weekly[0].end) if weekly else (0, 0)
    days = ",".join(WEEKDAYS[day].title() for day in sorted({window.start_day for window in weekly}))
    pattern = {"type": "weekly", "weekDays": days} if weekly else {"type": "daily"}
    return {
        "type": RECURRING,
        "startDate": f"{start:%Y-%m-%d}T00:00:00+0000",
        "startTime": _clock(opens),
        "endTime": _clock(closes),
        "pattern": {**pattern, "repeatFrequency": 1},
        "endPattern": NEVER,
    }


def _clock(second: int) -> str:
    second %= 86400
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


# --- In


def shifts_of(tx: Tx, call: Call, org: Organization, schedule: Schedule, body: Body) -> Schedule:
    """The schedule with the shifts of the body: one whose id is sent is kept, others are replaced. Raises Invalid."""
    given = objects(body, "shiftDetails")
    if not given or len(given) > MOST_SHIFTS:
        raise Invalid(f"One to {MOST_SHIFTS} shifts are needed", "shiftDetails")
    known = {shift_id(layer): layer for layer in schedule.layers}
    layers: list[Layer] = []
    told: dict[str, object] = {}
    for index, entry in enumerate(given):
        try:
            old = known.pop(str(entry.get("id", "")), None)
            layer, times = _layer(tx, call, (org, schedule), old, entry)
        except Invalid as error:
            raise Invalid(error.message, f"shiftDetails[{index}].{error.field}" if error.field else None) from error
        layers.append(layer)
        if times is not None:
            told[layer.id] = times
    return keeping(with_fields(schedule, layers=tuple(layers)), {**kept(schedule), SHIFTS: told})


def _layer(
    tx: Tx, call: Call, place: tuple[Organization, Schedule], old: Layer | None, entry: Body
) -> tuple[Layer, Told | None]:
    """The layer of a shift, and its schedule as sent. What is sent back as it was shown leaves the layer as it is."""
    org, schedule = place
    name, times = needed(entry, "name", 200).strip(), one(entry, "schedule")
    if times is None:
        raise Invalid("schedule is mandatory", "schedule")
    layer = old or Layer(tx.new_id(call.now), name, 0, 0, Interval(7), ())
    if old is None or times != _times(schedule, old):
        told: Told | None = echo({"schedule": times}, ("schedule",))["schedule"]
        layer = scheduled(with_fields(layer, zone=None), times, schedule.zone)
    else:
        told = told_of(schedule).get(old.id)
        layer = old if told is None else scheduled(old, told, old.zone or schedule.zone)
    turn = Turn(_users(org, entry), _teams(org, entry))
    same = old is not None and _members(old) == (set(turn.user_ids), set(turn.team_ids))
    return with_fields(layer, name=name, turns=layer.turns if same else (turn,)), told


def _members(layer: Layer) -> tuple[set[str], set[str]]:
    users = {id for turn in layer.turns for id in turn.user_ids}
    return users, {id for turn in layer.turns for id in turn.team_ids}


def _users(org: Organization, entry: Body) -> tuple[str, ...]:
    return tuple(user.id for user in people.users_meant(org, objects(entry, "users") or (), "users"))


def _teams(org: Organization, entry: Body) -> tuple[str, ...]:
    return tuple(team.id for team in people.groups_meant(org, objects(entry, "userGroups") or ()))


def moved(schedule: Schedule, zone_name: str) -> Schedule:
    """In another zone: its shifts keep the times that were told."""
    told = told_of(schedule)
    layers: Sequence[Layer] = [
        scheduled(layer, told[layer.id], zone_name) if layer.id in told and layer.zone is None else layer
        for layer in schedule.layers
    ]
    return with_fields(schedule, zone=zone_name, layers=tuple(layers))
