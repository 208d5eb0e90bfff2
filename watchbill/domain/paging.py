"""One person being paged: which of their policies, which contacts, and what to do when a contact fails."""

from collections.abc import Iterable

from watchbill.domain.civil import MINUTE, SECOND, covers
from watchbill.domain.delivery import Purpose
from watchbill.domain.incident import Page, Paging, Run
from watchbill.domain.motion import Motion
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Urgency, User
from watchbill.domain.record import record
from watchbill.domain.roster import Called
from watchbill.domain.timeline import Kind

# Which kind of contact a channel sends to.
KIND_OF_CHANNEL = {
    "email": "email",
    "sms": "phone",
    "voice": "phone",
    "push": "push",
    "pocket": "pocket",
    "webhook": "webhook",
    "chat": "chat",
}
# The channels tried, in this order, for a person whose own policy reaches nobody.
LAST_RESORT = ("push", "pocket", "sms", "voice", "chat", "email", "webhook")
# The account's own address, verified or not: when nothing else is left, a mail there is better than silence.
OWN_ADDRESS = PagingRule("email", "account")
# A last step that repeats without a time of its own repeats this often.
SHORTEST_REPEAT = MINUTE
# So many pagings of somebody by one run that are over are kept: what they asked for may still be on its way.
REMEMBERED = 10

UNREACHABLE = "unreachable"
FINISHED = "finished"
NEXT_STEP = "the next step began"
NEXT_LAP = "the next pass began"
POLICY_OVER = "the policy is over"
# Paging that ended so asks for no more pages; what it asked for is still to be sent.
OVER_IN_TIME = ("", FINISHED, NEXT_STEP, NEXT_LAP, POLICY_OVER)


def choose_policy(user: User, urgency: Urgency, at: int, use_primary: bool = False) -> PagingPolicy | None:
    """The first of the user's policies whose urgency and hours fit; with `use_primary` those without hours only."""
    for policy in user.paging:
        if policy.urgency not in (None, urgency) or (use_primary and not policy.primary):
            continue
        if policy.hours is None or covers(policy.hours, at):
            return policy
    return None


def usable(user: User, rule: PagingRule) -> list[ContactMethod]:
    """The verified, active contacts of the user that a rule means."""
    if rule == OWN_ADDRESS:
        return [ContactMethod(f"email:{user.email}", 0, "email", user.email, verified=True)] if user.email else []
    kind = KIND_OF_CHANNEL.get(rule.channel)
    return [
        contact
        for contact in user.contacts
        if contact.kind == kind
        and contact.verified
        and contact.active
        and (rule.contact_id is None or rule.contact_id == contact.id)
    ]


def last_resort(user: User) -> tuple[PagingStep, ...]:
    """One step over every channel that can reach the user at all, for whom no policy of their own does."""
    rules = tuple(
        PagingRule(channel) for channel in LAST_RESORT if channel != "voice" and usable(user, PagingRule(channel))
    )
    if not rules and user.email:
        rules = (OWN_ADDRESS,)
    return (PagingStep(rules, 5 * MINUTE),) if rules else ()


def beyond(user: User, steps: Iterable[PagingStep]) -> tuple[PagingStep, ...]:
    """The last resort of somebody whom all these steps failed to reach; none when it has no way that they don't use."""
    used = {(rule.channel, contact.address) for step in steps for rule in step.rules for contact in usable(user, rule)}
    every = tuple(rule for step in last_resort(user) for rule in step.rules)
    for rules in (every, (*every, OWN_ADDRESS)):
        if any((rule.channel, contact.address) not in used for rule in rules for contact in usable(user, rule)):
            return (PagingStep(rules, 5 * MINUTE),)
    return ()


def page_person(m: Motion, called: Called, run: Run | None, urgency: Urgency, at: int) -> bool:
    """Begins to page someone; False when nothing at all can reach them.

    Who is being paged already is left alone, unless it is more urgent now.
    """
    user = called.user
    for paging in m.live_pagings():
        if paging.user_id == user.id:
            if urgency is Urgency.LOW or paging.urgency is Urgency.HIGH:
                m.note(at, Kind.PAGING, f"{user.name}: being paged already", user.id)
                return not paging.hopeless
            stop(m, [paging], "paged anew with high urgency")
    plan = m.policies[run.policy_id] if run is not None else None
    if plan is not None and run is not None:
        _forget(m, user.id, run, 0 if plan.once_each else REMEMBERED)
    use_primary = plan is not None and plan.use_primary
    policy = choose_policy(user, urgency, at, use_primary)
    paging = Paging(
        number=m.next_serial(),
        user_id=user.id,
        run=run.number if run else None,
        urgency=urgency,
        began_at=at,
        due=at,
        steps=policy.steps if policy else last_resort(user),
        repeat_last=policy.repeat_last if policy else True,
        reason=called.reason,
        once=plan is not None and plan.once_each,
    )
    by = f"policy {policy.name or 'primary'}" if policy else "every usable contact: no paging policy fits"
    m.note(at, Kind.PAGING, f"{user.name}: {called.reason}; paged by {by}", user.id)
    return act(m, m.set_paging(paging), at)


