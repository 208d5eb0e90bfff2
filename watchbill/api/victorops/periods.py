"""When the members of a shift are on duty by the rotation, without overrides (reference, parts 2.4.2 and 2.16)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.api.victorops.shifts import Seat
from watchbill.domain import roster, rota
from watchbill.domain.civil import DAY
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.rota import Layer, Position, Schedule, Shift
from watchbill.domain.shifts import somebody, turn_bounds

# So far ahead are the periods shown where nobody says how far.
AHEAD = 14 * DAY
# Where the next period is looked for: near first, since most are.
FAR_AHEAD = (60 * DAY, 366 * DAY)

STEPS = {Position.CURRENT: 0, Position.NEXT: 1, Position.PREVIOUS: -1}


@dataclass(frozen=True, slots=True)
class Period:
    """`users`: several where a turn is of several people or of a team. `roll`: whether it begins with a handoff."""

    start: int
    end: int
    users: tuple[User, ...]
    roll: bool
    turn: int


def periods(
    org: Organization, schedule: Schedule, start: int, end: int, position: Position = Position.CURRENT
) -> dict[str, list[Period]]:
    """Of every layer by its id, those that have a part in the range; the first may begin before it."""
    of_layer: dict[str, list[Shift]] = {layer.id: [] for layer in schedule.layers}
    for shift in rota.shifts(schedule, start, end):
        of_layer[shift.layer_id].append(shift)
    return {
        layer.id: list(_periods(org, schedule, layer, of_layer[layer.id], STEPS[position])) for layer in schedule.layers
    }


def _periods(
    org: Organization, schedule: Schedule, layer: Layer, found: Sequence[Shift], step: int
) -> Iterator[Period]:
    turn = None
    for shift in found:
        roll = shift.turn != turn if turn is not None else _is_first(schedule, layer, shift)
        turn = shift.turn
        meant = _neighbour(layer, shift, step)
        users = tuple(called.user for called in roster.on_shift(org, meant, ""))
        yield Period(shift.start, shift.end, users, roll, meant.turn)


def _neighbour(layer: Layer, shift: Shift, step: int) -> Shift:
    if not step:
        return shift
    number = shift.turn + step
    while not somebody(layer, number):
        number += step
    turn = layer.turns[number % len(layer.turns)]
    return Shift(shift.start, shift.end, turn.user_ids, turn.team_ids, layer.id, number)


def _is_first(schedule: Schedule, layer: Layer, shift: Shift) -> bool:
    """Whether nobody was on duty before in the same turn."""
    begin = max(turn_bounds(layer, schedule.zone, shift.turn)[0], layer.start)
    earlier = rota.shifts(schedule, begin, shift.start) if begin < shift.start else ()
    return all(one.layer_id != layer.id or one.turn != shift.turn for one in earlier)


@dataclass(frozen=True, slots=True)
class Now:
    """The periods of a shift from an instant on, the one it falls into, and the one after."""

    all: Sequence[Period]
    current: Period | None
    next: Period | None


def around(org: Organization, schedule: Schedule, at: int) -> Callable[[Layer], Now]:
    found = {AHEAD: periods(org, schedule, at, at + AHEAD)}

    def following(layer: Layer) -> Period | None:
        for span in (AHEAD, *FAR_AHEAD):
            if span not in found:
                found[span] = periods(org, schedule, at, at + span)
            later = next((one for one in found[span][layer.id] if one.start > at), None)
            if later or not layer.turns:
                return later
        return None

    def of(layer: Layer) -> Now:
        own = found[AHEAD][layer.id]
        return Now(own, next((one for one in own if one.start <= at), None), following(layer))

    return of


def shown(layer: Layer, members: Sequence[Seat], period: Period, when: Callable[[int], Any]) -> Mapping[str, Any]:
    """`members`: the layer's. Of several people the first is shown: the shape has room for one."""
    fields: dict[str, Any] = {"start": when(period.start), "end": when(period.end), "isRoll": period.roll}
    if period.users:
        user = period.users[0]
        place = period.turn % len(layer.turns)
        slug = next((seat.slug for seat in members if seat.place == place and seat.user_id == user.id), None)
        fields |= {"username": user.username} | ({"memberSlug": slug} if slug else {})
    return fields
