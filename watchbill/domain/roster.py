"""Who a target means at one instant, and by what reason."""

from collections.abc import Iterable

from watchbill.domain import rota
from watchbill.domain.civil import local
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import record
from watchbill.domain.rota import Override, Position, Schedule, Shift


@record
class Called:
    """A person whom a target means, with the reason in words."""

    user: User
    reason: str


def people(org: Organization, policy: EscalationPolicy, target: Target, at: int) -> list[Called]:
    """The active users that a user, schedule or team target means at `at`, overrides of the policy applied."""
    if target.kind is TargetKind.SCHEDULE:
        return _schedule(org, policy, target, at)
    named = _called(org, [target.id], "named by the step") if target.kind is TargetKind.USER else []
    if target.kind is TargetKind.TEAM and target.id in org.teams:
        named = _called(org, _members(org, target.id), f"member of team {org.teams[target.id].name}")
    overrides = org.overrides_of_policy(policy.id)
    return _active(_covered(org, policy.id, overrides, called, at) for called in named)


def on_shift(org: Organization, shift: Shift, reason: str) -> list[Called]:
    """The active people of a shift, team turns expanded to their present members."""
    return _active(_of_shift(org, shift, reason))


def _of_shift(org: Organization, shift: Shift, reason: str) -> list[Called]:
    of_teams = (user_id for team_id in shift.team_ids for user_id in _members(org, team_id))
    return _called(org, (*shift.user_ids, *of_teams), reason)


def _members(org: Organization, team_id: str) -> list[str]:
    team = org.teams.get(team_id)
    return [member.user_id for member in team.members] if team else []


def _called(org: Organization, ids: Iterable[str], reason: str) -> list[Called]:
    """Those who are not active as well: somebody may stand in for them."""
    return [Called(org.users[id], reason) for id in dict.fromkeys(ids) if id in org.users]


def _active(called: Iterable[Called]) -> list[Called]:
    return [one for one in called if one.user.active]


def _schedule(org: Organization, policy: EscalationPolicy, target: Target, at: int) -> list[Called]:
    """The schedule has applied its own overrides and those that hold everywhere: twice, and two people who swap would
    get back what they gave away.
    """
    schedule = org.schedules.get(target.id)
    if schedule is None:
        return []
    overrides = org.overrides_of(schedule.id)
    if target.position is Position.CURRENT:
        shifts = rota.on_call(schedule, at, overrides)
    else:
        shifts = rota.at_position(schedule, at, target.position, target.neighbour, overrides)
    return [called for shift in shifts for called in during(org, policy, target, shift, at)]


def during(org: Organization, policy: EscalationPolicy, target: Target, shift: Shift, at: int) -> list[Called]:
    """The people of a shift of the target's schedule at an instant of it, as this policy pages them."""
    schedule = org.schedules[target.id]
    found = _on_shift(org, schedule, shift, _reason(schedule, target.position, shift), at)
    left = tuple(override for override in org.overrides_of_policy(policy.id) if override.policy_id is not None)
    return _active(_covered(org, policy.id, left, called, at) for called in found)


def in_schedule(org: Organization, schedule: Schedule, shift: Shift, at: int) -> list[User]:
    """The active people of a shift of a schedule at an instant of it, whatever policies say."""
    return [called.user for called in _active(_on_shift(org, schedule, shift, "", at))]


def _on_shift(org: Organization, schedule: Schedule, shift: Shift, reason: str, at: int) -> list[Called]:
    """The schedule knows no members of teams, so what covers one of them is seen only here."""
    personal = tuple(override for override in org.overrides_of(schedule.id) if override.user_id is not None)
    return [
        called if called.user.id in shift.user_ids else _covered(org, schedule.id, personal, called, at)
        for called in _of_shift(org, shift, reason)
    ]


def standing_in(org: Organization, policy: EscalationPolicy, target: Target, user: User, at: int) -> User:
    """Who is paged at an instant instead of somebody whom the target means there; themselves without an override."""
    called = Called(user, "")
    if target.kind is not TargetKind.SCHEDULE:
        return _covered(org, policy.id, org.overrides_of_policy(policy.id), called, at).user
    here = org.overrides_of(target.id)
    if target.position is not Position.CURRENT:
        here = tuple(override for override in here if override.user_id is not None)
    called = _covered(org, target.id, here, called, at)
    left = tuple(override for override in org.overrides_of_policy(policy.id) if override.policy_id is not None)
    return _covered(org, policy.id, left, called, at).user


def _reason(schedule: Schedule, position: Position, shift: Shift) -> str:
    if position is not Position.CURRENT:
        return f"{position} on call in {schedule.name}"
    until = f"until {local(shift.end, schedule.zone):%a %H:%M} {schedule.zone}"
    if shift.override_id is not None:
        return f"on call by an override of {schedule.name} {until}"
    layer = next((layer.name for layer in schedule.layers if layer.id == shift.layer_id), shift.layer_id)
    return f"on call by layer {layer} of {schedule.name} {until}"


def _covered(org: Organization, place: str, overrides: tuple[Override, ...], called: Called, at: int) -> Called:
    """The stand-in, when one of the overrides covers this person now, in that schedule or policy."""
    if not overrides:
        return called
    override = rota.covering(overrides, called.user.id, at, schedule_id=place, policy_id=place)
    cover = org.users.get(override.cover_id or "") if override else None
    if cover is None or not cover.active or cover.id == called.user.id:
        return called
    return Called(cover, f"standing in for {called.user.name}, {called.reason}")