def _forget(m: Motion, user_id: str, run: Run, most: int) -> None:
    """Keeps the last of the pagings of somebody by this run that are over: it may go round, or repeat, for weeks, and
    each time is a paging of its own."""
    over = [one for one in m.pagings.values() if one.ended and one.user_id == user_id and one.run == run.number]
    for one in over[: max(0, len(over) - most)]:
        del m.pagings[one.number]


def act(m: Motion, paging: Paging, at: int) -> bool:
    """Takes the paging's next step that has a usable contact, at once. False when there is none.

    A whole round without a usable contact ends in the last resort, and then as unreachable.
    """
    user = m.org.users.get(paging.user_id)
    if user is None or not user.active:
        return _unreachable(m, paging, "is no longer an active user", at)
    for index in range(paging.step, len(paging.steps)):
        if _take(m, user, paging, index, at) or _wait(m, user, paging, index, at):
            return True
        m.note(at, Kind.SKIPPED, f"{user.name}: paging step {index + 1} has no usable contact", user.id)
    if paging.sent:
        return _begin_again(m, user, paging, at)
    return _by_every_contact(m, user, paging, at) or _unreachable(m, paging, "has no usable contact", at)


def _by_every_contact(m: Motion, user: User, paging: Paging, at: int) -> bool:
    rest = last_resort(user)
    if not rest or paging.steps == rest:
        return False
    m.note(at, Kind.PAGING, f"{user.name}: no step of the policy can be used; trying every contact", user.id)
    return act(m, m.set_paging(paging, steps=rest, step=0), at)


def _wait(m: Motion, user: User, paging: Paging, index: int, at: int) -> bool:
    """Steps without rules before the first page let their time pass: the person wants to be paged later than at once.
    Not when nobody could be paged then."""
    step = paging.steps[index]
    if step.rules or paging.sent or not _has_usable(m, paging, paging.steps[index + 1 :]):
        return False
    m.set_paging(paging, step=index + 1, due=at + step.timeout)
    m.note(
        at, Kind.PAGING, f"{user.name}: to be paged {step.timeout // SECOND} s from now, by their own policy", user.id
    )
    return True


def _begin_again(m: Motion, user: User, paging: Paging, at: int) -> bool:
    """No later step can be used: where the last one would repeat, the last one that can be used does. Contacts may have
    been replaced meanwhile: where none of those is left, there may be others."""
    if paging.once or not paging.repeat_last:
        m.set_paging(paging, due=None, ended=FINISHED)
        return True
    if any(_take(m, user, paging, index, at) for index in reversed(range(paging.step))):
        return True
    return _by_every_contact(m, user, paging, at) or _unreachable(m, paging, "has no usable contact any more", at)


def _unreachable(m: Motion, paging: Paging, why: str, at: int) -> bool:
    user = m.org.users.get(paging.user_id)
    name = user.name if user else paging.user_id
    m.note(at, Kind.SKIPPED, f"{name} {why}: can't be reached", paging.user_id)
    m.set_paging(paging, due=None, hopeless=True, ended=UNREACHABLE)
    return False


def _pages_of(m: Motion, user: User, paging: Paging, step: PagingStep, at: int) -> list[Page]:
    """One page for each address over each channel, however many rules and contacts lead there."""
    run = m.runs.get(paging.run or 0)
    places: dict[tuple[str, str], ContactMethod] = {}
    for rule in step.rules:
        for contact in usable(user, rule):
            places.setdefault((rule.channel, contact.address), contact)
    return [
        Page(
            at=at,
            purpose=Purpose.PAGE,
            channel=channel,
            address=address,
            urgency=paging.urgency,
            reason=paging.reason,
            user_id=user.id,
            contact_id=contact.id,
            paging=paging.number,
            run=paging.run or 0,
            through_ack=run is not None and goes_through_ack(m, run),
        )
        for (channel, address), contact in places.items()
    ]


def goes_through_ack(m: Motion, run: Run) -> bool:
    """Whether this run's policy keeps paging although somebody acknowledged."""
    return "acknowledged" not in m.policies[run.policy_id].stop_on


