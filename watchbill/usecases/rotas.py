"""Who is on call: now, and over a range. What is told here is what a page would find."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from watchbill.domain import roster, rota
from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.record import replace as replaced
from watchbill.domain.rota import Neighbour, Override, Position, Schedule, Shift


@dataclass(frozen=True, slots=True)
class Row:
    """Who is on call at one place, from when until when.

    `kind` is "schedule" or "policy", `slug` and `name` are the place's, `teams` the names of those that own it.
    `people` are user names; empty for nobody. `by` says through what: a layer, an override, a step. Without an end it
    is so for good. `next_people` take over at `next_at`.
    """

    kind: str
    slug: str
    name: str
    teams: tuple[str, ...]
    people: tuple[str, ...]
    by: str
    start: int | None = None
    end: int | None = None
    next_people: tuple[str, ...] = ()
    next_at: int | None = None


def who(org: Organization, at: int) -> list[Row]:
    """For every escalation policy, team by team, whom its first step pages; then who is on call in every schedule."""
    policies = [row for policy in _by_team(org) for row in _policy_rows(org, policy, at)]
    return policies + [row for schedule in org.schedules.values() for row in _schedule_rows(org, schedule, at)]


def who_range(org: Organization, start: int, end: int) -> list[Row]:
    """The shifts of every schedule that have a part in the range, with what lies between; and those of a policy where
    an override of its own changes them."""
    rows = [row for schedule in org.schedules.values() for row in _schedule_range(org, schedule, start, end)]
    return rows + [row for policy in _by_team(org) for row in _policy_range(org, policy, start, end)]


# --- Schedules


def _schedule_rows(org: Organization, schedule: Schedule, at: int) -> list[Row]:
    overrides = org.overrides_of(schedule.id)
    following = rota.at_position(schedule, at, Position.NEXT, Neighbour.SHIFT, overrides)
    place = replace(
        _at_schedule(org, schedule),
        next_people=_people(org, schedule, following),
        next_at=following[0].start if following else None,
    )
    shifts = rota.on_call(schedule, at, overrides)
    if not shifts:
        return [replace(place, by="nobody is on call", end=place.next_at)]
    return [
        _of_shift(org, schedule, place, part) for part in _parts(org, schedule, shifts) if part.start <= at < part.end
    ]


def _at_schedule(org: Organization, schedule: Schedule) -> Row:
    return Row("schedule", schedule.slug, schedule.name, _teams(org, schedule.team_ids), (), "")


def _of_shift(org: Organization, schedule: Schedule, place: Row, shift: Shift) -> Row:
    by = _through(org, schedule, shift)
    return replace(place, people=_people(org, schedule, (shift,)), by=by, start=shift.start, end=_end(shift))


def _parts(org: Organization, schedule: Schedule, shifts: Iterable[Shift]) -> Iterator[Shift]:
    """The shifts; those of teams parted where somebody begins or ends to stand in for one person."""
    personal = [override for override in org.overrides_of(schedule.id) if override.user_id is not None]
    for shift in shifts:
        near = personal if shift.team_ids else ()
        edges = {edge for one in near for edge in (one.start, one.end) if shift.start < edge < shift.end}
        for low, high in pairwise(sorted({shift.start, shift.end, *edges})):
            yield replaced(shift, start=low, end=high)


def _end(shift: Shift) -> int | None:
    """A shift of one turn only has no end; its bound lies beyond what a calendar can say."""
    return shift.end if shift.end < LATEST_INSTANT else None


def _through(org: Organization, schedule: Schedule, shift: Shift) -> str:
    layer = next((f"layer {layer.name}" for layer in schedule.layers if layer.id == shift.layer_id), "")
    override = org.overrides.get(shift.override_id or "")
    if override is None:
        return layer
    return f"{_standing_in(org, override)}, {layer}" if layer else _standing_in(org, override)


def _standing_in(org: Organization, override: Override) -> str:
    verb = "taken" if override.taken else "override"
    user = org.users.get(override.user_id or "")
    return f"{verb} for {user.username}" if user else verb


def _schedule_range(org: Organization, schedule: Schedule, start: int, end: int) -> Iterator[Row]:
    overrides = org.overrides_of(schedule.id)
    place = _at_schedule(org, schedule)
    shifts = _parts(org, schedule, rota.shifts(schedule, start, end, overrides))
    rows = [_of_shift(org, schedule, place, part) for part in shifts if part.start < end and part.end > start]
    rows += [
        replace(place, by="nobody is on call", start=low, end=high)
        for low, high in rota.gaps(schedule, start, end, overrides)
    ]
    yield from sorted(rows, key=lambda row: row.start or 0)


# --- Escalation policies


def _by_team(org: Organization) -> list[EscalationPolicy]:
    """In the order of their teams; those of no team last."""
    order = {team_id: place for place, team_id in enumerate(org.teams)}
    return sorted(org.policies.values(), key=lambda policy: order.get(policy.team_id or "", len(order)))


def _policy_rows(org: Organization, policy: EscalationPolicy, at: int) -> list[Row]:
    place = _at_policy(org, policy)
    step = _first(policy)
    if step is None:
        return [replace(place, by="no step pages anybody")]
    rows = [row for target in step.targets for row in _target_rows(org, policy, target, at)]
    return rows or [replace(place, by="nobody is on call")]


def _at_policy(org: Organization, policy: EscalationPolicy) -> Row:
    return Row("policy", policy.slug, policy.name, _teams(org, policy.owners), (), "")


def _first(policy: EscalationPolicy) -> Step | None:
    """The first step that means people."""
    people = (TargetKind.USER, TargetKind.SCHEDULE, TargetKind.TEAM)
    return next((step for step in policy.steps if any(target.kind in people for target in step.targets)), None)


def _target_rows(org: Organization, policy: EscalationPolicy, target: Target, at: int) -> list[Row]:
    place = _at_policy(org, policy)
    called = tuple(dict.fromkeys(each.user.username for each in roster.people(org, policy, target, at)))
    if target.kind is TargetKind.USER:
        return [replace(place, people=called, by="named by the step")]
    if target.kind is TargetKind.TEAM:
        return [replace(place, people=called, by=f"team {org.teams[target.id].name}")]
    if target.kind is not TargetKind.SCHEDULE:
        return []
    schedule = org.schedules[target.id]
    if target.position is not Position.CURRENT:
        return [replace(place, people=called, by=f"{target.position} in {schedule.name}")]
    return _schedule_in(org, policy, schedule, at)


def _schedule_in(org: Organization, policy: EscalationPolicy, schedule: Schedule, at: int) -> list[Row]:
    """The rows of a schedule with the policy's own overrides applied, cut to where those hold."""
    rows = []
    for row in _schedule_rows(org, schedule, at):
        people, used = _covered(org, policy, row.people, at)
        following = _covered(org, policy, row.next_people, row.next_at)[0] if row.next_at else ()
        ends = [end for end in (row.end, *(override.end for override in used)) if end is not None]
        place = replace(_at_policy(org, policy), start=row.start, end=min(ends, default=None))
        by = _by(org, used, schedule, row)
        rows.append(replace(place, people=people, by=by, next_people=following, next_at=row.next_at))
    return rows


