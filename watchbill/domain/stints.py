"""Who is on call by an escalation policy, from when until when: what `roster` says at every instant of a range."""

from collections.abc import Iterable, Iterator
from dataclasses import replace as replaced
from itertools import pairwise

from watchbill.domain import roster, rota
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.rota import Override, Position, Shift


@record
class Stint:
    """Somebody on call in one shift, or named directly (then without `schedule_id`, and cut to the range)."""

    user_id: str
    start: int
    end: int
    schedule_id: str = ""
    layer_id: str = ""
    turn: int = 0


def stints(org: Organization, policy: EscalationPolicy, target: Target, start: int, end: int) -> list[Stint]:
    """Whom a target means during a range, in the order of their starts. Shifts have their true bounds."""
    if target.kind is TargetKind.SCHEDULE and target.position is not Position.CURRENT:
        return _neighbours(org, policy, target, (start, end))  # who may be of another time than the range
    org = near(org, start, end)
    if target.kind is not TargetKind.SCHEDULE:
        parts = _cut(org, policy, target, (start, end))
        calls = [((low, high), _ids(roster.people(org, policy, target, low))) for low, high in parts]
        return [Stint(user_id, low, high) for (low, high), ids in _joined(calls) for user_id in ids]
    shifts = rota.shifts(org.schedules[target.id], start, end, org.overrides_of(target.id))
    return [stint for shift in shifts for stint in _of_shift(org, policy, target, shift)]


def near(org: Organization, start: int, end: int) -> Organization:
    """The organization with the overrides of a range only: there may be many of long ago."""
    overrides = {id: one for id, one in org.overrides.items() if one.start < end and one.end > start}
    return org if len(overrides) == len(org.overrides) else replaced(org, overrides=overrides)


def meant(org: Organization, target: Target) -> set[str]:
    """The ids of all whom a target can mean by its configuration, whenever."""
    if target.kind is TargetKind.USER:
        return {target.id}
    if target.kind is TargetKind.TEAM:
        return _members(org, target.id)
    if target.kind is not TargetKind.SCHEDULE:
        return set()
    turns = [turn for layer in org.schedules[target.id].layers for turn in layer.turns]
    teams = {team_id for turn in turns for team_id in turn.team_ids}
    return {id for turn in turns for id in turn.user_ids}.union(*(_members(org, team_id) for team_id in teams))


def _members(org: Organization, team_id: str) -> set[str]:
    team = org.teams.get(team_id)
    return {member.user_id for member in team.members} if team else set()


def _of_shift(org: Organization, policy: EscalationPolicy, target: Target, shift: Shift) -> Iterator[Stint]:
    parts = []
    for low, high in _cut(org, policy, target, (shift.start, shift.end)):
        part = replace(shift, start=low, end=high)
        parts.append(((low, high), _ids(roster.during(org, policy, target, part, low))))
    for (low, high), ids in _joined(parts):
        for user_id in ids:
            yield Stint(user_id, low, high, target.id, shift.layer_id, shift.turn)


def _neighbours(org: Organization, policy: EscalationPolicy, target: Target, span: tuple[int, int]) -> list[Stint]:
    """Those before or after whoever is on duty change when the shifts do."""
    start, end = span
    shifts = rota.shifts(org.schedules[target.id], start, end, near(org, start, end).overrides_of(target.id))
    inside = {edge for shift in shifts for edge in (shift.start, shift.end) if start < edge < end}
    parts = []
    for piece in pairwise(sorted({start, end, *inside})):
        for low, high in _cut(org, policy, target, piece):
            parts.append(((low, high), _ids(roster.people(org, policy, target, low))))
    return [Stint(user_id, low, high, target.id) for (low, high), ids in _joined(parts) for user_id in ids]


def _cut(
    org: Organization, policy: EscalationPolicy, target: Target, span: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """The span in parts, parted where overrides that may count begin and end."""
    start, end = span
    overrides: Iterable[Override] = org.overrides_of_policy(policy.id)
    if target.kind is TargetKind.SCHEDULE:
        overrides = (*overrides, *org.overrides_of(target.id))
    inside = {edge for one in overrides for edge in (one.start, one.end) if start < edge < end}
    return pairwise(sorted({start, end, *inside}))


def _ids(called: Iterable[roster.Called]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.user.id for each in called))


Part = tuple[tuple[int, int], tuple[str, ...]]


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Parts next to each other with the same people are one."""
    found: list[Part] = []
    for span, ids in parts:
        if found and found[-1][1] == ids and found[-1][0][1] == span[0]:
            span = (found.pop()[0][0], span[1])
        found.append((span, ids))
    return found
