"""Calendars of teams and people: their shifts, at addresses that can't be guessed and can be withdrawn."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from hmac import compare_digest
from typing import TypeVar

from watchbill.domain.civil import DAY
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Team, User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.rota import Override
from watchbill.domain.stints import meant, near, stints
from watchbill.domain.tokens import feed_token
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx

Owner = TypeVar("Owner", User, Team)

SECRET = "calendars"  # noqa: S105 - the name of a secret, not the secret
SETTING = "calendar"
# What a calendar shows, from midnight (UTC) of today, so that it is the same all day long.
BEHIND, AHEAD = 14 * DAY, 90 * DAY
# Of rotations that change by the hour the later entries are left out.
MOST_ENTRIES = 3000


@record
class Entry:
    """A shift of somebody, or a part of one, by one step of a policy (from 0). Who stands in for a person whom the step
    names has no `schedule`."""

    user: User
    policy: EscalationPolicy
    step: int
    start: int
    end: int
    schedule_id: str
    layer_id: str
    turn: int


def range_of(now: int) -> tuple[int, int]:
    midnight = now // DAY * DAY
    return midnight - BEHIND, midnight + AHEAD


def of_team(org: Organization, team: Team, now: int) -> list[Entry]:
    """Everybody on call by the team's policies."""
    return _entries(org, org.policies_of(team.id), now, None)


def of_user(org: Organization, user: User, now: int) -> list[Entry]:
    return _entries(org, org.policies.values(), now, user)


def _entries(org: Organization, policies: Iterable[EscalationPolicy], now: int, only: User | None) -> list[Entry]:
    start, end = range_of(now)
    org = near(org, start, end)
    covers = [one for one in org.overrides.values() if only is not None and one.cover_id == only.id]
    found = [
        entry
        for policy in policies
        for step, each in enumerate(policy.steps)
        for target in each.targets
        if only is None or _may_mean(policy, target, meant(org, target), (only, covers))
        for entry in _of_target(org, (policy, step, target), (start, end))
        if only is None or entry.user.id == only.id
    ]
    return sorted(found, key=lambda entry: (entry.start, entry.policy.number, entry.step))[:MOST_ENTRIES]


def _of_target(
    org: Organization, place: tuple[EscalationPolicy, int, Target], span: tuple[int, int]
) -> Iterator[Entry]:
    """Whom a step names is always on call, which is no entry; who stands in for them is one."""
    policy, step, target = place
    always = {target.id} if target.kind is TargetKind.USER else meant(org, target)
    for one in stints(org, policy, target, *span):
        if target.kind is TargetKind.SCHEDULE or one.user_id not in always:
            yield Entry(
                org.users[one.user_id], policy, step, one.start, one.end, one.schedule_id, one.layer_id, one.turn
            )


def _may_mean(
    policy: EscalationPolicy, target: Target, people: Container[str | None], who: tuple[User, Sequence[Override]]
) -> bool:
    """Whether somebody can be on call there, by themselves or by standing in."""
    user, covers = who
    return user.id in people or any(
        one.policy_id == policy.id or one.schedule_id == target.id or one.user_id in people for one in covers
    )


# --- Addresses


def edition(settings: Mapping[str, object]) -> int:
    kept = settings.get(SETTING)
    value = kept.get("edition") if isinstance(kept, Mapping) else None
    return value if isinstance(value, int) else 0


def address(org: Organization, owner: User | Team, secret: bytes) -> str:
    return feed_token(secret, org.number, owner.id, edition(owner.settings))


def demand_address(tx: Tx, org: Organization, owner: User | Team, token: str) -> None:
    """Raises NotFound when the token does not open this calendar."""

    def none_yet() -> bytes:
        raise NotFound("there is no such calendar")

    right = address(org, owner, tx.server_secret(SECRET, none_yet))
    if not compare_digest(right.encode(), token.encode("utf-8", "replace")):
        raise NotFound("there is no such calendar")


def withdraw(tx: Tx, org: Organization, owner: Owner, actor: str, now: int) -> Owner:
    """The owner with another address for their calendar; the one before opens nothing any more."""
    settings = {**owner.settings, SETTING: {"edition": edition(owner.settings) + 1}}
    after = replace(owner, settings=settings)
    kind = "user" if isinstance(owner, User) else "team"
    directory.apply(tx, org.number, [Change(kind, after.id, after)], actor, now)
    return after
