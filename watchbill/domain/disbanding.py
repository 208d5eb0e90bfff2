"""What goes with a team, or with an escalation policy, when it is removed (VictorOps reference, parts 2.8 and 2.12).

Where something that stays still names what goes, the organization is unfit, and so the whole is refused.
"""

from collections.abc import Collection

from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Team
from watchbill.domain.plans import TargetKind
from watchbill.domain.record import replace
from watchbill.domain.routes import RoutingKey


def disband(org: Organization, team: Team) -> tuple[Change, ...]:
    """The policies and rules that it owns go with it, and schedules that are nobody's then; others lose it.

    Raises Conflict as `without_policies` does.
    """
    gone = {policy.id for policy in org.policies.values() if policy.team_id == team.id}
    changes = [*_schedules(org, team, gone), *without_policies(org, gone)]
    for policy in org.policies.values():
        if policy.id not in gone and team.id in policy.team_ids:
            changes.append(Change("policy", policy.id, replace(policy, team_ids=_others(policy.team_ids, team))))
    changes += [Change("rule", rule.id, None) for rule in org.rules.values() if rule.team_id == team.id]
    return (*changes, Change("team", team.id, None))


def without_policies(org: Organization, gone: Collection[str]) -> list[Change]:
    """The policies go with their overrides, and with the routing keys that start nothing else. Raises Conflict when the
    default route would start nothing: alerts would be lost."""
    changes = [Change("policy", id, None) for id in gone]
    changes += [Change("override", one.id, None) for one in org.overrides.values() if one.policy_id in gone]
    keys: set[str] = set()
    for key in org.routing_keys.values():
        left = tuple(start for start in key.starts if start.policy_id not in gone)
        if left == key.starts:
            continue
        if left:
            changes.append(Change("routing_key", key.id, replace(key, starts=left)))
        elif key.is_default:
            raise Conflict(f"the default route leads nowhere else than to {' and '.join(_named(org, key))}")
        else:
            keys.add(key.id)
    return changes + without_keys(org, keys)


def without_keys(org: Organization, gone: Collection[str]) -> list[Change]:
    """The routing keys go; maintenance goes on for others."""
    return [*(Change("routing_key", id, None) for id in gone), *_windows(org, gone)]


def _named(org: Organization, key: RoutingKey) -> list[str]:
    return [org.policies[start.policy_id].name for start in key.starts if start.policy_id is not None]


def _windows(org: Organization, keys: Collection[str]) -> list[Change]:
    """Maintenance of keys that are gone is over; of none it must not become maintenance of all."""
    changes = []
    for window in org.windows.values():
        left = tuple(id for id in window.key_ids or () if id not in keys)
        if window.key_ids is not None and left != window.key_ids:
            changes.append(Change("window", window.id, replace(window, key_ids=left) if left else None))
    return changes


def _schedules(org: Organization, team: Team, gone: Collection[str]) -> list[Change]:
    named = {
        target.id
        for policy in org.policies.values()
        if policy.id not in gone
        for step in policy.steps
        for target in step.targets
        if target.kind is TargetKind.SCHEDULE
    } | {target.id for target in org.settings.safety_net if target.kind is TargetKind.SCHEDULE}
    changes: list[Change] = []
    for schedule in org.schedules.values():
        if team.id not in schedule.team_ids:
            continue
        left = _others(schedule.team_ids, team)
        if left or schedule.id in named:
            changes.append(Change("schedule", schedule.id, replace(schedule, team_ids=left)))
        else:
            changes.append(Change("schedule", schedule.id, None))
            orphans = [one for one in org.overrides.values() if one.schedule_id == schedule.id]
            changes += [Change("override", one.id, None) for one in orphans]
    return changes


def _others(team_ids: tuple[str, ...], team: Team) -> tuple[str, ...]:
    return tuple(one for one in team_ids if one != team.id)
