"""Who a target means at one instant, and by what reason."""

from watchbill.domain import rota
from watchbill.domain.civil import local
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import record
from watchbill.domain.rota import Position, Schedule, Shift


@record
class Called:
    """A person whom a target means, with the reason in words."""

    user: User
    reason: str


def people(org: Organization, policy: EscalationPolicy, target: Target, at: int) -> list[Called]:
    """The active users that a user, schedule or team target means at `at`, overrides of the policy applied."""
    if target.kind is TargetKind.USER:
        named = _active(org, target.id, "named by the step")
    elif target.kind is TargetKind.TEAM:
        named = _team(org, target.id)
    elif target.kind is TargetKind.SCHEDULE:
        named = _schedule(org, target, at)
    else:
        return []
    return [_covered(org, policy, called, at) for called in named]


def on_shift(org: Organization, shift: Shift, reason: str) -> list[Called]:
    """The active people of a shift, team turns expanded to their present members."""
    ids = list(shift.user_ids)
    for team_id in shift.team_ids:
        team = org.teams.get(team_id)
        ids += [member.user_id for member in team.members] if team else []
    return [called for user_id in dict.fromkeys(ids) for called in _active(org, user_id, reason)]


def _active(org: Organization, user_id: str, reason: str) -> list[Called]:
    user = org.users.get(user_id)
    return [Called(user, reason)] if user is not None and user.active else []


def _team(org: Organization, team_id: str) -> list[Called]:
    team = org.teams.get(team_id)
    if team is None:
        return []
    return [called for member in team.members for called in _active(org, member.user_id, f"member of team {team.name}")]


def _schedule(org: Organization, target: Target, at: int) -> list[Called]:
    schedule = org.schedules.get(target.id)
    if schedule is None:
        return []
    overrides = org.overrides_of(schedule.id)
    if target.position is Position.CURRENT:
        shifts = rota.on_call(schedule, at, overrides)
    else:
        shifts = rota.at_position(schedule, at, target.position, target.neighbour, overrides)
    return [called for shift in shifts for called in on_shift(org, shift, _reason(schedule, target.position, shift))]


def _reason(schedule: Schedule, position: Position, shift: Shift) -> str:
    until = f"until {local(shift.end, schedule.zone):%a %H:%M}"
    if position is not Position.CURRENT:
        return f"{position} on call in {schedule.name}"
    if shift.override_id is not None:
        return f"on call by an override of {schedule.name} {until}"
    layer = next((layer.name for layer in schedule.layers if layer.id == shift.layer_id), shift.layer_id)
    return f"on call by layer {layer} of {schedule.name} {until}"


def _covered(org: Organization, policy: EscalationPolicy, called: Called, at: int) -> Called:
    """The stand-in, when an override of this policy covers this person now."""
    overrides = org.overrides_of_policy(policy.id)
    if not overrides:
        return called
    override = rota.covering(overrides, called.user.id, at, policy_id=policy.id)
    cover = org.users.get(override.cover_id or "") if override else None
    if cover is None or not cover.active or cover.id == called.user.id:
        return called
    return Called(cover, f"standing in for {called.user.name}, {called.reason}")
