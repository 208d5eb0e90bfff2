"""Teams and who is in them (reference, part 2.12)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from watchbill.api.victorops.asked import asked_team
from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.envelope import Told
from watchbill.api.victorops.keeping import changed, version
from watchbill.api.victorops.lookups import self_url, user_named
from watchbill.api.victorops.people import member_body, user_body
from watchbill.api.victorops.policies import of_team, to_entry
from watchbill.api.victorops.successors import named_successor
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.disbanding import disband
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.leaving import NoSuccessor
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Member, Team, User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.record import replace
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import directory
from watchbill.usecases.access import Right, demand
from watchbill.usecases.leaving import remove_member
from watchbill.usecases.ports import Tx


class TeamBody(msgspec.Struct):
    name: str | None = None


class MemberBody(msgspec.Struct):
    username: str | None = None


class RemovalBody(msgspec.Struct):
    replacement: str | None = None


# --- Shapes


def links(team: Team) -> dict[str, str]:
    own = self_url("team", team.slug)
    return {
        "_selfUrl": own,
        "_membersUrl": f"{own}/members",
        "_policiesUrl": f"{own}/policies",
        "_adminsUrl": f"{own}/admins",
    }


def team_body(org: Organization, team: Team) -> dict[str, Any]:
    return {
        **links(team),
        "name": team.name,
        "slug": team.slug,
        "memberCount": len(_people(org, team.members)),
        "version": version(team.settings),
        "isDefaultTeam": False,
        "description": team.description,
    }


def members_body(org: Organization, team: Team) -> dict[str, Any]:
    return {
        "_selfUrl": self_url("team", team.slug, "members"),
        "_teamUrl": self_url("team", team.slug),
        "members": [member_body(user) for user in _people(org, team.members)],
    }


def _people(org: Organization, members: Sequence[Member]) -> list[User]:
    return [user for member in members if (user := org.users[member.user_id]).active]


# --- Calls


def listed(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.SEE)
    return Reply(body=[team_body(org, team) for team in org.teams.values()])


def shown(tx: Tx, call: Call) -> Reply:
    return Reply(body=team_body(*asked_team(tx, call)))


def created(tx: Tx, call: Call) -> Reply:
    """With an empty policy of the same name and slug, as teams there have."""
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.GOVERN)
    name = needed(body_of(TeamBody, call).name, "name")
    _ensure_free(org, name)
    id = tx.new_id(call.now)
    slug = drawn_from("team-", id)
    team = Team(id, tx.next_numbers(org.number, "team", 1)[0], slug, name)
    number = tx.next_numbers(org.number, "policy", 1)[0]
    policy = EscalationPolicy(tx.new_id(call.now), number, slug, name, (), team_id=id)
    _apply(tx, call, Change("team", id, team), Change("policy", policy.id, policy))
    return Reply(body=team_body(org, team))


def updated(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call, Right.GOVERN)
    name = needed(body_of(TeamBody, call).name, "name")
    if name == team.name:
        return Reply(body=team_body(org, team))
    _ensure_free(org, name, team.id)
    team = replace(team, name=name, settings=changed(team.settings))
    _apply(tx, call, Change("team", team.id, team))
    return Reply(body=team_body(org, team))


def deleted(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call, Right.GOVERN)
    try:
        _apply(tx, call, *disband(org, team))
    except directory.Unfit as unfit:
        users = dict.fromkeys(directory.title(org, problem.kind, problem.id) for problem in unfit.problems)
        raise Told(422, f"Team {team.name} or a policy of it is still named by: {', '.join(users)}") from unfit
    except Conflict as conflict:
        raise Told(422, conflict.message) from conflict
    return Reply(body=team_body(org, team))


def admins(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call)
    leading = [member for member in team.members if member.admin]
    return Reply(body={"teamAdmins": [user_body(user) for user in _people(org, leading)]})


def members(tx: Tx, call: Call) -> Reply:
    return Reply(body=members_body(*asked_team(tx, call)))


def member_added(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call, Right.TEAM)
    user = user_named(org, needed(body_of(MemberBody, call).username, "username"))
    if all(member.user_id != user.id for member in team.members):
        team = replace(team, members=(*team.members, Member(user.id)), settings=changed(team.settings))
        _apply(tx, call, Change("team", team.id, team))
    return Reply(body=members_body(org, team))


def member_removed(tx: Tx, call: Call) -> Reply:
    org, team = asked_team(tx, call, Right.TEAM)
    user = user_named(org, call.params["user"])
    if all(member.user_id != user.id for member in team.members):
        raise NotFound(f"{user.username} is not in the team {team.name}")
    succession = named_successor(org, body_of(RemovalBody, call).replacement or call.asked("replacement"))
    try:
        org = remove_member(tx, org.number, (team, user), succession, call.caller.actor.name, call.now)
    except NoSuccessor as nobody:
        raise Told(422, nobody.message) from nobody
    team = org.teams[team.id]
    team = replace(team, settings=changed(team.settings))
    _apply(tx, call, Change("team", team.id, team))
    return Reply(body=members_body(org, team))


def policies(tx: Tx, call: Call) -> Reply:
    """In the order of the schedules: some clients take the first (part 2.8.6)."""
    org, team = asked_team(tx, call)
    return Reply(body={"policies": [to_entry(policy, team) for policy in of_team(org, team)]})


def _ensure_free(org: Organization, name: str, own: str = "") -> None:
    if any(team.name.lower() == name.lower() and team.id != own for team in org.teams.values()):
        raise Told(422, f"Team name {name} is unavailable")


def _apply(tx: Tx, call: Call, *changes: Change) -> None:
    directory.apply(tx, call.caller.org, changes, call.caller.actor.name, call.now)


TEAM = "/api-public/v1/team/{team}"
ROUTES: Sequence[Route] = (
    get("/api-public/v1/team", listed),
    post("/api-public/v1/team", created),
    get(TEAM, shown),
    put(TEAM, updated),
    delete(TEAM, deleted),
    get(f"{TEAM}/admins", admins),
    get(f"{TEAM}/members", members),
    post(f"{TEAM}/members", member_added),
    delete(f"{TEAM}/members/{{user}}", member_removed),
    get(f"{TEAM}/policies", policies),
)
