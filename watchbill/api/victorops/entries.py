"""Steps of an escalation policy and whom they page, from and to (reference, part 2.8)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.times import minutes
from watchbill.domain.check_plans import MOST_STEPS, MOST_TARGETS
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Since, Step, Target, TargetKind
from watchbill.domain.rota import Neighbour, Position

LONGEST_WAIT = 3660 * DAY // MINUTE

USER, WEBHOOK, EMAIL, POLICY, TEAM = "user", "webhook", "email", "policy_routing", "team_page"
ROTATIONS = {
    "rotation_group": Position.CURRENT,
    "rotation_group_next": Position.NEXT,
    "rotation_group_previous": Position.PREVIOUS,
}
ROTATION_OF = {position: kind for kind, position in ROTATIONS.items()}

Names = Mapping[str, Any] | None


class EntryIn(msgspec.Struct):
    """Objects that don't belong to the type may be null, or filled with anything (reference, part 2.8)."""

    executionType: str | None = None
    user: Any = None
    rotationGroup: Any = None
    webhook: Any = None
    email: Any = None
    targetPolicy: Any = None
    team: Any = None


class StepIn(msgspec.Struct):
    timeout: int | None = None
    entries: list[EntryIn] | None = None


# --- To clients


def steps_to_wire(org: Organization, policy: EscalationPolicy) -> list[Mapping[str, Any]]:
    return [
        {"timeout": timeout, "entries": [to_entry(org, policy, target) for target in step.targets]}
        for step, timeout in zip(policy.steps, _timeouts(policy.steps), strict=True)
    ]


def _timeouts(steps: Sequence[Step]) -> Iterable[int]:
    """Minutes after the step before, where other dialects count some steps from the start of the run."""
    elapsed = 0
    for step in steps:
        at = step.wait + (elapsed if step.since is Since.PREVIOUS else 0)
        yield minutes(max(0, at - elapsed))
        elapsed = at


