"""Teams: list, make, read, change, delete (reference, part 4.10)."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.api.datadog.documents import Data, Resource, answer, data_of, plain_answer, resource, to_many, to_one
from watchbill.api.datadog.envelope import InvalidParameter
from watchbill.api.datadog.fields import Fields, identifier
from watchbill.api.datadog.keeping import handle_of, keeping, kept
from watchbill.api.datadog.lists import Order, links, listed, order_asked, page_asked, pagination
from watchbill.api.datadog.permissions import Permission, demand, demand_member_change
from watchbill.api.datadog.times import born, offset
from watchbill.asgi.dialect import delete, get, patch, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Conflict, Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Member, Team
from watchbill.domain.record import replace
from watchbill.domain.slugs import spoken
from watchbill.usecases.directory import apply
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal

LONGEST_HANDLE = 195
LONGEST_NAME = 200
LONGEST_SUMMARY = 120
BANNERS = 10
MODULES = ("hidden_modules", "visible_modules")
# What a reading leaves out (recorded).
NOT_READ = ("avatar", "banner", *MODULES)
ORDERS: Mapping[str, Order[Team]] = {
    "name": lambda team: team.name.lower(),
    "user_count": lambda team: (len(team.members), team.name.lower()),
}


def team_with(org: Organization, id: str) -> Team:
    """Raises NotFound in the recorded words, which differ for what is no UUID."""
    team = org.teams.get(identifier(id) or "")
    if team is None:
        raise NotFound(f"Team for ID {id} not found" if identifier(id) else f"{id} is not a valid UUID not found")
    return team


# --- On the wire


def to_wire(team: Team) -> Resource:
    address = f"/api/v2/team/{team.id}"
    relationships = {
        "team_links": {**to_many("team_links", ()), "links": {"related": f"{address}/links"}},
        "user_team_permissions": {
            **to_one("user_team_permissions", None),
            "links": {"related": f"{address}/permission-settings"},
        },
    }
    return resource("team", team.id, _attributes(team), relationships)


def _attributes(team: Team) -> Mapping[str, Any]:
    mine = kept(team)
    created = born(team.id)
    return {
        "avatar": mine.get("avatar"),
        "banner": mine.get("banner", team.number % BANNERS),
        "created_at": offset(created),
        "description": team.description or None,
        "handle": handle_of(team),
        "hidden_modules": mine.get("hidden_modules"),
        "is_managed": False,
        "link_count": 0,
        "modified_at": offset(mine.get("modified_at", created)),
        "name": team.name,
        "summary": team.description[:LONGEST_SUMMARY] or None,
        "user_count": len(team.members),
        "visible_modules": mine.get("visible_modules"),
    }


def _only(team: Resource, names: Sequence[str]) -> Resource:
    attributes = {name: value for name, value in team["attributes"].items() if name in names}
    return {**team, "attributes": attributes}


# --- Reading


def list_all(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_READ)
    page = page_asked(call)
    found = _ordered(call, _filtered(call, org))
    rows = [to_wire(team) for team in page.of(found)]
    fields = {name for text in _all_asked(call, "fields[team]") for name in text.split(",")}
    if fields:  # "handle" and "name" are members that clients demand
        rows = [_only(row, [*fields, "handle", "name"]) for row in rows]
    included: list[Resource] | None = [] if _all_asked(call, "include") else None
    return listed(
        rows, included, meta={"pagination": pagination(page, len(found))}, links=links(call, page, len(found))
    )


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_READ)
    team = to_wire(team_with(org, call.params["team_id"]))
    return answer(_only(team, [name for name in team["attributes"] if name not in NOT_READ]))


def _filtered(call: Call, org: Organization) -> list[Team]:
    """By name, handle or the address of a member, any case; and by whether the caller is in it."""
    text = (call.asked("filter[keyword]") or "").strip().lower()
    mine = (call.asked("filter[me]") or "false").lower()
    if mine not in ("true", "false"):
        raise InvalidParameter("filter[me]", "query", "bool")
    return [
        team
        for team in org.teams.values()
        if (mine == "false" or any(member.user_id == call.caller.user_id for member in team.members))
        and _mentions(org, team, text)
    ]


def _mentions(org: Organization, team: Team, text: str) -> bool:
    if text in f"{team.name}\n{handle_of(team)}".lower():
        return True
    return any(org.users[member.user_id].email.lower() == text for member in team.members)


def _ordered(call: Call, teams: Sequence[Team]) -> list[Team]:
    order, downwards = order_asked(call, ORDERS)
    return sorted(teams, key=order, reverse=downwards)


def _all_asked(call: Call, name: str) -> list[str]:
    return [value for key, value in call.request.query if key == name and value]


# --- Writing


def create(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_MANAGE)
    data = data_of(call, "team")
    handle = data.attributes.text("handle", LONGEST_HANDLE)
    team = Team(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "team", 1)[0],
        slug=spoken(handle, {team.slug.lower() for team in org.teams.values()}, "team"),
        name=data.attributes.text("name", LONGEST_NAME),
        handle=handle,
        members=_members(org, data),
    )
    made = _with(team, data.attributes)
    _check_free(org, made)
    keep(tx, call, made)
    return answer(to_wire(made), status=201)


def change(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    team = team_with(org, call.params["team_id"])
    demand_member_change(org, call, team.id)
    given = data_of(call, "team").attributes
    handle = given.maybe_text("handle", LONGEST_HANDLE)
    named = replace(team, name=given.maybe_text("name", LONGEST_NAME) or team.name, handle=handle or team.handle)
    after = keeping(_with(named, given), modified_at=call.now)
    if (after.name, handle_of(after)) != (team.name, handle_of(team)):
        _check_free(org, after)
    keep(tx, call, after)
    return plain_answer(to_wire(after))


def remove(tx: Tx, call: Call) -> Reply:
    """Whatever names the team lets go of it."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.TEAMS_MANAGE)
    team = team_with(org, call.params["team_id"])
    apply(tx, org.number, removal(org, "team", team.id), actor=call.caller.actor.name, now=call.now)
    return Reply(204)


def _with(team: Team, given: Fields) -> Team:
    """What is not named stays; what is null goes."""
    if given.names("description"):
        team = replace(team, description=given.maybe_text("description") or "")
    if given.names("avatar"):
        team = keeping(team, avatar=given.maybe_text("avatar", LONGEST_NAME))
    if given.names("banner"):
        team = keeping(team, banner=given.maybe_whole("banner", 0, 2**31 - 1))
    for name in MODULES:
        if given.names(name):
            team = keeping(team, **{name: given.maybe_texts(name)})
    return team


def _members(org: Organization, data: Data) -> tuple[Member, ...]:
    ids = dict.fromkeys(data.links("users", "users") or ())
    for id in ids:
        if id not in org.users:
            raise Invalid(f"user {id} not found")
    return tuple(Member(id) for id in ids)


def _check_free(org: Organization, team: Team) -> None:
    name, handle = team.name.lower(), handle_of(team).lower()
    for other in org.teams.values():
        if other.id != team.id and (other.name.lower() == name or handle_of(other).lower() == handle):
            raise Conflict("Team name and handle must be unique")


def keep(tx: Tx, call: Call, team: Team) -> Organization:
    changes = [Change("team", team.id, team)]
    return apply(tx, call.caller.org, changes, actor=call.caller.actor.name, now=call.now)


ROUTES = [
    get("/api/v2/team", list_all),
    post("/api/v2/team", create),
    get("/api/v2/team/{team_id}", show),
    patch("/api/v2/team/{team_id}", change),
    delete("/api/v2/team/{team_id}", remove),
]
