"""Somebody leaves the organization, or a team, and others take their places (VictorOps reference, part 4.14).

A place is wherever a person is named as the one to be paged: turns of schedules, steps of policies, overrides that are
not over, what routing keys and rules start, the safety net.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from watchbill.domain.errors import Conflict, Refused
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Member, Role, Team, User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.rota import Override, Schedule, Turn
from watchbill.domain.routes import RoutingKey, Rule, Start

DEVICES = ("push", "pocket")

Place = Schedule | EscalationPolicy | Override | RoutingKey | Rule
KINDS: tuple[tuple[type, str], ...] = (
    (Schedule, "schedule"),
    (EscalationPolicy, "policy"),
    (Override, "override"),
    (RoutingKey, "routing_key"),
    (Rule, "rule"),
)


class NoSuccessor(Refused):
    """Somebody has to take the places, and nobody was named or can be found."""


class By(StrEnum):
    """How successors are chosen: one who is named, or for each place a global administrator, an administrator of its
    team, or whoever suits best."""

    NAME = "name"
    GLOBAL_ADMIN = "global_admin"
    TEAM_ADMIN = "team_admin"
    BEST = "best"


@record
class Succession:
    by: By = By.BEST
    user_id: str | None = None


@record
class Taken:
    """What somebody took over, in words."""

    user_id: str
    what: tuple[str, ...]


@record
class Departure:
    changes: tuple[Change, ...]
    taken: tuple[Taken, ...]


def ensure_governed(org: Organization, user: User) -> None:
    """Raises Conflict for the last global administrator: without them nobody could govern, or be told that nobody was
    reached."""
    others = [one for one in org.users.values() if one.id != user.id and one.active]
    if user.role is Role.GLOBAL_ADMIN and not any(one.role is Role.GLOBAL_ADMIN for one in others):
        raise Conflict(f"{user.username} is the last global administrator")


def leave(org: Organization, user: User, succession: Succession, now: int) -> Departure:
    """What becomes of the organization without somebody. Overrides that are over go with them.

    Raises NoSuccessor, and Conflict for the last global administrator.
    """
    ensure_governed(org, user)
    handing = _Handing(org, user, succession, now)
    for place in _places(org, user.id, now):
        handing.hand_over(place)
    handing.hand_over_safety_net()
    over = [one for one in org.overrides.values() if one.end <= now and user.id in (one.user_id, one.cover_id)]
    handing.changes += [Change("override", one.id, None) for one in over]
    for team in org.teams.values():
        handing.goes_from(team)
    return handing.departure(Change("user", user.id, None))


def leave_team(org: Organization, user: User, team: Team, succession: Succession, now: int) -> Departure:
    """What becomes of the organization when somebody leaves a team, and so those of its places that no other team of
    theirs owns. Raises NoSuccessor."""
    handing = _Handing(org, user, succession, now)
    others = {one.id for one in org.teams_by_user.get(user.id, ()) if one.id != team.id}
    for place in _places(org, user.id, now):
        owners = set(owners_of(org, place))
        if team.id in owners and not owners & others:
            handing.hand_over(place)
    handing.goes_from(team)
    return handing.departure()


def owners_of(org: Organization, place: Place) -> tuple[str, ...]:
    """The teams that a place belongs to."""
    if isinstance(place, Schedule):
        return place.team_ids
    if isinstance(place, EscalationPolicy):
        return place.owners
    if isinstance(place, Rule):
        return () if place.team_id is None else (place.team_id,)
    if isinstance(place, Override):
        where = org.schedules.get(place.schedule_id or "") or org.policies.get(place.policy_id or "")
        return owners_of(org, where) if where else ()
    return ()


def successor(org: Organization, leaver: User, owners: Iterable[str], succession: Succession) -> User:
    """Who takes a place of these teams. Raises NoSuccessor.

    Among those who qualify, people with a device or a verified number come first, then it goes by name. The best are
    administrators of the team, then of alerts, then of all; then anybody of the team, then anybody.
    """
    able = [one for one in org.users.values() if _able(one) and one.id != leaver.id]
    teams = [org.teams[owner] for owner in owners]
    if succession.by is By.NAME:
        able = [one for one in able if one.id == succession.user_id]
    elif succession.by is By.GLOBAL_ADMIN or (succession.by is By.TEAM_ADMIN and not teams):
        able = [one for one in able if one.role is Role.GLOBAL_ADMIN]
    elif succession.by is By.TEAM_ADMIN:
        able = [one for one in able if _leads(teams, one)]
    if not able:
        raise NoSuccessor(_missing(leaver, teams, succession))
    return min(able, key=lambda one: (_rank(teams, one), not _reachable(one), one.username.lower()))


def _able(user: User) -> bool:
    """Stakeholders are never on call."""
    return user.active and user.role is not Role.STAKEHOLDER


def _reachable(user: User) -> bool:
    return any(one.active and one.verified and one.kind in (*DEVICES, "phone") for one in user.contacts)


def _leads(teams: Iterable[Team], user: User) -> bool:
    return any(Member(user.id, admin=True) in team.members for team in teams)


def _rank(teams: Iterable[Team], user: User) -> int:
    if _leads(teams, user):
        return 0
    if user.role in (Role.ALERT_ADMIN, Role.GLOBAL_ADMIN):
        return 1 if user.role is Role.ALERT_ADMIN else 2
    return 3 if any(member.user_id == user.id for team in teams for member in team.members) else 4


def _missing(leaver: User, teams: Iterable[Team], succession: Succession) -> str:
    what = {
        By.NAME: "a replacement has to be named: an active user who may be on call",
        By.GLOBAL_ADMIN: "there is no other global administrator to take over",
        By.TEAM_ADMIN: f"no other administrator of {', '.join(team.name for team in teams) or 'the organization'}",
        By.BEST: "there is nobody to take over",
    }[succession.by]
    return f"{leaver.username} is on call or named by escalation policies, and {what}"


def _places(org: Organization, user_id: str, now: int) -> Iterator[Place]:
    places: Iterable[Place] = (
        *org.schedules.values(),
        *org.policies.values(),
        *(override for override in org.overrides.values() if override.end > now),
        *org.routing_keys.values(),
        *org.rules.values(),
    )
    return (place for place in places if _names(place, user_id))


def _names(place: Place, user_id: str) -> bool:
    if isinstance(place, Schedule):
        return any(user_id in turn.user_ids for layer in place.layers for turn in layer.turns)
    if isinstance(place, EscalationPolicy):
        own = Target(TargetKind.USER, user_id)
        return any(_same(target, own) for step in place.steps for target in step.targets)
    if isinstance(place, Override):
        return user_id in (place.user_id, place.cover_id)
    return any(start.user_id == user_id for start in place.starts)


def _same(one: Target, other: Target) -> bool:
    return (one.kind, one.id) == (other.kind, other.id)


class _Handing:
    """Places being handed over: the changes so far, who took what, and the teams as they become."""

    def __init__(self, org: Organization, leaver: User, succession: Succession, now: int) -> None:
        self.changes: list[Change] = []
        self._org = org
        self._leaver = leaver
        self._succession = succession
        self._now = now
        self._taken: dict[str, list[str]] = {}
        self._teams: dict[str, Team] = {}

    def hand_over(self, place: Place) -> None:
        owners = owners_of(self._org, place)
        heir = successor(self._org, self._leaver, owners, self._succession)
        kind = next(name for known, name in KINDS if isinstance(place, known))
        after = moved(place, self._leaver.id, heir.id)
        self.changes.append(Change(kind, place.id, after))
        if after is not None:
            self._taken.setdefault(heir.id, []).append(_said(self._org, place))
            self._joins(heir, owners)

    def hand_over_safety_net(self) -> None:
        settings = self._org.settings
        own = Target(TargetKind.USER, self._leaver.id)
        if any(_same(target, own) for target in settings.safety_net):
            heir = successor(self._org, self._leaver, (), self._succession)
            net = _targets(settings.safety_net, self._leaver.id, heir.id)
            self.changes.append(Change("settings", "settings", replace(settings, safety_net=net)))
            self._taken.setdefault(heir.id, []).append("the safety net of the organization")

    def goes_from(self, team: Team) -> None:
        team = self._teams.get(team.id, team)
        members = tuple(member for member in team.members if member.user_id != self._leaver.id)
        if len(members) < len(team.members):
            self._teams[team.id] = replace(team, members=members)

    def departure(self, *more: Change) -> Departure:
        teams = [Change("team", team.id, team) for team in self._teams.values()]
        taken = [Taken(user_id, tuple(what)) for user_id, what in self._taken.items()]
        return Departure((*self.changes, *teams, *more), tuple(taken))

    def _joins(self, heir: User, owners: tuple[str, ...]) -> None:
        teams = [self._teams.get(owner, self._org.teams[owner]) for owner in owners]
        if teams and not any(member.user_id == heir.id for team in teams for member in team.members):
            self._teams[owners[0]] = replace(teams[0], members=(*teams[0].members, Member(heir.id)))
            self._taken[heir.id].append(f"a membership in the team {teams[0].name}")


# --- One person's name for another's


def moved(place: Place, user_id: str, heir_id: str) -> Place | None:
    """The place with one person for another; None for an override by which people would stand in for themselves."""
    if isinstance(place, Schedule):
        layers = [
            replace(layer, turns=tuple(_turn(turn, user_id, heir_id) for turn in layer.turns)) for layer in place.layers
        ]
        return replace(place, layers=tuple(layers))
    if isinstance(place, EscalationPolicy):
        steps = [replace(step, targets=_targets(step.targets, user_id, heir_id)) for step in place.steps]
        return replace(place, steps=tuple(steps))
    if isinstance(place, Override):
        for_, by = (heir_id if one == user_id else one for one in (place.user_id, place.cover_id))
        changed = replace(place, user_id=for_, cover_id=by)
        return None if changed.user_id is not None and changed.user_id == changed.cover_id else changed
    return replace(place, starts=_starts(place.starts, user_id, heir_id))


def _turn(turn: Turn, user_id: str, heir_id: str) -> Turn:
    if user_id not in turn.user_ids:
        return turn
    return replace(turn, user_ids=tuple(dict.fromkeys(heir_id if one == user_id else one for one in turn.user_ids)))


def _targets(targets: Iterable[Target], user_id: str, heir_id: str) -> tuple[Target, ...]:
    own = Target(TargetKind.USER, user_id)
    named = (replace(target, id=heir_id) if _same(target, own) else target for target in targets)
    return tuple(dict.fromkeys(named))


def _starts(starts: Iterable[Start], user_id: str, heir_id: str) -> tuple[Start, ...]:
    named = (replace(start, user_id=heir_id) if start.user_id == user_id else start for start in starts)
    return tuple(dict.fromkeys(named))


def _said(org: Organization, place: Place) -> str:
    if isinstance(place, Override):
        where = org.schedules.get(place.schedule_id or "") or org.policies.get(place.policy_id or "")
        return f"an override of {where.name}" if where else "an override"
    what = {Schedule: "the schedule", EscalationPolicy: "the escalation policy", RoutingKey: "the routing key"}
    return f"{what.get(type(place), 'the rule')} {place.name}"
