"""Does every alert lead to somebody: policies, routing keys, rules, maintenance?"""

from collections.abc import Iterator, Mapping, Sequence

from watchbill.domain.civil import DAY, local
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Step, TargetKind
from watchbill.domain.routes import Condition, Join, Rule, Start
from watchbill.domain.routing import is_active
from watchbill.usecases.findings import Finding, problem, warning


def policies(org: Organization) -> Iterator[Finding]:
    used = _used(org)
    for policy in org.policies.values():
        subject = f"policy {policy.slug}"
        if not policy.steps:
            finding = problem if policy.id in used else warning
            yield finding(subject, "The policy has no steps, so it pages nobody.", "Add a step with a target.")
        for number, step in enumerate(policy.steps, 1):
            yield from _step(org, subject, number, step)
    yield from _loops(org)


def _used(org: Organization) -> set[str]:
    """The policies that a routing key, a rule or another policy starts."""
    starts = [start for key in org.routing_keys.values() for start in key.starts]
    starts += [start for rule in org.rules.values() for start in rule.starts]
    targets = [target for policy in org.policies.values() for step in policy.steps for target in step.targets]
    called = {target.id for target in targets if target.kind is TargetKind.POLICY}
    return called | {start.policy_id for start in starts if start.policy_id}


def _step(org: Organization, subject: str, number: int, step: Step) -> Iterator[Finding]:
    if not step.targets:
        yield warning(subject, f"Step {number} has no targets.", "Add a target, or remove the step.")
    elif not any(_means_somebody(org, target.kind, target.id) for target in step.targets):
        yield problem(
            subject,
            f"Step {number} reaches nobody: its people and policies are not active, its teams and schedules are empty.",
            "Name somebody who is active.",
        )


def _means_somebody(org: Organization, kind: TargetKind, id: str) -> bool:
    """Whether a target can ever reach anybody; gaps of a schedule are another matter."""
    if kind is TargetKind.USER:
        return id in org.users and org.users[id].active
    if kind is TargetKind.TEAM:
        return id in org.teams and any(_means_somebody(org, TargetKind.USER, m.user_id) for m in org.teams[id].members)
    if kind is TargetKind.SCHEDULE:
        turns = [turn for layer in org.schedules[id].layers for turn in layer.turns] if id in org.schedules else []
        users = any(_means_somebody(org, TargetKind.USER, user_id) for turn in turns for user_id in turn.user_ids)
        return users or any(_means_somebody(org, TargetKind.TEAM, each) for turn in turns for each in turn.team_ids)
    if kind is TargetKind.POLICY:
        return id in org.policies and org.policies[id].active
    return True


def _loops(org: Organization) -> Iterator[Finding]:
    """Policies that lead back to themselves. Each loop is told once, from the policy that comes first in it."""
    following = {
        policy.id: [t.id for step in policy.steps for t in step.targets if t.kind is TargetKind.POLICY]
        for policy in org.policies.values()
    }
    told: set[str] = set()
    for policy in org.policies.values():
        loop = () if policy.id in told else _way_back(following, policy)
        if loop:
            told.update(loop)
            names = " -> ".join(org.policies[id].slug for id in (*loop, policy.id))
            yield warning(
                f"policy {policy.slug}",
                f"The policy leads back to itself: {names}. The loop is stopped when it runs.",
                "Let the last of them end at a person, a team or a schedule.",
            )


def _way_back(following: Mapping[str, Sequence[str]], policy: EscalationPolicy) -> tuple[str, ...]:
    """The shortest way from a policy to itself, without the return; empty when there is none."""
    ways: list[tuple[str, ...]] = [(policy.id,)]
    seen: set[str] = set()
    for way in ways:
        for id in following.get(way[-1], ()):
            if id == policy.id:
                return way
            if id not in seen:
                seen.add(id)
                ways.append((*way, id))
    return ()


# --- Routes


def routes(org: Organization) -> Iterator[Finding]:
    own_rules = org.ordered_rules.get(None, ())
    everything_ruled = any(_catches_all(rule) for rule in own_rules)
    if org.default_key is None and not everything_ruled:
        yield problem(
            "routing",
            "There is no default route: an alert whose routing key is not known pages nobody.",
            "Make one routing key the default.",
        )
    for key in org.routing_keys.values():
        if not key.starts:
            finding = warning if org.default_key not in (None, key) else problem
            then = "the default route is taken" if org.default_key not in (None, key) else "it pages nobody"
            yield finding(f"routing key {key.name}", f"The routing key has no policy: {then}.", "Give it a policy.")
        yield from _switched_off(org, f"routing key {key.name}", key.starts)
    for integration in org.integrations.values():
        name = integration.routing_key
        if name and name.lower() not in org.routing_keys_by_name:
            yield warning(
                f"integration {integration.name}",
                f"Its alerts get the routing key {name}, which there is not.",
                f"Make a routing key {name}, or name another.",
            )
    for rule in org.rules.values():
        yield from _switched_off(org, f"rule {rule.name}", rule.starts if rule.active else ())
    for rules in org.ordered_rules.values():
        yield from _unreached_rules(rules)
    yield from _never_true((*org.rules_beside, *org.groupings))


def _switched_off(org: Organization, subject: str, starts: Sequence[Start]) -> Iterator[Finding]:
    """Policies that are not active don't start; where there is no other, nobody is paged but the safety net."""
    policies = [org.policies.get(start.policy_id or "") for start in starts]
    off = [policy.slug for policy in policies if policy is not None and not policy.active]
    if off:
        finding, then = (
            (problem, "so it pages nobody") if len(off) == len(starts) else (warning, "so only others start")
        )
        yield finding(
            subject,
            f"It starts what is switched off (policy {', '.join(off)}), {then}.",
            "Switch it on, or start another policy.",
        )


def _unreached_rules(rules: Sequence[Rule]) -> Iterator[Finding]:
    closing = next((at for at, rule in enumerate(rules) if _catches_all(rule)), len(rules))
    for rule in rules[closing + 1 :]:
        yield warning(
            f"rule {rule.name}",
            f"The rule never applies: {rules[closing].name} comes first and takes every alert.",
            f"Move it up, or let {rules[closing].name} go on to the next rule.",
        )
    yield from _never_true(rules)


def _never_true(rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.condition is not None and _never(rule.condition):
            yield warning(f"rule {rule.name}", "The condition of the rule is never true.", "Add a test to it.")


def _catches_all(rule: Rule) -> bool:
    return (rule.condition is None or _always(rule.condition)) and rule.hours is None and not rule.go_on


def _always(condition: Condition) -> bool:
    if condition.join is Join.ALL:
        return all(_always(part) for part in condition.parts)
    if condition.join is Join.ANY:
        return any(_always(part) for part in condition.parts)
    return condition.join is Join.NONE and all(_never(part) for part in condition.parts)


def _never(condition: Condition) -> bool:
    if condition.join is Join.ALL:
        return any(_never(part) for part in condition.parts)
    if condition.join is Join.ANY:
        return all(_never(part) for part in condition.parts)
    return condition.join is Join.NONE and any(_always(part) for part in condition.parts)


# --- Maintenance


def windows(org: Organization, now: int) -> Iterator[Finding]:
    for window in org.windows.values():
        endless = window.end is None and window.weekly is None and window.key_ids != ()
        if endless and is_active(window, now) and now - window.start > DAY:
            since = f"{local(window.start, 'UTC'):%a %d %b %H:%M} UTC"
            yield warning(
                f"maintenance {window.slug}",
                f"{window.name} has kept incidents quiet since {since} and has no end.",
                "End it, or give it an end.",
            )
