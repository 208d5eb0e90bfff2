"""Schedules: who is on call, when. Layers of turns in civil time, cut by weekly restrictions, covered by overrides.

Everything is worked out from the instant asked about, in closed form: the age of a rotation costs nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from watchbill.domain.civil import DAY
from watchbill.domain.record import record, replace
from watchbill.domain.shifts import Counting, Interval, Layer, Turn, piece, quiet, quiet_part, somebody, turn_bounds

__all__ = [
    "Counting",
    "Duty",
    "Interval",
    "Layer",
    "Mode",
    "Neighbour",
    "Override",
    "Position",
    "Schedule",
    "Shift",
    "Turn",
    "at_position",
    "covering",
    "gaps",
    "on_call",
    "shifts",
    "who",
]


class Mode(StrEnum):
    """How a schedule's layers join: the last layer with somebody wins, or everybody of every layer is on call."""

    OVERLAY = "overlay"
    UNION = "union"


class Position(StrEnum):
    PREVIOUS = "previous"
    CURRENT = "current"
    NEXT = "next"


class Neighbour(StrEnum):
    """What "previous" and "next" mean: the neighbouring shift in time, or the neighbouring member in the turn order."""

    SHIFT = "shift"
    MEMBER = "member"


@record
class Schedule:
    id: str
    number: int
    slug: str
    name: str
    zone: str
    layers: tuple[Layer, ...]
    mode: Mode = Mode.OVERLAY
    team_ids: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)


@record
class Override:
    """From `start` (inclusive) to `end` (exclusive) `cover_id` stands in.

    For whom: `user_id`, or whoever is on call when that is None. Where: in one schedule, in one escalation policy (a
    user named by it, or on call by one of its schedules), or wherever that user is on call when both are None.
    No `cover_id`: asked for, not taken yet, so nothing changes. `taken` (somebody took on-call now) beats a scheduled
    override; among equals the one created last wins.
    """

    id: str
    start: int
    end: int
    created_at: int
    user_id: str | None = None
    cover_id: str | None = None
    schedule_id: str | None = None
    policy_id: str | None = None
    taken: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


@record
class Shift:
    """A span in which the same people are on call: one turn of one layer, or a part of it.

    Parts come from restrictions, the layer's bounds, layers that win, and overrides. `override_id`: the override by
    which somebody stands in. Where the layers have nobody it alone puts people on call, and `layer_id` is empty.
    """

    start: int
    end: int
    user_ids: tuple[str, ...]
    team_ids: tuple[str, ...]
    layer_id: str
    turn: int
    override_id: str | None = None


class Duty(NamedTuple):
    """Who is on call, without since and until when. No layer: by an override alone."""

    layer: Layer | None
    turn: int
    user_ids: tuple[str, ...]
    team_ids: tuple[str, ...]


# How far beyond the present shift its neighbours are looked for: near first, since most are.
_LOOK = (DAY, 8 * DAY, 60 * DAY, 366 * DAY)


def who(schedule: Schedule, at: int, overrides: Sequence[Override] = ()) -> tuple[Duty, ...]:
    """The people of `on_call` for less: nothing is worked out of when their shifts begin and end."""
    duties = []
    overlay = schedule.mode is Mode.OVERLAY
    for layer in reversed(schedule.layers) if overlay else schedule.layers:
        turn = piece(layer, schedule.zone, at)[2]
        if turn is not None:
            member = layer.turns[turn % len(layer.turns)]
            duties.append(Duty(layer, turn, member.user_ids, member.team_ids))
            if overlay:
                break
    if not overrides:
        return tuple(duties)
    here = _placed(overrides, schedule.id)
    if not duties:
        here, duties = _for_gaps(here), [Duty(None, 0, (), ())]
    relieved = (Duty(duty.layer, duty.turn, *_relieved(duty, here, at)[:2]) for duty in duties)
    return tuple(duty for duty in relieved if duty.user_ids or duty.team_ids)


def on_call(schedule: Schedule, at: int, overrides: Sequence[Override] = ()) -> tuple[Shift, ...]:
    """The shifts of an instant with their true bounds: at most one in an overlay, one a layer in a union.

    Applied are the overrides of this schedule, and those for wherever somebody is on call. Those of a policy are the
    caller's to apply, as are all for members of a team: with `covering`.
    """
    duties = [duty for layers in _groups(schedule) if (duty := _duty(layers, schedule.zone, at))]
    if not overrides:
        return tuple(duties)
    here = _placed(overrides, schedule.id)
    parts = (part for duty in duties for part in _cut(duty, here)) if duties else _fill(schedule, at, here)
    return tuple(part for part in parts if part.start <= at < part.end)


