"""A personal paging policy in its other spelling: rules that each have a delay, instead of steps with timeouts.

A rule stands in the step whose offset is its delay; a step's offset is the sum of the timeouts before it. A rule at a
new delay splits the step that lasts then; with its last rule a step goes, and the step before lasts so much longer.
Every other rule stays at its delay, and the last step keeps its timeout, after which it repeats.

One policy is meant: the first without hours that is for the urgency. Where it is for any urgency, its rules are shown
under both; a change under one leaves the other as it was, so the policy is split in two then. Policies with hours are
never touched.
"""

from collections.abc import Callable, Iterable, Sequence

from watchbill.domain.paging import KIND_OF_CHANNEL
from watchbill.domain.people import PagingPolicy, PagingRule, PagingStep, Urgency, User
from watchbill.domain.personal import FIRST_TIMEOUT, with_paging
from watchbill.domain.record import record, replace
from watchbill.domain.slugs import uuid_from

Moment = tuple[int, PagingStep]


@record
class TimedRule:
    """`delay`: microseconds from the moment at which the person is reached."""

    id: str
    delay: int
    channel: str
    contact_id: str


def rules_of(user: User, urgency: Urgency) -> tuple[TimedRule, ...]:
    """In the order in which they fire. A rule for all contacts of a kind is one rule for each, with its own id."""
    policy = _policy_of(user, urgency)
    if policy is None:
        return ()
    return tuple(
        TimedRule(rule.id, at, rule.channel, rule.contact_id)
        for at, step in _moments(_shown(policy, urgency))
        for general in step.rules
        for rule in _spelled_out(user, general)
        if rule.contact_id is not None
    )


def with_rule(user: User, urgency: Urgency, rule: TimedRule, blank: PagingPolicy) -> User:
    """The rule takes the place of the one with its id, or is the last of those at its delay. `blank` lends its id and
    its number where a policy has to be made."""
    user, policy = _own(user, urgency, blank)
    new = PagingRule(rule.channel, rule.contact_id, rule.id)
    there = any(old.id == rule.id and old.delay == rule.delay for old in rules_of(user, urgency))
    if there:
        changed = _mapped(user, policy, lambda old: (new,) if old.id == rule.id else (old,))
        return with_paging(user, replace(policy, steps=changed))
    moments = _moments(replace(policy, steps=_without(user, policy, rule.id)))
    lasts = _lasts(policy)
    same = next((index for index, (at, _) in enumerate(moments) if at == rule.delay), None)
    if same is None:
        moments.append((rule.delay, PagingStep((new,), 0)))
    else:
        at, step = moments[same]
        moments[same] = (at, replace(step, rules=(*step.rules, new)))
    return with_paging(user, replace(policy, steps=_joined(moments, lasts)))


def without_rule(user: User, urgency: Urgency, rule_id: str, blank: PagingPolicy) -> User:
    """A policy that is left without rules stays: there is no other one that would be right instead."""
    user, policy = _own(user, urgency, blank)
    return with_paging(user, replace(policy, steps=_without(user, policy, rule_id)))


def without_contact(user: User, contact_id: str) -> User:
    """The contact goes, and with it all rules that name it, whatever the hours of their policy. The other rules keep
    their delays (`personal.without_contact` keeps the timeouts of the other steps)."""
    for policy in user.paging:
        if any(rule.contact_id == contact_id for step in policy.steps for rule in step.rules):
            moments = [
                (at, _keeping(step, lambda rule: rule.contact_id != contact_id)) for at, step in _moments(policy)
            ]
            user = with_paging(user, replace(policy, steps=_joined(moments, _lasts(policy))))
    return replace(user, contacts=tuple(one for one in user.contacts if one.id != contact_id))


# --- Which policy


def _policy_of(user: User, urgency: Urgency) -> PagingPolicy | None:
    return next((one for one in user.paging if one.primary and one.urgency in (None, urgency)), None)