def to_entry(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    return {"executionType": kind_of(target), **_SHOWN[target.kind](org, policy, target)}


def kind_of(target: Target) -> str:
    return ROTATION_OF[target.position] if target.kind is TargetKind.SCHEDULE else _KINDS[target.kind]


def _user(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    user = org.users[target.id]
    return {"user": {"username": user.username, "firstName": user.first_name, "lastName": user.last_name}}


def _rotation(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    schedule = org.schedules[target.id]
    return {"rotationGroup": {"slug": schedule.slug, "label": schedule.name}}


def _webhook(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    endpoint = org.endpoints[target.id]
    return {"webhook": {"slug": endpoint.slug, "label": endpoint.name}}


def _email(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    return {"email": {"address": target.id}}


def _policy(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    called = org.policies[target.id]
    team = org.teams.get(called.team_id or "")
    return {"targetPolicy": {"policySlug": called.slug} | ({"teamSlug": team.slug} if team else {})}


def _team(org: Organization, policy: EscalationPolicy, target: Target) -> Mapping[str, Any]:
    """Another team than the policy's own, which other dialects may name, is told in a member of its own."""
    team = org.teams[target.id]
    return {} if target.id == policy.team_id else {"team": {"slug": team.slug, "name": team.name}}


_KINDS = {
    TargetKind.USER: USER,
    TargetKind.WEBHOOK: WEBHOOK,
    TargetKind.CHAT: WEBHOOK,
    TargetKind.EMAIL: EMAIL,
    TargetKind.POLICY: POLICY,
    TargetKind.TEAM: TEAM,
}
_SHOWN: Mapping[TargetKind, Callable[[Organization, EscalationPolicy, Target], Mapping[str, Any]]] = {
    TargetKind.USER: _user,
    TargetKind.SCHEDULE: _rotation,
    TargetKind.WEBHOOK: _webhook,
    TargetKind.CHAT: _webhook,
    TargetKind.EMAIL: _email,
    TargetKind.POLICY: _policy,
    TargetKind.TEAM: _team,
}


# --- From clients


def steps_of(
    org: Organization, policy: EscalationPolicy, given: Sequence[StepIn], new_id: Callable[[], str]
) -> tuple[Step, ...]:
    """The steps that were sent. What this dialect can't say of a step stays: turns, repetitions, urgency. Raises
    Invalid."""
    _demand_few("steps", given, MOST_STEPS)
    timeouts = list(_timeouts(policy.steps))
    made = []
    for place, (step, before) in enumerate(zip(given, _befores(org, policy, given), strict=True)):
        wait = _wait(step, place)
        if before is None:
            made.append(Step(new_id(), _targets(org, policy, step, (place, None)), wait))
            continue
        old = policy.steps[before]
        after = replace(old, targets=_targets(org, policy, step, (place, old)))
        same = minutes(wait) == timeouts[before]
        made.append(after if same else replace(after, wait=wait, since=Since.PREVIOUS))
    return tuple(made)


def _demand_few(what: str, given: Sequence[object], most: int) -> None:
    if len(given) > most:
        raise Invalid(f"there are {len(given)}. Use at most {most}", what)


def _befores(org: Organization, policy: EscalationPolicy, given: Sequence[StepIn]) -> list[int | None]:
    """For each step the place of the old one that it is; a changed one is what stood between its neighbours."""
    shown = list(zip(policy.steps, _timeouts(policy.steps), strict=True))
    places: list[int | None] = []
    free = 0
    for step in given:
        same = next((place for place in range(free, len(shown)) if _same(org, policy, step, shown[place])), None)
        places.append(same)
        free = free if same is None else same + 1
    free = 0
    for at, place in enumerate(places):
        following = next((later for later in places[at:] if later is not None), len(shown))
        if place is None and free < following:
            places[at] = place = free
        free = free if place is None else place + 1
    return places


def _same(org: Organization, policy: EscalationPolicy, given: StepIn, shown: tuple[Step, int]) -> bool:
    (step, timeout), entries = shown, given.entries or []
    return (
        (given.timeout or 0) == timeout
        and len(entries) == len(step.targets)
        and all(_means(org, policy, entry, target) for entry, target in zip(entries, step.targets, strict=True))
    )


def _wait(step: StepIn, place: int) -> int:
    timeout = 0 if step.timeout is None else step.timeout
    if not 0 <= timeout <= LONGEST_WAIT:
        raise Invalid(f"a timeout is a number of minutes, 0 to {LONGEST_WAIT}", f"steps[{place}].timeout")
    return timeout * MINUTE


def _targets(
    org: Organization, policy: EscalationPolicy, step: StepIn, at: tuple[int, Step | None]
) -> tuple[Target, ...]:
    """An entry that means a target of the step before keeps it, with what else is known of it."""
    place, old = at
    left = list(old.targets) if old else []
    _demand_few(f"steps[{place}].entries", step.entries or (), MOST_TARGETS)
    found = []
    for number, entry in enumerate(step.entries or ()):
        where = f"steps[{place}].entries[{number}]"
        same = next((target for target in left if _means(org, policy, entry, target)), None)
        if same is not None:
            left.remove(same)
        found.append(same or target_of(org, policy, entry, where))
    return tuple(found)


def _means(org: Organization, policy: EscalationPolicy, entry: EntryIn, target: Target) -> bool:
    """Whether an entry is how the target is shown. A client that knows nothing of other teams leaves the team out."""
    kind = kind_of(target)
    if entry.executionType != kind:
        return False
    if kind == TEAM:
        return not entry.team or _text(entry.team, "slug").lower() == org.teams[target.id].slug.lower()
    shown = to_entry(org, policy, target)
    member, name = _NAMED[kind]
    return _text(getattr(entry, member), name).lower() == str(shown[member][name]).lower()


_NAMED = {
    USER: ("user", "username"),
    WEBHOOK: ("webhook", "slug"),
    EMAIL: ("email", "address"),
    POLICY: ("targetPolicy", "policySlug"),
} | dict.fromkeys(ROTATIONS, ("rotationGroup", "slug"))


def target_of(org: Organization, policy: EscalationPolicy, entry: EntryIn, where: str) -> Target:
    """Raises Invalid for a type that there is none of, and for a name that nothing has."""
    kind = entry.executionType or ""
    if kind == TEAM:
        return _team_meant(org, policy, entry, where)
    if kind not in _NAMED:
        raise Invalid(f"'{kind}' is no type. Use one of {', '.join([*_NAMED, TEAM])}", f"{where}.executionType")
    member, name = _NAMED[kind]
    path = f"{where}.{member}.{name}"
    text = _text(getattr(entry, member), name)
    if not text:
        raise Invalid("this is missing", path)
    if kind == EMAIL:
        return Target(TargetKind.EMAIL, text)
    target = _FOUND[member](org, text)
    if target is None:
        raise Invalid(f"there is nothing named '{text}'", path)
    if kind in ROTATIONS:
        return replace(target, position=ROTATIONS[kind], neighbour=Neighbour.MEMBER)
    return target


def _team_meant(org: Organization, policy: EscalationPolicy, entry: EntryIn, where: str) -> Target:
    slug = _text(entry.team, "slug")
    found = org.teams.get(policy.team_id or "") if not slug else _slugged(org.teams.values(), slug)
    if found is None:
        raise Invalid(f"there is no team '{slug}'" if slug else "the policy has no team to page", where)
    return Target(TargetKind.TEAM, found.id)


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found.strip() if isinstance(found, str) else ""


def _slugged(things: Iterable[Any], slug: str) -> Any:
    return next((thing for thing in things if thing.slug.lower() == slug.lower()), None)


def _user_named(org: Organization, name: str) -> Target | None:
    user = org.users_by_name.get(name.lower())
    return Target(TargetKind.USER, user.id) if user is not None and user.active else None


def _schedule_named(org: Organization, slug: str) -> Target | None:
    found = _slugged(org.schedules.values(), slug)
    return Target(TargetKind.SCHEDULE, found.id) if found else None


def _endpoint_named(org: Organization, slug: str) -> Target | None:
    found = _slugged(org.endpoints.values(), slug)
    return Target(TargetKind(found.kind), found.id) if found else None


def _policy_named(org: Organization, slug: str) -> Target | None:
    found = _slugged(org.policies.values(), slug)
    return Target(TargetKind.POLICY, found.id) if found else None


_FOUND: Mapping[str, Callable[[Organization, str], Target | None]] = {
    "user": _user_named,
    "rotationGroup": _schedule_named,
    "webhook": _endpoint_named,
    "targetPolicy": _policy_named,
}
