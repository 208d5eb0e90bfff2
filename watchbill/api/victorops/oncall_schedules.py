"""Schedules of teams and people: who is on call in the days to come (reference, parts 2.4.2, 2.4.3 and 2.4.5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchbill.api.victorops.entries import kind_of
from watchbill.api.victorops.lookups import team_named, user_named
from watchbill.api.victorops.members import number_of
from watchbill.api.victorops.periods import Period, periods
from watchbill.api.victorops.policies import linked, named, of_team
from watchbill.api.victorops.shifts import zone_of
from watchbill.api.victorops.times import iso, iso_in
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain import roster, rota
from watchbill.domain.civil import DAY
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.rota import Layer, Override, Position, Schedule
from watchbill.usecases.covers import touching
from watchbill.usecases.ports import Tx

USUAL_DAYS, MOST_DAYS, MOST_SKIPPED, MOST_STEP = 14, 123, 90, 3
# The documents name a team's page so where a policy's entry is called `team_page`.
TEAM_PAGE = "team"


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for: the range, and which step of each policy, from 0. `now` is who is on call now, whatever the
    range."""

    org: Organization
    start: int
    end: int
    step: int
    now: int


@dataclass(frozen=True, slots=True)
class Source:
    """One way by which a step finds somebody: a shift, a person, a team, …

    `scheduled` is who it would be without overrides, `cover` who stands in for them or fills a gap.
    """

    kind: str
    scheduled: User | None = None
    cover: User | None = None
    schedule: Schedule | None = None
    layer: Layer | None = None
    rolls: Sequence[Period] = ()
    column: int = 0


def view_of(org: Organization, call: Call) -> View:
    """Raises Invalid."""
    days = _asked(call, "daysForward", USUAL_DAYS, MOST_DAYS)
    start = call.now + _asked(call, "daysSkip", 0, MOST_SKIPPED) * DAY
    return View(org, start, start + days * DAY, _asked(call, "step", 0, MOST_STEP), call.now)


def _asked(call: Call, name: str, otherwise: int, most: int) -> int:
    text = (call.asked(name) or "").strip()
    number = number_of(text) if text else otherwise
    if number is None or number > most:
        raise Invalid(f"use a number from 0 to {most}", name)
    return number


# --- What a step finds


def sources(view: View, policy: EscalationPolicy) -> Iterator[Source]:
    if view.step >= len(policy.steps):
        return
    for target in policy.steps[view.step].targets:
        if target.kind is TargetKind.SCHEDULE:
            yield from _shifts(view, policy, target)
        elif target.kind in (TargetKind.USER, TargetKind.TEAM):
            yield from _people(view, policy, target)
        else:
            yield Source(kind_of(target))


def _people(view: View, policy: EscalationPolicy, target: Target) -> Iterator[Source]:
    org = view.org
    if target.kind is TargetKind.TEAM:
        kind, ids = TEAM_PAGE, [member.user_id for member in org.teams[target.id].members]
    else:
        kind, ids = kind_of(target), [target.id]
    for user in (org.users[id] for id in ids if id in org.users and org.users[id].active):
        yield Source(kind, user, _cover(view, policy, target, user))


def _cover(view: View, policy: EscalationPolicy, target: Target, user: User) -> User | None:
    cover = roster.standing_in(view.org, policy, target, user, view.now)
    return cover if cover.id != user.id else None


def _shifts(view: View, policy: EscalationPolicy, target: Target) -> Iterator[Source]:
    """One for each shift of a rotation; several where several are on call together."""
    org, schedule = view.org, view.org.schedules[target.id]
    found = periods(org, schedule, view.start, view.end, target.position)
    now = _scheduled_now(view, schedule, target)
    for layer in schedule.layers:
        rolls, people = found[layer.id], now.get(layer.id, [])
        for column in range(max([1, len(people), *(len(roll.users) for roll in rolls)])):
            user = people[column] if column < len(people) else None
            cover = _cover(view, policy, target, user) if user else None
            yield Source(kind_of(target), user, cover, schedule, layer, rolls, column)
    if not now and target.position is Position.CURRENT:
        for called in roster.people(org, policy, target, view.now):
            yield Source(kind_of(target), None, called.user, schedule)


def _scheduled_now(view: View, schedule: Schedule, target: Target) -> Mapping[str, list[User]]:
    """Without overrides, by layer."""
    shifts = rota.at_position(schedule, view.now, target.position, target.neighbour)
    return {shift.layer_id: [called.user for called in roster.on_shift(view.org, shift, "")] for shift in shifts}


# --- Shapes of the second version


def to_wire(view: View, team: Team) -> Mapping[str, Any]:
    return {"team": named(team), "schedules": [_policy(view, policy) for policy in of_team(view.org, team)]}


def _policy(view: View, policy: EscalationPolicy) -> Mapping[str, Any]:
    return {
        "policy": linked(policy),
        "schedule": [_source(source) for source in sources(view, policy)],
        "overrides": [_override(view, policy, one) for one in touching(view.org, policy, view.start, view.end)],
    }


