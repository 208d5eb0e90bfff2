"""A shift of a rotation, which is a layer of a schedule: what it shows, what it is made of (reference, part 2.16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import required
from watchbill.api.victorops.keeping import keeping, kept
from watchbill.api.victorops.masks import (
    ALWAYS,
    SEVERAL_DAYS,
    Mask,
    masks_of,
    type_of,
    windows_of,
)
from watchbill.api.victorops.times import millis, moment
from watchbill.domain.civil import DAY_SECONDS, SECOND, Window
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.rota import Counting, Interval, Layer, Schedule, Turn
from watchbill.domain.slugs import drawn_from, number_from

SLUG_LENGTH = 20
LONGEST = 3660


class MemberIn(msgspec.Struct):
    username: str | None = None


class ShiftIn(msgspec.Struct):
    """`start`: milliseconds or ISO 8601. Members come as `usernames`, or as the older `shiftMembers`."""

    label: str | None = None
    timezone: str | None = None
    start: int | float | str | None = None
    duration: int | None = None
    shifttype: str | None = None
    mask: Mask | None = None
    mask2: Mask | None = None
    mask3: Mask | None = None
    usernames: list[str] | None = None
    shiftMembers: list[str | MemberIn] | None = None

    @property
    def members(self) -> list[str] | None:
        if self.usernames is not None:
            return self.usernames
        if self.shiftMembers is None:
            return None
        return [one if isinstance(one, str) else one.username or "" for one in self.shiftMembers]


# --- What a layer shows


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of a shift: somebody in the turn at that place."""

    slug: str
    user_id: str
    place: int


def seats(layer: Layer) -> list[Seat]:
    """Everybody in a shift, in order. Somebody may be there twice, which is why members have slugs."""
    found: list[Seat] = []
    times: dict[str, int] = {}
    for place, turn in enumerate(layer.turns):
        for user_id in turn.user_ids:
            times[user_id] = times.get(user_id, 0) + 1
            slug = drawn_from("rtm-", f"{layer.id}/{user_id}/{times[user_id]}", SLUG_LENGTH)
            found.append(Seat(slug, user_id, place))
    return found


def shift_id(layer: Layer) -> int:
    return number_from(layer.id)