def shifts(schedule: Schedule, start: int, end: int, overrides: Sequence[Override] = ()) -> list[Shift]:
    """All shifts that have a part in the range, by their start.

    They are what `on_call` gives at each instant of the range, with true bounds: the first may begin before the
    range and the last end after it. Turns are separate shifts even of the same user; in an overlay none overlap.
    """
    found = [duty for layers in _groups(schedule) for duty in _duties(layers, schedule.zone, start, end)]
    found.sort(key=_start)
    here = _placed(overrides, schedule.id)
    if here:
        fills = [shift for gap in _between(found, start, end) for shift in _fills_of(schedule, gap, here)]
        found = [part for shift in found for part in _cut(shift, here) if part.start < end and part.end > start]
        found = sorted(found + fills, key=_start)
    return found


def gaps(schedule: Schedule, start: int, end: int, overrides: Sequence[Override] = ()) -> list[tuple[int, int]]:
    """The spans of the range, cut to it, in which nobody is on call."""
    return list(_between(shifts(schedule, start, end, overrides), start, end))


def at_position(
    schedule: Schedule, at: int, position: Position, neighbour: Neighbour, overrides: Sequence[Override] = ()
) -> tuple[Shift, ...]:
    """Who is on call at an instant, or their neighbours.

    Neighbouring shifts: those that begin first after `at` or ended last before it (several if at the same moment),
    up to a year away. Neighbouring members: for each layer on duty the turn of somebody before or after the present
    one, as it would be without restrictions; whoever is asked for in their place at `at` stands in.
    """
    if position is Position.CURRENT:
        return on_call(schedule, at, overrides)
    if neighbour is Neighbour.MEMBER:
        step = 1 if position is Position.NEXT else -1
        here = [override for override in _placed(overrides, schedule.id) if override.user_id is not None]
        return tuple(_member(schedule, duty, step, here, at) for duty in who(schedule, at))
    now = on_call(schedule, at, overrides)
    if position is Position.NEXT:
        return _next(schedule, at, max((shift.end for shift in now), default=at), overrides)
    return _previous(schedule, at, min((shift.start for shift in now), default=at), overrides)


def covering(
    overrides: Iterable[Override], user_id: str, at: int, schedule_id: str | None = None, policy_id: str | None = None
) -> Override | None:
    """The override by which somebody stands in for a user who is on call at that instant in that place.

    Overrides without a place count everywhere. Who stands in may be relieved in turn, by somebody who took on-call
    from them later. (Not by a scheduled override: two people who swap would get back what they gave away.)
    """
    active = [
        override
        for override in _active(overrides, at)
        if override.schedule_id in (None, schedule_id) and override.policy_id in (None, policy_id)
    ]
    return _stand_in(active, user_id)


def _start(shift: Shift) -> int:
    return shift.start


def _groups(schedule: Schedule) -> Sequence[tuple[Layer, ...]]:
    """The layers that compete with each other."""
    if schedule.mode is Mode.OVERLAY:
        return (schedule.layers,)
    return [(layer,) for layer in schedule.layers]