def _source(source: Source) -> Mapping[str, Any]:
    """Who is not there is left out: clients dial the cover if there is one, else the one on call."""
    fields: dict[str, Any] = {"onCallType": source.kind}
    if source.scheduled is not None:
        fields["onCallUser"] = {"username": source.scheduled.username}
    if source.cover is not None:
        fields["overrideOnCallUser"] = {"username": source.cover.username}
    if source.schedule is not None:
        fields["rotationName"] = source.schedule.name
    rolls = [_roll(source, roll) for roll in source.rolls]
    if source.layer is not None:
        fields["shiftName"] = source.layer.name
    if rolls:
        fields["shiftRoll"] = rolls[0]["start"]
    return fields | {"rolls": rolls}


def _roll(source: Source, roll: Period) -> Mapping[str, Any]:
    assert source.schedule is not None
    assert source.layer is not None
    zone = zone_of(source.schedule, source.layer)
    fields: dict[str, Any] = {
        "start": iso_in(roll.start, zone),
        "end": iso_in(roll.end, zone),
        "isRoll": roll.roll,
    }
    user = _in_column(source, roll)
    return fields | ({"onCallUser": {"username": user.username}} if user else {})


def _in_column(source: Source, roll: Period) -> User | None:
    return roll.users[source.column] if source.column < len(roll.users) else None


def _override(view: View, policy: EscalationPolicy, override: Override) -> Mapping[str, Any]:
    fields: dict[str, Any] = {
        "overrideOnCallUser": {"username": view.org.users[override.cover_id or ""].username},
        "start": iso(override.start),
        "end": iso(override.end),
        "policy": named(policy),
    }
    relieved = _relieved(view.org, override)
    return fields | ({"origOnCallUser": {"username": relieved.username}} if relieved else {})


def _relieved(org: Organization, override: Override) -> User | None:
    """For whom somebody stands in. One for whoever is on call names them by who is scheduled when it begins."""
    if override.user_id is not None:
        return org.users[override.user_id]
    if override.schedule_id is None:
        return None
    shifts = rota.on_call(org.schedules[override.schedule_id], override.start)
    return next((called.user for shift in shifts for called in roster.on_shift(org, shift, "")), None)


# --- Shapes of the first version, in both spellings that clients read; moments as text


def to_wire_v1(view: View, team: Team) -> Mapping[str, Any]:
    """All policies of the team together."""
    policies = of_team(view.org, team)
    overrides = {one.id: one for policy in policies for one in touching(view.org, policy, view.start, view.end)}
    return {
        "team": team.slug,
        "schedule": [_source_v1(source) for policy in policies for source in sources(view, policy)],
        "overrides": [_override_v1(view.org, one) for one in overrides.values()],
    }


def _source_v1(source: Source) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"policyType": source.kind}
    if source.scheduled is not None:
        fields |= dict.fromkeys(("onCall", "oncall"), source.scheduled.username)
    if source.cover is not None:
        fields |= dict.fromkeys(("overrideOnCall", "overrideoncall"), source.cover.username)
    if source.schedule is not None:
        fields["rotationName"] = source.schedule.name
    if source.layer is not None:
        fields["shiftName"] = source.layer.name
    if source.rolls:
        fields["shiftRoll"] = iso(source.rolls[0].start)
    return fields | {"rolls": [_roll_v1(source, roll) for roll in source.rolls]}


def _roll_v1(source: Source, roll: Period) -> Mapping[str, Any]:
    fields = {"change": iso(roll.start), "until": iso(roll.end), "isRoll": roll.roll}
    user = _in_column(source, roll)
    return fields | (dict.fromkeys(("onCall", "oncall"), user.username) if user else {})


def _override_v1(org: Organization, override: Override) -> Mapping[str, Any]:
    cover, relieved = org.users[override.cover_id or ""].username, _relieved(org, override)
    fields = {"overrideOnCall": cover, "over": cover, "start": iso(override.start), "end": iso(override.end)}
    return fields | (dict.fromkeys(("origOnCall", "orig"), relieved.username) if relieved else {})


# --- Calls


def of_team_v2(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body=to_wire(view_of(org, call), team_named(org, call.params["team"])))


def of_user_v2(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    teams, view = _teams_of(org, call.params["user"]), view_of(org, call)
    return Reply(body={"teamSchedules": [to_wire(view, team) for team in teams]})


def of_team_v1(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body=to_wire_v1(view_of(org, call), team_named(org, call.params["team"])))


def of_user_v1(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    teams, view = _teams_of(org, call.params["user"]), view_of(org, call)
    return Reply(body=[to_wire_v1(view, team) for team in teams])


def _teams_of(org: Organization, username: str) -> Sequence[Team]:
    user = user_named(org, username)
    return org.teams_by_user.get(user.id, ())


ROUTES: Sequence[Route] = (
    get("/api-public/v2/team/{team}/oncall/schedule", of_team_v2),
    get("/api-public/v2/user/{user}/oncall/schedule", of_user_v2),
    get("/api-public/v1/team/{team}/oncall/schedule", of_team_v1),
    get("/api-public/v1/user/{user}/oncall/schedule", of_user_v1),
)