def days(layer: Layer) -> int:
    """Days between handoffs; turns of hours, which other dialects know, count as days begun."""
    return layer.interval.days + -(-layer.interval.seconds // DAY_SECONDS)


def kind_of(schedule: Schedule, layer: Layer) -> str:
    return type_of(layer.restrictions, str(_types(schedule).get(layer.id, "")))


def shown_masks(schedule: Schedule, layer: Layer) -> dict[str, Any]:
    masks = masks_of(layer.restrictions, kind_of(schedule, layer))
    return dict(zip(("mask", "mask2", "mask3"), masks, strict=False))


def zone_of(schedule: Schedule, layer: Layer) -> str:
    return layer.zone or schedule.zone


def _types(schedule: Schedule) -> Mapping[str, object]:
    found = kept(schedule.settings).get("shifttypes")
    return found if isinstance(found, Mapping) else {}


def remembering(schedule: Schedule, told: Mapping[str, str | None]) -> Schedule:
    """The schedule with the types that its shifts, by the ids of their layers, were made as, where their hours could
    be another's."""
    types = {**_types(schedule), **told}
    kinds = {
        layer.id: types[layer.id]
        for layer in schedule.layers
        if types.get(layer.id) not in (None, type_of(layer.restrictions))
    }
    if kinds == _types(schedule):
        return schedule
    return replace(schedule, settings=keeping(schedule.settings, shifttypes=kinds))


# --- What clients send


def layer_of(org: Organization, given: ShiftIn, id: str, team_ids: Sequence[str], now: int) -> Layer:
    """A new shift. Its start is a handoff: until one that is still to come the member before is on duty (reference,
    part 4.9). Raises Invalid."""
    start = moment(required(given.start, "start"), "start")
    kind = given.shifttype or ALWAYS
    return Layer(
        id=id,
        name=(given.label or "").strip(),
        start=min(start, now // SECOND * SECOND),
        rotation_start=start,
        interval=interval_of(kind, required(given.duration, "duration")),
        turns=tuple(Turn((user_id,)) for user_id in user_ids(org, given.members or (), team_ids)),
        restrictions=windows_of(kind, (given.mask, given.mask2, given.mask3)),
        zone=given.timezone or "UTC",
    )


def changed_layer(org: Organization, schedule: Schedule, old: Layer, given: ShiftIn) -> Layer:
    """The shift with what was sent. What is sent as it was shown stays as it is, though it may say less than the layer
    holds; what is left out stays too. Raises Invalid."""
    kind = given.shifttype or kind_of(schedule, old)
    after = replace(old, restrictions=_restrictions(schedule, old, kind, given))
    if given.label is not None:
        after = replace(after, name=given.label.strip())
    if given.timezone and given.timezone != zone_of(schedule, old):
        after = replace(after, zone=given.timezone)
    if given.duration is not None and (given.duration, kind) != (days(old), kind_of(schedule, old)):
        after = replace(after, interval=interval_of(kind, given.duration))
    if given.start is not None:
        start = moment(given.start, "start")
        if millis(start) != millis(old.rotation_start):
            after = replace(after, start=min(start, old.start), rotation_start=start)
    return replace(after, turns=_turns(org, old, given, schedule.team_ids))


def _restrictions(schedule: Schedule, old: Layer, kind: str, given: ShiftIn) -> tuple[Window, ...]:
    masks = (given.mask, given.mask2, given.mask3)
    if kind != ALWAYS and not any(masks) and old.restrictions:
        return old.restrictions
    wanted = windows_of(kind, masks)
    if not old.restrictions:
        return wanted
    before = [msgspec.convert(mask, Mask) for mask in shown_masks(schedule, old).values()]
    return old.restrictions if wanted == windows_of(kind_of(schedule, old), before) else wanted


def _turns(org: Organization, old: Layer, given: ShiftIn, team_ids: Sequence[str]) -> tuple[Turn, ...]:
    if given.members is None:
        return old.turns
    present = [seat.user_id for seat in seats(old)]
    wanted = user_ids(org, given.members, team_ids, present)
    if wanted == present:
        return old.turns
    demand_single(old)
    return tuple(Turn((user_id,)) for user_id in wanted)


def demand_single(layer: Layer) -> None:
    """Raises Invalid for a layer whose order this dialect can't say: several on call together, or a team."""
    if any(len(turn.user_ids) != 1 or turn.team_ids for turn in layer.turns):
        raise Invalid(
            f"the shift {layer.name} has turns of several people, of nobody or of a team; it was made elsewhere "
            "and its order can't be changed here"
        )


def interval_of(kind: str, duration: int) -> Interval:
    """A part of a day is handed over by the week, or else after so many shifts: days without one don't count
    (reference, part 4.9). Raises Invalid."""
    if not 1 <= duration <= LONGEST:
        raise Invalid(f"{duration} is no number of days between handoffs. Use 1 to {LONGEST}", "duration")
    by_calendar = kind in (ALWAYS, SEVERAL_DAYS) or duration % 7 == 0
    return Interval(duration, counting=Counting.DAYS if by_calendar else Counting.SHIFTS)


def user_ids(
    org: Organization, names: Sequence[str], team_ids: Sequence[str], present: Sequence[str] = ()
) -> list[str]:
    """Of members: they have to be in the team (reference, part 4.9), unless they are `present` already. Raises
    Invalid."""
    team = {member.user_id for id in team_ids if id in org.teams for member in org.teams[id].members}
    found = []
    for name in names:
        user = org.users_by_name.get(name.lower())
        if user is None or not user.active:
            raise Invalid(f"there is no user '{name}'", "usernames")
        if user.id not in team and user.id not in present:
            raise Invalid(f"'{user.username}' is not in the team of the rotation", "usernames")
        found.append(user.id)
    return found