def _by(org: Organization, used: Iterable[Override], schedule: Schedule, row: Row) -> str:
    return ", ".join([*(_standing_in(org, override) for override in used), f"{schedule.name}: {row.by}"])


def _covered(
    org: Organization, policy: EscalationPolicy, usernames: Iterable[str], at: int
) -> tuple[tuple[str, ...], list[Override]]:
    """The schedule has applied all overrides but those of the policy."""
    people: dict[str, None] = {}
    used = []
    for username in usernames:
        user = org.users_by_name[username.lower()]
        override = rota.covering(_own(org, policy), user.id, at, policy_id=policy.id)
        cover = org.users.get(override.cover_id or "") if override else None
        if override is None or cover is None or not cover.active or cover.id == user.id:
            people[username] = None
        else:
            people[cover.username] = None
            used.append(override)
    return tuple(people), used


def _own(org: Organization, policy: EscalationPolicy) -> list[Override]:
    return [one for one in org.overrides_of_policy(policy.id) if one.policy_id is not None]


def _policy_range(org: Organization, policy: EscalationPolicy, start: int, end: int) -> Iterator[Row]:
    own = [one for one in _own(org, policy) if one.cover_id and one.start < end and one.end > start]
    step = _first(policy)
    if not own or step is None:
        return
    for target in step.targets:
        if target.kind is TargetKind.SCHEDULE and target.position is Position.CURRENT:
            yield from _cut(org, policy, org.schedules[target.id], (start, end))


def _cut(org: Organization, policy: EscalationPolicy, schedule: Schedule, span: tuple[int, int]) -> Iterator[Row]:
    """The shifts of a schedule as the policy sees them: cut where its overrides begin and end."""
    place = _at_policy(org, policy)
    overrides = _own(org, policy)
    for row in _schedule_range(org, schedule, *span):
        low, high = row.start or span[0], row.end or span[1]
        edges = {edge for override in overrides for edge in (override.start, override.end) if low < edge < high}
        bounds = [low, *sorted(edges), high]
        for begin, finish in pairwise(bounds):
            people, used = _covered(org, policy, row.people, begin)
            yield replace(place, people=people, by=_by(org, used, schedule, row), start=begin, end=finish)


# --- Names


def _people(org: Organization, schedule: Schedule, shifts: Iterable[Shift]) -> tuple[str, ...]:
    """Active people only, as they are when the shifts begin; members of teams for their teams."""
    parts = [roster.in_schedule(org, schedule, shift, shift.start) for shift in shifts]
    return tuple(dict.fromkeys(user.username for part in parts for user in part))


def _teams(org: Organization, team_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(org.teams[team_id].name for team_id in team_ids if team_id in org.teams)
