"""Who belongs to a team (reference, part 4.10)."""

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.api.datadog import people
from watchbill.api.datadog.documents import Resource, answer, data_of, plain_answer, resource, to_one
from watchbill.api.datadog.envelope import Told
from watchbill.api.datadog.keeping import full_name, keeping, kept
from watchbill.api.datadog.lists import Order, links, listed, order_asked, page_asked, pagination
from watchbill.api.datadog.permissions import Permission, demand, demand_member_change
from watchbill.api.datadog.teams import keep, team_with
from watchbill.api.datadog.teams import to_wire as team_to_wire
from watchbill.asgi.dialect import delete, get, patch, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.people import Member, Team, User
from watchbill.domain.record import replace
from watchbill.usecases.ports import Tx

ADMIN = "admin"
# Nobody manages anybody here: that order is by name too.
ORDERS: Mapping[str, Order[User]] = {
    "name": lambda user: (full_name(user) or "").lower(),
    "manager_name": lambda user: (full_name(user) or "").lower(),
    "handle": people.handle,
    "email": lambda user: user.email.lower(),
}


def list_of_team(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_READ)
    team = team_with(org, call.params["team_id"])
    page = page_asked(call)
    found = _ordered(call, org, _filtered(call, org, team))
    shown = page.of(found)
    rows = [to_wire(org, team, member) for member in shown]
    meta = {"pagination": pagination(page, len(found))}
    return listed(rows, _people(org, shown), meta=meta, links=links(call, page, len(found)))


def list_of_user(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_READ)
    user = people.user_with(org, call.params["user_uuid"])
    found = [(team, member) for team in org.teams.values() for member in team.members if member.user_id == user.id]
    included = [people.as_member(user), *(team_to_wire(team) for team, _ in found)] if found else []
    return plain_answer([to_wire(org, team, member) for team, member in found], included)


def create(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_with(org, call.params["team_id"])
    demand_member_change(org, call, team.id)
    data = data_of(call, "team_memberships")
    user = people.user_with(org, data.link("user", "users") or "")
    if any(member.user_id == user.id for member in team.members):
        raise Told(409, f"users already present on the team [{user.id}]", "Conflict")
    member = Member(user.id, data.attributes.maybe_choice("role", (ADMIN,)) == ADMIN)
    by = {**_provisioners(team), user.id: call.caller.user_id}
    after = keeping(replace(team, members=(*team.members, member)), provisioned_by=by)
    return answer(to_wire(keep(tx, call, after), after, member), _people(org, (member,)))


def change(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_with(org, call.params["team_id"])
    demand_member_change(org, call, team.id)
    member = _member(team, call.params["user_id"])
    given = data_of(call, "team_memberships").attributes
    if given.names("role"):
        member = replace(member, admin=given.maybe_choice("role", (ADMIN,)) == ADMIN)
    after = replace(team, members=tuple(member if one.user_id == member.user_id else one for one in team.members))
    return plain_answer(to_wire(keep(tx, call, after), after, member), _people(org, (member,)))


def remove(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_with(org, call.params["team_id"])
    demand_member_change(org, call, team.id)
    gone = _member(team, call.params["user_id"]).user_id
    by = {id: who for id, who in _provisioners(team).items() if id != gone}
    members = tuple(one for one in team.members if one.user_id != gone)
    keep(tx, call, keeping(replace(team, members=members), provisioned_by=by or None))
    return Reply(204)


# --- On the wire


def to_wire(org: Organization, team: Team, member: Member) -> Resource:
    """The number in the id is the user's, which never changes."""
    user = org.users[member.user_id]
    attributes = {
        "provisioned_by": None,
        "provisioned_by_id": _provisioners(team).get(user.id),
        "role": ADMIN if member.admin else None,
    }
    relationships = {"user": to_one("users", user.id), "team": to_one("team", team.id)}
    return resource("team_memberships", f"TeamMembership-{team.id}-{user.number}", attributes, relationships)


def _people(org: Organization, members: Iterable[Member]) -> list[Resource]:
    return [people.as_member(org.users[member.user_id]) for member in members]


# --- Who


def _member(team: Team, user_id: str) -> Member:
    """Raises NotFound for who is no member, or nobody."""
    found = next((member for member in team.members if member.user_id == user_id.lower()), None)
    if found is None:
        raise NotFound(f"Membership of user {user_id} in team {team.id} not found")
    return found


def _provisioners(team: Team) -> Mapping[str, Any]:
    """Who added whom, as far as it was done here."""
    found = kept(team).get("provisioned_by")
    return found if isinstance(found, Mapping) else {}


def _filtered(call: Call, org: Organization, team: Team) -> list[Member]:
    text = (call.asked("filter[keyword]") or "").strip().lower()
    return [member for member in team.members if people.mentions(org.users[member.user_id], text)]


def _ordered(call: Call, org: Organization, members: list[Member]) -> list[Member]:
    order, downwards = order_asked(call, ORDERS)
    return sorted(members, key=lambda one: order(org.users[one.user_id]), reverse=downwards)


ROUTES = [
    get("/api/v2/team/{team_id}/memberships", list_of_team),
    post("/api/v2/team/{team_id}/memberships", create),
    patch("/api/v2/team/{team_id}/memberships/{user_id}", change),
    delete("/api/v2/team/{team_id}/memberships/{user_id}", remove),
    get("/api/v2/users/{user_uuid}/memberships", list_of_user),
]
