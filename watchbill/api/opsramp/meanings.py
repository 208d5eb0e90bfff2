"""Recipients who mean somebody else by now: a group's distribution address was set, changed or has gone with the group,
or a login name that a policy was sent with is somebody's since (reference, part 8.7)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from watchbill.api.opsramp.escalation_core import STEPS, kept_steps, step_of
from watchbill.api.opsramp.kept import keeping, kept
from watchbill.api.opsramp.recipients import Known, mailing_address
from watchbill.domain.organization import Change, Organization
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind


def resolved(before: Organization, after: Organization) -> list[Change]:
    """The policies of `after` that write to others than before, for what became of people and groups in between."""
    if _words(before) == _words(after):
        return []
    known = Known(before), Known(after)
    made = [_anew(policy, known) for policy in after.policies.values() if kept_steps(policy)]
    return [Change("policy", policy.id, policy) for policy in made if policy != after.policies[policy.id]]


def _words(org: Organization) -> tuple[object, ...]:
    """By what a policy may name somebody: references to people by number and to groups by id never change."""
    groups = {(team.id, team.name.lower(), mailing_address(team)) for team in org.teams.values()}
    return groups, {(name, user.id) for name, user in org.users_by_name.items()}


def _anew(policy: EscalationPolicy, known: tuple[Known, Known]) -> EscalationPolicy:
    steps = {step.id: step for step in policy.steps}
    facts: list[dict[str, Any]] = []
    for fact in map(dict, kept_steps(policy)):
        step = steps.get(fact["id"])
        if step is not None:
            was, now = (step_of(step.id, fact["document"], one).targets for one in known)
            gone = [target for target in was if target not in now and _has_gone(target, known[1].org)]
            fresh = [target for target in now if target not in was]
            steps[step.id] = replace(step, targets=_moved(step.targets, gone, fresh))
            fact = _told(fact, step, steps[step.id])
        facts.append(fact)
    made = replace(policy, steps=tuple(steps.values()))
    return policy if made == policy else keeping(made, {**kept(policy), STEPS: facts})


def _has_gone(target: Target, org: Organization) -> bool:
    """Somebody who merely has another name by now is meant as before."""
    return target.kind is TargetKind.EMAIL and all(mailing_address(team) != target.id for team in org.teams.values())


def _moved(targets: Sequence[Target], gone: Sequence[Target], fresh: Sequence[Target]) -> tuple[Target, ...]:
    return tuple(dict.fromkeys([*(target for target in targets if target not in gone), *fresh]))


def _told(fact: dict[str, Any], before: Step, after: Step) -> dict[str, Any]:
    """What the recipients meant: what another dialect took off or added is still told from that."""
    taken = list(_pairs(set(before.targets) - set(after.targets)))
    added = _pairs(target for target in after.targets if target not in before.targets)
    stay = [list(pair) for pair in fact["targets"] if list(pair) not in taken]
    return {**fact, "targets": [*stay, *added]}


def _pairs(targets: Any) -> Iterator[list[str]]:
    return ([target.kind.value, target.id] for target in targets)
