"""Standing in for each other: on-call taken at once, cover asked for and given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.domain import rota
from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.civil import DAY
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import replace
from watchbill.domain.rota import Override, Position, Schedule
from watchbill.domain.stints import meant, near, stints
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx

# On-call that is taken from somebody whom a step names directly comes back after this time (VictorOps reference, 4.10).
LONGEST_TAKE = 30 * DAY
# So far is looked for shifts of somebody who asks for cover; whoever is in the rotation at all has one later.
LOOK = 92 * DAY


def targets(policy: EscalationPolicy) -> Sequence[Target]:
    """Whom it pages first: only these count as on call (VictorOps reference, part 4.2)."""
    return policy.steps[0].targets if policy.steps else ()


# --- Taking on-call


@dataclass(frozen=True, slots=True)
class Take:
    """`to` is on call instead of `giver`, from now on."""

    giver: User
    taker: User


def take(
    tx: Tx, org_number: int, policies: Sequence[EscalationPolicy], hands: Take, who: tuple[str, int]
) -> Organization:
    """In each of the policies by which the giver is on call, until their shift there ends. Whoever takes back what was
    taken from them ends that. `who` is the name of the actor and now. Raises Invalid when the giver is on call in none
    of them.
    """
    actor, now = who
    org = tx.organization(org_number)
    if hands.giver.id == hands.taker.id:
        raise Invalid(f"{hands.giver.username} can't take on-call from themselves")
    changes = []
    for policy in policies:
        until = on_call_until(org, policy, hands.giver.id, now)
        if until is not None:
            changes.append(_taken_back(org, policy, hands, now) or _taken(tx, policy, hands, (now, until)))
    if not changes:
        raise Invalid(
            f"{hands.giver.username} is not on call in {', '.join(one.name for one in policies) or 'any policy'}"
        )
    return directory.apply(tx, org_number, changes, actor, now)


def on_call_until(org: Organization, policy: EscalationPolicy, user_id: str, now: int) -> int | None:
    """When somebody's shift in a policy ends, the last of several; None when they are not on call in it."""
    ends = []
    for target in targets(policy):
        span = 1 if target.kind is TargetKind.SCHEDULE and target.position is Position.CURRENT else LONGEST_TAKE
        if target.kind in (TargetKind.USER, TargetKind.TEAM, TargetKind.SCHEDULE):
            own = stints(org, policy, target, now, now + span)
            ends += [one.end for one in own if one.user_id == user_id and one.start <= now < one.end]
    return min(max(ends), LATEST_INSTANT) if ends else None


def _taken_back(org: Organization, policy: EscalationPolicy, hands: Take, now: int) -> Change | None:
    for one in org.overrides_of_policy(policy.id):
        back = (one.user_id, one.cover_id) == (hands.taker.id, hands.giver.id)
        if back and one.taken and one.policy_id == policy.id and one.start <= now < one.end:
            return Change("override", one.id, replace(one, end=now) if one.start < now else None)
    return None


def _taken(tx: Tx, policy: EscalationPolicy, hands: Take, span: tuple[int, int]) -> Change:
    now, until = span
    made = Override(tx.new_id(now), now, until, now, hands.giver.id, hands.taker.id, policy_id=policy.id, taken=True)
    return Change("override", made.id, made)


# --- Cover that is asked for


@dataclass(frozen=True, slots=True)
class Absence:
    """From `start` (inclusive) to `end` (exclusive) somebody wants cover. `settings` go to each override."""

    user: User
    start: int
    end: int
    settings: Mapping[str, Any]


def ask_for_cover(tx: Tx, org_number: int, absence: Absence, actor: str, now: int) -> Sequence[Override]:
    """One override without a cover for each policy by which somebody is on call in that time; one that names no policy
    when there is none, so that what was asked is kept. Raises Unfit."""
    org = tx.organization(org_number)
    policies: list[str | None] = [policy.id for policy in org.policies.values() if is_on_call(org, policy, absence)]
    made = [
        Override(
            tx.new_id(now), absence.start, absence.end, now, absence.user.id, policy_id=id, settings=absence.settings
        )
        for id in policies or [None]
    ]
    directory.apply(tx, org_number, [Change("override", one.id, one) for one in made], actor, now)
    return made


def is_on_call(org: Organization, policy: EscalationPolicy, absence: Absence) -> bool:
    """Whether somebody is on call by a policy in that time, by its configuration without overrides."""
    return any(
        target.kind is not TargetKind.SCHEDULE or _has_shift(org, org.schedules[target.id], absence)
        for target in targets(policy)
        if target.position is Position.CURRENT and absence.user.id in meant(org, target)
    )


def _has_shift(org: Organization, schedule: Schedule, absence: Absence) -> bool:
    if absence.end - absence.start > LOOK:
        return True
    teams = {team.id for team in org.teams_by_user.get(absence.user.id, ())}
    return any(
        absence.user.id in shift.user_ids or teams & set(shift.team_ids)
        for shift in rota.shifts(schedule, absence.start, absence.end)
    )


def cover(tx: Tx, org_number: int, asked: Override, cover: User | None, who: tuple[str, int]) -> Override:
    """The override with this cover, or with none. What was given last counts (VictorOps reference, part 4.10); to cover
    for oneself means to keep the duty. `who` is the name of the actor and now."""
    actor, now = who
    after = replace(asked, cover_id=cover.id if cover else None, created_at=now)
    directory.apply(tx, org_number, [Change("override", after.id, after)], actor, now)
    return after


def touching(org: Organization, policy: EscalationPolicy, start: int, end: int) -> list[Override]:
    """The overrides with a cover that change in a range whom the policy pages first, by their starts."""
    schedules = {target.id for target in targets(policy) if target.kind is TargetKind.SCHEDULE}
    found = near(org, start, end)
    places = [*found.overrides_of_policy(policy.id), *(one for id in schedules for one in found.overrides_of(id))]
    people = everybody(org, policy)
    overrides = {
        one.id: one
        for one in places
        if one.cover_id is not None and (one.policy_id or one.schedule_id or one.user_id in people)
    }
    return sorted(overrides.values(), key=lambda one: one.start)


def everybody(org: Organization, policy: EscalationPolicy) -> set[str]:
    """The ids of all who can be on call by a policy, whenever."""
    return {id for target in targets(policy) for id in meant(org, target)}
