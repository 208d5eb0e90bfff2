"""User groups, which are teams of ours, and who is in them (reference, part 3.3)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from watchbill.api.opsramp import ids, people, rolebook
from watchbill.api.opsramp.bodies import Body, bodies_of, body_of, needed, objects, text
from watchbill.api.opsramp.kept import CREATED, UPDATED, created_at, keeping, kept
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain import check_values
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Member, Team, User
from watchbill.domain.record import replace
from watchbill.domain.slugs import spoken
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal

SORTS: Mapping[str, Callable[[Team], Any]] = {
    "userGroup.id": lambda team: (created_at(team), team.number),
    "name": lambda team: team.name.lower(),
}
MEMBER_SORTS: Mapping[str, Callable[[User], Any]] = {
    "id": lambda user: user.number,
    "loginName": lambda user: user.username.lower(),
}


def _one(tx: Tx, call: Call, right: Right = Right.GOVERN) -> tuple[Organization, Team]:
    """Who leads the team may say who is in it. Raises NotFound, Forbidden."""
    org = tenant(tx, call)
    team = people.group_of(org, call.params["group"])
    demand(org, call.caller, right, teams=(team.id,))
    return org, team


def listed(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    return paged(wanted(call, SORTS), org.teams.values(), SORTS, lambda team: people.group(org, team))


def show(tx: Tx, call: Call) -> Reply:
    org, team = _one(tx, call, Right.SEE)
    return Reply(body=people.group(org, team))


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    body = body_of(call)
    name = needed(body, "name", 200).strip()
    made = Team(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "team", 1)[0],
        slug=spoken(name, {team.slug.lower() for team in org.teams.values()}, "group"),
        name=name,
    )
    return _kept(tx, call, org, keeping(made, {CREATED: call.now}))


def change(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org, team = _one(tx, call)
    return _kept(tx, call, org, team)


def _kept(tx: Tx, call: Call, org: Organization, team: Team) -> Reply:
    body = body_of(call)
    team = _told(team, body, call.now)
    roles = _role_changes(org, team, objects(body, "roles"))
    org = rolebook.keep(tx, call, org, [Change("team", team.id, team), *roles])
    return Reply(body=people.group(org, org.teams[team.id]))


def _told(team: Team, body: Body, now: int) -> Team:
    values = {**kept(team), UPDATED: now}
    email = text(body, "email", 254)
    if email is not None:
        for _, message in check_values.email("email", email) if email else ():
            raise Invalid(message, "email")
        values["email"] = email
    name, description = text(body, "name", 200), text(body, "description")
    return replace(
        keeping(team, values),
        name=team.name if name is None else name.strip(),
        description=team.description if description is None else description,
    )


def _role_changes(org: Organization, team: Team, given: Sequence[Body] | None) -> list[Change]:
    """The roles of the tenant's own that the group has from now on. Raises Invalid for one that there is not."""
    if given is None:
        return []
    wanted_ids = {ids.inner(ids.ROLE, str(one.get("uniqueId", ""))) for one in given}
    known = {role.id for role in rolebook.custom_roles(org)}
    if not wanted_ids <= known:
        raise Invalid("There is no such role", "roles")
    changes = []
    for role in rolebook.custom_roles(org):
        groups = [id for id in rolebook.named(role, "userGroups") if id != team.id]
        groups += [team.id] if role.id in wanted_ids else []
        if groups != list(rolebook.named(role, "userGroups")):
            changes.append(Change("document", role.id, replace(role, body={**role.body, "userGroups": groups})))
    return changes


def remove(tx: Tx, call: Call) -> Reply:
    org, team = _one(tx, call)
    rolebook.keep(tx, call, org, removal(org, "team", team.id))
    return Reply()


# --- Members


def members(tx: Tx, call: Call) -> Reply:
    org, team = _one(tx, call, Right.SEE)
    found = [org.users[member.user_id] for member in team.members if member.user_id in org.users]
    return paged(wanted(call, MEMBER_SORTS), found, MEMBER_SORTS, people.member)


def add(tx: Tx, call: Call) -> Reply:
    org, team = _one(tx, call, Right.TEAM)
    there = {member.user_id for member in team.members}
    fresh = tuple(Member(user.id) for user in people.users_meant(org, bodies_of(call)) if user.id not in there)
    return _with_members(tx, call, team, (*team.members, *fresh))


def take_out(tx: Tx, call: Call) -> Reply:
    """Who is not in it needs not be taken out."""
    org, team = _one(tx, call, Right.TEAM)
    gone = {user.id for user in people.users_meant(org, bodies_of(call))}
    return _with_members(tx, call, team, tuple(member for member in team.members if member.user_id not in gone))


def _with_members(tx: Tx, call: Call, team: Team, now_members: tuple[Member, ...]) -> Reply:
    org = tenant(tx, call)
    after = replace(keeping(team, {**kept(team), UPDATED: call.now}), members=now_members)
    rolebook.keep(tx, call, org, [Change("team", team.id, after)])
    return Reply()


GROUP = f"{T}/userGroups/{{group}}"
ROUTES = [
    get(f"{T}/userGroups", listed, quota=SEARCHES),
    post(f"{T}/userGroups", create, quota=WRITES),
    get(GROUP, show, quota=READS),
    post(GROUP, change, quota=WRITES),
    delete(GROUP, remove, quota=WRITES),
    get(f"{GROUP}/users", members, quota=SEARCHES),
    post(f"{GROUP}/users", add, quota=WRITES),
    delete(f"{GROUP}/users", take_out, quota=WRITES),
]