def _between(found: Iterable[Shift], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of a range that no shift covers."""
    for shift in found:
        if shift.start > start:
            yield start, shift.start
        start = max(start, shift.end)
    if start < end:
        yield start, end


def _next(schedule: Schedule, at: int, ends: int, overrides: Sequence[Override]) -> tuple[Shift, ...]:
    for span in _LOOK:
        later = [shift for shift in shifts(schedule, at, ends + span, overrides) if shift.start > at]
        if later:
            return tuple(shift for shift in later if shift.start == later[0].start)
    return ()


def _previous(schedule: Schedule, at: int, begins: int, overrides: Sequence[Override]) -> tuple[Shift, ...]:
    for span in _LOOK:
        earlier = [shift for shift in shifts(schedule, begins - span, at, overrides) if shift.end <= at]
        if earlier:
            last = max(shift.end for shift in earlier)
            return tuple(shift for shift in earlier if shift.end == last)
    return ()


def _member(schedule: Schedule, duty: Duty, step: int, overrides: Sequence[Override], at: int) -> Shift:
    """The turn of the next (or previous) member of the layer on duty."""
    layer = duty.layer
    assert layer is not None
    turn = duty.turn + step
    while not somebody(layer, turn):
        turn += step
    start, end = turn_bounds(layer, schedule.zone, turn)
    member = layer.turns[turn % len(layer.turns)]
    shift = Shift(start, end, member.user_ids, member.team_ids, layer.id, turn)
    user_ids, team_ids, override_id = _relieved(shift, overrides, at)
    return replace(shift, user_ids=user_ids, team_ids=team_ids, override_id=override_id)


# --- Layers: which one wins, and the bounds of its shifts


def _duty(layers: tuple[Layer, ...], zone_name: str, at: int) -> Shift | None:
    """The shift of the last layer with somebody, cut by the layers after it."""
    silent = []
    for layer in reversed(layers):
        start, end, turn = piece(layer, zone_name, at)
        if turn is None:
            silent.append((layer, start, end))
            continue
        for later, low, high in silent:
            start, end = quiet_part(later, zone_name, (low, high), (start, end))
        member = layer.turns[turn % len(layer.turns)]
        return Shift(start, end, member.user_ids, member.team_ids, layer.id, turn)
    return None


def _duties(layers: tuple[Layer, ...], zone_name: str, start: int, end: int) -> Iterator[Shift]:
    at = start
    while at < end:
        duty = _duty(layers, zone_name, at)
        if duty:
            yield duty
        at = duty.end if duty else quiet(layers, zone_name, at, (at, end))[1]


# --- Overrides


def _placed(overrides: Iterable[Override], schedule_id: str) -> list[Override]:
    """The overrides that change who is on call in a schedule, whoever asks."""
    return [
        override
        for override in overrides
        if override.cover_id is not None and override.policy_id is None and override.schedule_id in (None, schedule_id)
    ]


def _active(overrides: Iterable[Override], at: int) -> list[Override]:
    return [override for override in overrides if override.cover_id is not None and override.start <= at < override.end]


def _for_gaps(overrides: Iterable[Override]) -> list[Override]:
    """Those that count where the layers have nobody: for whoever is on call in this schedule, not anywhere."""
    return [override for override in overrides if override.user_id is not None or override.schedule_id is not None]


def _rank(override: Override) -> tuple[bool, int, str]:
    return override.taken, override.created_at, override.id


def _stand_in(active: Sequence[Override], user_id: str | None) -> Override | None:
    best = max((override for override in active if override.user_id in (None, user_id)), key=_rank, default=None)
    while best is not None:
        later = [
            override
            for override in active
            if override.taken and override.user_id == best.cover_id and override.created_at > best.created_at
        ]
        if not later:
            return best
        best = max(later, key=_rank)
    return None


def _relieved(
    on_duty: Shift | Duty, overrides: Iterable[Override], at: int
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Users and teams after the overrides of that instant, and the first override that counted."""
    active = _active(overrides, at)
    names: dict[str, None] = {}
    used, team_ids = [], on_duty.team_ids
    for user_id in on_duty.user_ids:
        override = _stand_in(active, user_id)
        names[(override and override.cover_id) or user_id] = None
        used += [override.id] if override else []
    if team_ids or not names:
        override = _stand_in(active, None)
        if override and override.cover_id:
            names[override.cover_id] = None
            used.append(override.id)
            team_ids = ()
    return tuple(names), team_ids, next(iter(used), None)


def _cut(shift: Shift, overrides: Iterable[Override]) -> list[Shift]:
    """A shift in the parts that overrides make of it, each with who is then on call; none for nobody."""
    near = [override for override in overrides if override.start < shift.end and override.end > shift.start]
    edges = {edge for override in near for edge in (override.start, override.end) if shift.start < edge < shift.end}
    parts: list[Shift] = []
    for start, end in pairwise(sorted({shift.start, shift.end, *edges})):
        user_ids, team_ids, override_id = _relieved(shift, near, start)
        part = Shift(start, end, user_ids, team_ids, shift.layer_id, shift.turn, override_id)
        if parts and replace(parts[-1], start=start, end=end) == part:
            part = replace(part, start=parts.pop().start)
        parts.append(part)
    return [part for part in parts if part.user_ids or part.team_ids]


def _fill(schedule: Schedule, at: int, overrides: Iterable[Override]) -> list[Shift]:
    """The shift, by overrides alone, around an instant at which the layers have nobody."""
    fills = _for_gaps(overrides)
    winner = _stand_in(_active(fills, at), None)
    if winner is None:
        return []
    start, end = quiet(schedule.layers, schedule.zone, at, (winner.start, winner.end))
    parts = _cut(Shift(start, end, (), (), "", 0), fills)
    return [part for part in parts if part.start <= at < part.end]


def _fills_of(schedule: Schedule, gap: tuple[int, int], overrides: Iterable[Override]) -> Iterator[Shift]:
    at, end = gap
    starts = sorted(override.start for override in overrides)
    while at < end:
        filled = _fill(schedule, at, overrides)
        yield from filled
        at = filled[0].end if filled else next((start for start in starts if start > at), end)
