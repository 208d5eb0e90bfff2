"""Taking away what other things may name: what goes with it, and what stands in the way."""

from collections.abc import Iterator

from watchbill.domain.disbanding import without_keys, without_policies
from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change, Organization
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.rota import Schedule
from watchbill.domain.routes import RoutingKey


def of_schedule(org: Organization, schedule: Schedule) -> list[Change]:
    """Its overrides go with it. Raises Conflict while something pages who is on call in it."""
    _demand_unused(schedule.name, list(_naming(org, Target(TargetKind.SCHEDULE, schedule.id))))
    overrides = [one.id for one in org.overrides.values() if one.schedule_id == schedule.id]
    return [Change("schedule", schedule.id, None), *(Change("override", id, None) for id in overrides)]


def of_policy(org: Organization, policy: EscalationPolicy) -> list[Change]:
    """Its overrides go with it, and every routing key that starts nothing else; other keys go on without it.

    Raises Conflict while something else leads to it, or when the default route would lead nowhere.
    """
    users = [*_naming(org, Target(TargetKind.POLICY, policy.id)), *_rules(org, policy.id)]
    default = org.default_key
    if default is not None and default.starts and all(start.policy_id == policy.id for start in default.starts):
        users.append("the default route, which leads nowhere else")
    _demand_unused(policy.name, users)
    return without_policies(org, {policy.id})


def of_routing_key(org: Organization, key: RoutingKey) -> list[Change]:
    """Maintenance of it goes on for the other keys, or is over."""
    return without_keys(org, {key.id})


def _demand_unused(name: str, users: list[str]) -> None:
    if users:
        raise Conflict(f"{name} is used by {', '.join(users)}; take it out there first")


def _naming(org: Organization, target: Target) -> Iterator[str]:
    """Whatever else has a target of that kind and id."""
    for policy in org.policies.values():
        if policy.id != target.id and any(_is(target, one) for step in policy.steps for one in step.targets):
            yield f"the escalation policy {policy.name}"
    if any(_is(target, one) for one in org.settings.safety_net):
        yield "the safety net"


def _is(wanted: Target, target: Target) -> bool:
    return (target.kind, target.id) == (wanted.kind, wanted.id)


def _rules(org: Organization, policy_id: str) -> Iterator[str]:
    for rule in org.rules.values():
        if any(start.policy_id == policy_id for start in rule.starts):
            yield f"the rule {rule.name}"
