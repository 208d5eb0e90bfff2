"""The configuration: what is to change, checked as a whole before it is kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from watchbill.domain.changes import problems as problems_of
from watchbill.domain.checks import Problem
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import MAPS, Change, Organization, Settings
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy
from watchbill.usecases import incidents
from watchbill.usecases.ports import Tx


class Unfit(Invalid):
    """The organization would be invalid as a whole. Every problem is named."""

    def __init__(self, org: Organization, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(said(org, problem) for problem in problems))


def apply(tx: Tx, org_number: int, changes: Sequence[Change], actor: str, now: int) -> Organization:
    """Keeps all changes or none. Incidents that run go on by the plans they took when they opened, unless they follow
    theirs; those that wait for the answer of somebody who is no longer an active user go on at once.

    Raises Unfit when what comes out is no valid organization.
    """
    org = tx.organization(org_number)
    if not changes:
        return org
    wanted = changed(org, changes)
    problems = problems_of(wanted)
    if problems:
        raise Unfit(wanted, problems)
    after = tx.change(org_number, changes, actor, now)
    if any(change.kind == "window" for change in changes):
        tx.wake_muted(org_number, now)
    if any(_moves_followers(org, change) for change in changes):
        for number in (org_number, *tx.client_numbers(org_number)):
            tx.wake_waiting(number, now)
    for user in _gone(org, after, changes):
        incidents.left(tx, org_number, user, now)
    return after


def _moves_followers(before: Organization, change: Change) -> bool:
    """Whether incidents that follow a policy may have to act at another moment than they wait for."""
    policy, now = before.policies.get(change.id), change.entity
    if policy is None or not policy.follows:
        return False
    return not isinstance(now, EscalationPolicy) or _moments(now) != _moments(policy)


def _moments(policy: EscalationPolicy) -> object:
    waits = [(step.id, step.wait, step.since) for step in policy.steps]
    return policy.active, policy.passes, policy.end_wait, waits


def _gone(before: Organization, after: Organization, changes: Sequence[Change]) -> list[User]:
    """Who was an active user and is none any more."""
    ids = dict.fromkeys(change.id for change in changes if change.kind == "user")
    were = [before.users[id] for id in ids if id in before.users and before.users[id].active]
    return [user for user in were if user.id not in after.users or not after.users[user.id].active]


def changed(org: Organization, changes: Sequence[Change]) -> Organization:
    """The organization as the changes would make it; its version stays."""
    kinds = {change.kind for change in changes} - {"settings"}
    maps: dict[str, dict[str, Any]] = {kind: dict(getattr(org, MAPS[kind])) for kind in kinds}
    settings = org.settings
    for change in changes:
        if change.kind == "settings":
            settings = change.entity if isinstance(change.entity, Settings) else Settings()
        elif change.entity is None:
            maps[change.kind].pop(change.id, None)
        else:
            maps[change.kind][change.id] = change.entity
    fields: dict[str, Any] = {MAPS[kind]: entities for kind, entities in maps.items()}
    return replace(org, settings=settings, **fields)


def said(org: Organization, problem: Problem) -> str:
    """A problem in a line: what it is about, by its name, where, and what is wrong."""
    return f"{title(org, problem.kind, problem.id)}: {problem.path}: {problem.message}"


def title(org: Organization, kind: str, id: str) -> str:
    if kind == "settings":
        return "settings"
    entity = getattr(org, MAPS[kind]).get(id)
    for attribute in ("username", "slug", "name"):
        name = getattr(entity, attribute, None)
        if name:
            return f"{kind.replace('_', ' ')} {name}"
    return f"{kind.replace('_', ' ')} {id}"