def _own(user: User, urgency: Urgency, blank: PagingPolicy) -> tuple[User, PagingPolicy]:
    """The policy for this urgency and no other. The one that was for both is for high urgency then."""
    policy = _policy_of(user, urgency)
    if policy is None:
        made = replace(
            blank, name=f"{urgency.value.title()} urgency", steps=(), urgency=urgency, hours=None, repeat_last=False
        )
        return replace(user, paging=(*user.paging, made)), made
    if policy.urgency is not None:
        named = _shown(policy, urgency)
        return with_paging(user, named), named
    high = replace(_shown(policy, Urgency.HIGH), urgency=Urgency.HIGH)
    low = replace(
        _shown(policy, Urgency.LOW),
        id=blank.id,
        number=blank.number,
        name=f"{policy.name} (low urgency)".strip(),
        urgency=Urgency.LOW,
    )
    place = user.paging.index(policy)
    paging = (*user.paging[:place], high, low, *user.paging[place + 1 :])
    return replace(user, paging=paging), high if urgency is Urgency.HIGH else low


# --- Ids


def _shown(policy: PagingPolicy, urgency: Urgency) -> PagingPolicy:
    """The policy with an id for each rule: its own; one made of what it says, where it has none or shares it; and
    another one under low urgency where the policy is for both."""
    twice = policy.urgency is None and urgency is Urgency.LOW
    seen: set[str] = set()
    steps = []
    for step in policy.steps:
        rules = []
        for rule in step.rules:
            id = _distinct(policy, rule, seen)
            seen.add(id)
            rules.append(replace(rule, id=uuid_from(id, Urgency.LOW.value) if twice else id))
        steps.append(replace(step, rules=tuple(rules)))
    return replace(policy, steps=tuple(steps))


def _distinct(policy: PagingPolicy, rule: PagingRule, seen: set[str]) -> str:
    count = 0
    id = rule.id
    while not id or id in seen:
        count += 1
        id = uuid_from(policy.id, rule.id, rule.channel, rule.contact_id or "", str(count))
    return id


def _spelled_out(user: User, rule: PagingRule) -> tuple[PagingRule, ...]:
    if rule.contact_id is not None:
        return (rule,)
    kind = KIND_OF_CHANNEL.get(rule.channel)
    fitting = [contact.id for contact in user.contacts if contact.kind == kind]
    return tuple(replace(rule, contact_id=id, id=uuid_from(rule.id, id)) for id in fitting)


# --- Steps


def _moments(policy: PagingPolicy) -> list[Moment]:
    """Each step with its offset. Steps without rules wait before the first page only; later ones are passed over."""
    at, began, moments = 0, False, []
    for step in policy.steps:
        moments.append((at, step))
        began = began or bool(step.rules)
        at += step.timeout if step.rules or not began else 0
    return moments


def _joined(moments: Iterable[Moment], lasts: int) -> tuple[PagingStep, ...]:
    """Steps at these offsets, without those that have no rules; a step without rules waits for a first one that is
    later than at once."""
    kept = sorted(((at, step) for at, step in moments if step.rules), key=lambda moment: moment[0])
    if kept and kept[0][0] > 0:
        kept = [(0, PagingStep((), 0)), *kept]
    ends = [at for at, _ in kept[1:]]
    lengths = [end - at for (at, _), end in zip(kept, ends, strict=False)]
    return tuple(replace(step, timeout=length) for (_, step), length in zip(kept, [*lengths, lasts], strict=False))


def _lasts(policy: PagingPolicy) -> int:
    """The timeout of the last step that has rules."""
    return next((step.timeout for step in reversed(policy.steps) if step.rules), FIRST_TIMEOUT)


def _without(user: User, policy: PagingPolicy, rule_id: str) -> tuple[PagingStep, ...]:
    """The steps without that rule; as they are when there is no such one."""
    steps = _mapped(user, policy, lambda rule: () if rule.id == rule_id else (rule,))
    if steps == policy.steps:
        return steps
    moments = [(at, step) for (at, _), step in zip(_moments(policy), steps, strict=True)]
    return _joined(moments, _lasts(policy))


def _mapped(
    user: User, policy: PagingPolicy, change: Callable[[PagingRule], Sequence[PagingRule]]
) -> tuple[PagingStep, ...]:
    """The steps with each rule changed. A rule for all contacts is spelled out only where the change touches it."""

    def changed(rule: PagingRule) -> Sequence[PagingRule]:
        each = _spelled_out(user, rule)
        after = [new for old in each for new in change(old)]
        return (rule,) if after == list(each) else after

    return tuple(
        replace(step, rules=tuple(new for rule in step.rules for new in changed(rule))) for step in policy.steps
    )


def _keeping(step: PagingStep, wanted: Callable[[PagingRule], bool]) -> PagingStep:
    return replace(step, rules=tuple(rule for rule in step.rules if wanted(rule)))
