"""Can everybody who may be paged be reached, and is there always somebody?"""

from collections.abc import Iterable, Iterator, Mapping

from watchbill.domain import rota
from watchbill.domain.civil import local
from watchbill.domain.organization import Organization
from watchbill.domain.paging import usable
from watchbill.domain.people import PagingPolicy, Role, User
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.roster import on_shift
from watchbill.domain.rota import Schedule
from watchbill.usecases.findings import Finding, problem, warning


def watchers(org: Organization) -> Mapping[str, str]:
    """The users who may be paged, with the first place that names each of them."""
    places: dict[str, str] = {}
    for schedule in used_schedules(org):
        for layer in schedule.layers:
            for turn in layer.turns:
                members = [*turn.user_ids, *_members(org, turn.team_ids)]
                _note(places, members, f"schedule {schedule.slug}")
    for policy in org.policies.values():
        for step in policy.steps:
            _note(places, _named(org, step.targets), f"policy {policy.slug}")
    for key in org.routing_keys.values():
        _note(places, [start.user_id for start in key.starts if start.user_id], f"routing key {key.name}")
    for rule in org.rules.values():
        _note(places, [start.user_id for start in rule.starts if start.user_id], f"rule {rule.name}")
    _note(places, _named(org, org.settings.safety_net), "the safety net")
    return places


def _note(places: dict[str, str], user_ids: Iterable[str], place: str) -> None:
    for user_id in user_ids:
        places.setdefault(user_id, place)


def _members(org: Organization, team_ids: Iterable[str]) -> list[str]:
    return [member.user_id for id in team_ids if id in org.teams for member in org.teams[id].members]


def _named(org: Organization, targets: Iterable[Target]) -> list[str]:
    """The users that targets name, by themselves or as members of a team."""
    found = []
    for target in targets:
        if target.kind is TargetKind.USER:
            found.append(target.id)
        elif target.kind is TargetKind.TEAM:
            found += _members(org, (target.id,))
    return found


def used_schedules(org: Organization) -> list[Schedule]:
    """Those that a policy or the safety net pages."""
    targets = [target for policy in org.policies.values() for step in policy.steps for target in step.targets]
    ids = {each.id for each in (*targets, *org.settings.safety_net) if each.kind is TargetKind.SCHEDULE}
    return [schedule for schedule in org.schedules.values() if schedule.id in ids]


# --- Can they be reached?


def people(org: Organization) -> Iterator[Finding]:
    for user_id, place in watchers(org).items():
        user = org.users.get(user_id)
        if user is not None:
            yield from _person(user, place)
    yield from _stand_ins(org)
    yield from _safety_net(org)


def _person(user: User, place: str) -> Iterator[Finding]:
    subject = f"person {user.username}"
    if not user.active:
        yield problem(
            subject,
            f"{user.name} is named by {place} but is not active, so is never paged.",
            f"Put somebody else in their place in {place}, or make {user.username} active.",
        )
        return
    if not _reachable(user):
        how = f"only a mail to {user.email} is left" if user.email else "no page can reach them"
        yield problem(
            subject,
            f"{user.name} is named by {place} and has no verified, active contact: {how}.",
            "Add a contact and verify it.",
        )
    yield from _unverified(user, subject)
    for policy in user.paging:
        yield from _paging(user, policy, subject)


def _reachable(user: User) -> bool:
    return any(contact.verified and contact.active for contact in user.contacts)


def _unverified(user: User, subject: str) -> Iterator[Finding]:
    for contact in user.contacts:
        if contact.active and not contact.verified:
            yield warning(
                subject,
                f"The {contact.kind} {contact.address} of {user.name} is not verified, so it is never paged.",
                "Verify it, or remove it.",
            )


def _paging(user: User, policy: PagingPolicy, subject: str) -> Iterator[Finding]:
    """Steps that can page nothing are passed over; a policy of such steps pages every contact instead."""
    name = policy.name or "primary"
    empty = [
        number for number, step in enumerate(policy.steps, 1) if not any(usable(user, rule) for rule in step.rules)
    ]
    if len(empty) == len(policy.steps):
        yield warning(
            subject,
            f"No step of the paging policy {name} of {user.name} has a usable contact.",
            "Name channels for which there is a verified, active contact.",
        )
    elif empty:
        yield warning(
            subject,
            f"Step {', '.join(map(str, empty))} of the paging policy {name} of {user.name} has no usable contact.",
            "Name channels for which there is a verified, active contact, or remove the step.",
        )


def _stand_ins(org: Organization) -> Iterator[Finding]:
    named = watchers(org)
    for override in org.overrides.values():
        cover = org.users.get(override.cover_id or "")
        if cover is None or cover.id in named:
            continue
        named = {**named, cover.id: "an override"}
        yield from _person(cover, "an override")


def _safety_net(org: Organization) -> Iterator[Finding]:
    """Without one the global administrators are paged, so there must be one of them who can be reached."""
    net = org.settings.safety_net
    users = _named(org, net) if net else [user.id for user in org.users.values() if user.role is Role.GLOBAL_ADMIN]
    if any(target.kind not in (TargetKind.USER, TargetKind.TEAM) for target in net):
        return
    found = [org.users[id] for id in users if id in org.users]
    if not any(user.active and (_reachable(user) or user.email) for user in found):
        whom = "names nobody who can be reached" if net else "is empty and no global administrator can be reached"
        yield problem(
            "safety net",
            f"The safety net {whom}: when an incident reaches nobody, nobody learns of it.",
            "Name people who can be reached under settings, safety_net.",
        )


# --- Is there always somebody?


def gaps(org: Organization, now: int, horizon: int) -> Iterator[Finding]:
    for schedule in used_schedules(org):
        spans = _uncovered(org, schedule, now, now + horizon)
        if spans:
            first, others = spans[0], len(spans) - 1
            more = f", and {others} more gap{'s' if others > 1 else ''}" if others else ""
            days = horizon // 86_400_000_000
            yield warning(
                f"schedule {schedule.slug}",
                f"Nobody is on call {_span(first, schedule.zone)}{more} in the next {days} days.",
                "Add a layer, or an override, that covers the time.",
            )


def _uncovered(org: Organization, schedule: Schedule, start: int, end: int) -> list[tuple[int, int]]:
    """The spans, joined, in which no active person is on call."""
    covered: list[tuple[int, int]] = [
        (shift.start, shift.end)
        for shift in rota.shifts(schedule, start, end, org.overrides_of(schedule.id))
        if on_shift(org, shift, "")
    ]
    spans, at = [], start
    for low, high in sorted(covered):
        if low > at:
            spans.append((at, low))
        at = max(at, high)
    return [*spans, (at, end)] if at < end else spans


def _span(span: tuple[int, int], zone: str) -> str:
    start, end = (f"{local(each, zone):%a %d %b %H:%M}" for each in span)
    return f"from {start} to {end} ({zone})"