def _take(m: Motion, user: User, paging: Paging, index: int, at: int) -> bool:
    pages = _pages_of(m, user, paging, paging.steps[index], at)
    if not pages:
        return False
    m.pages.extend(pages)
    last = index == len(paging.steps) - 1
    earlier = index < paging.step
    timeout = paging.steps[index].timeout
    over = paging.once or (last and not paging.repeat_last)
    m.set_paging(
        paging,
        step=paging.step if earlier else min(index + 1, len(paging.steps) - 1),
        due=None if over else at + (max(timeout, SHORTEST_REPEAT) if last or earlier else timeout),
        ended=FINISHED if over else "",
        hopeless=False,
        sent=paging.sent + len(pages),
        step_sent=len(pages),
        step_failed=0,
        acted=index,
        acted_at=at,
    )
    ways = ", ".join(f"{page.channel} {page.address}" for page in pages)
    m.note(at, Kind.PAGE, f"{user.name}: paging by {ways}", user.id)
    return True


def _name(m: Motion, paging: Paging) -> str:
    user = m.org.users.get(paging.user_id)
    return user.name if user else paging.user_id


def stop(m: Motion, pagings: Iterable[Paging], why: str) -> None:
    """Who was never paged until then can't answer."""
    for paging in pagings:
        m.set_paging(paging, due=None, ended=why, hopeless=paging.hopeless or not paging.sent)


@record
class Failure:
    """A page that failed for good, by the numbers it was asked with. `asked_at` is when that was.

    `reached`: another page of the same paging was accepted, or may still be. `passing`: it was given up after tries
    that could have worked (a provider that was busy or away), so it may work later. `gone`: the numbers of pagings of
    which no page was accepted or may still be; they failed, or gave way to a newer page.
    """

    paging: int
    run: int
    asked_at: int
    why: str
    reached: bool = False
    passing: bool = False
    gone: frozenset[int] = frozenset()


def page_failed(m: Motion, failure: Failure, at: int) -> None:
    """When the whole step that acted last failed, the next contact that can be used is tried now."""
    paging = m.pagings.get(failure.paging)
    if paging is None or paging.ended not in OVER_IN_TIME:
        return
    if failure.asked_at >= paging.acted_at:
        paging = m.set_paging(paging, step_failed=paging.step_failed + 1)
    if paging.step_failed < paging.step_sent:
        return
    if paging.ended in ("", FINISHED) and _has_usable(m, paging, paging.steps[paging.acted + 1 :]):
        m.note(at, Kind.PAGING, f"{_name(m, paging)}: {failure.why}; trying the next contact now", paging.user_id)
        m.set_paging(paging, step=paging.acted + 1, due=at, ended="")
    elif not failure.reached and not _goes_beyond(m, paging, failure, at):
        m.note(at, Kind.PAGING, f"{_name(m, paging)}: every page failed", paging.user_id)
        paging = m.set_paging(paging, hopeless=True)
        if failure.passing:
            _try_again(m, paging, at)


def _goes_beyond(m: Motion, paging: Paging, failure: Failure, at: int) -> bool:
    """Their own policy has come to nothing: every contact is tried now, as for who has none."""
    user = m.org.users.get(paging.user_id)
    rest = beyond(user, paging.steps) if user is not None and paging.ended in ("", FINISHED) else ()
    if rest:
        m.note(at, Kind.PAGING, f"{_name(m, paging)}: {failure.why}; trying every contact now", paging.user_id)
        steps = (*paging.steps, *rest)
        m.set_paging(paging, steps=steps, step=len(paging.steps), repeat_last=True, due=at, ended="")
    return bool(rest)


def give_up(m: Motion, gone: Iterable[int]) -> None:
    """Who is paged no more, and was sent nothing, can't answer."""
    for number in gone:
        paging = m.pagings.get(number)
        if paging is not None and paging.ended:
            m.set_paging(paging, hopeless=True)


def _try_again(m: Motion, paging: Paging, at: int) -> None:
    """From the first contact on, soon: what kept us from reaching this person may pass, and their own next page may be
    far away, or none."""
    due = at + SHORTEST_REPEAT
    if paging.due is None or paging.due > due:
        m.note(at, Kind.PAGING, f"{_name(m, paging)}: all contacts are tried again in a minute", paging.user_id)
        m.set_paging(paging, step=0, due=due, ended="")


def _has_usable(m: Motion, paging: Paging, steps: tuple[PagingStep, ...]) -> bool:
    user = m.org.users.get(paging.user_id)
    return user is not None and any(usable(user, rule) for step in steps for rule in step.rules)
