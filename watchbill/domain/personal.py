"""A person's own paging policies, looked at and changed."""

from collections.abc import Iterable

from watchbill.domain.civil import MINUTE
from watchbill.domain.people import PagingPolicy, PagingRule, PagingStep, Urgency, User
from watchbill.domain.record import replace

# How long the one step of somebody new waits before it is taken again.
FIRST_TIMEOUT = 5 * MINUTE


def primary_policy(user: User) -> PagingPolicy | None:
    """The policy that counts at any time: of those without hours the one for any urgency, else for high urgency."""
    timeless = [policy for policy in user.paging if policy.primary]
    wanted = (None, Urgency.HIGH, Urgency.LOW)
    return min(timeless, key=lambda policy: wanted.index(policy.urgency), default=None)


def with_paging(user: User, policy: PagingPolicy) -> User:
    """With this policy in the place of the one with its id; a new one is the last to be asked."""
    if any(one.id == policy.id for one in user.paging):
        return replace(user, paging=tuple(policy if one.id == policy.id else one for one in user.paging))
    return replace(user, paging=(*user.paging, policy))


def without_contact(user: User, contact_id: str) -> User:
    """Without a contact and the rules that name it. Steps that only had such rules go too, and who is left with no
    step at all is paged over every contact there is."""
    contacts = tuple(contact for contact in user.contacts if contact.id != contact_id)
    paging = tuple(replace(policy, steps=_without(policy.steps, contact_id)) for policy in user.paging)
    return replace(user, contacts=contacts, paging=paging)


def _without(steps: Iterable[PagingStep], contact_id: str) -> tuple[PagingStep, ...]:
    left = []
    for step in steps:
        rules = tuple(rule for rule in step.rules if rule.contact_id != contact_id)
        if rules or not step.rules:
            left.append(replace(step, rules=rules))
    return tuple(left)


def first_step(rules: Iterable[PagingRule], number: int) -> PagingStep:
    """The step by which somebody new is paged, at once and again until they answer."""
    return PagingStep(tuple(rules), FIRST_TIMEOUT, number)
