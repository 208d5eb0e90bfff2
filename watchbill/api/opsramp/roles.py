"""Roles and permission sets (reference, part 3.4). What a role of the tenant's own says of resources is kept and shown;
who may do what is decided by its permission sets."""

from collections.abc import Callable, Mapping
from typing import Any

from watchbill.api.opsramp import ids, people, rolebook
from watchbill.api.opsramp.bodies import Body, body_of, echo, flag, needed, objects, text, word, worded
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.quotas import READS, SEARCHES, WRITES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Forbidden, NotFound
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.people import Role
from watchbill.domain.record import replace
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

SCOPES = ("MSP", "CLIENT")
ECHOED = ("clients", "devices", "deviceGroups", "credentialSets", "permissions")
NAMED = ("id", "uniqueId", "name")
# Permission sets are told by number, all else by texts.
NUMBERS = {"permissions": ("id",)}
FLAGS = ("allClients", "allDevices", "allCredentials")
SORTS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "id": lambda row: row["number"],
    "name": lambda row: row["name"].lower(),
}
SET_SORTS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "id": lambda row: row["id"],
    "name": lambda row: row["name"].lower(),
}


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    rows = [{**_builtin(org, role), "number": place} for place, role in enumerate(rolebook.STRENGTH)]
    rows += [
        {**people.role_named(role), "number": role.number + len(rolebook.STRENGTH)}
        for role in rolebook.custom_roles(org)
    ]
    return paged(wanted(call, SORTS), rows, SORTS, _without_number)


def _without_number(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name != "number"}


def permission_sets(tx: Tx, call: Call) -> Reply:
    demand(tenant(tx, call), call.caller, Right.SEE)
    rows = [
        {"id": number, "name": name, "description": description}
        for number, (name, description) in enumerate(rolebook.PERMISSION_SETS, 1)
    ]
    return paged(wanted(call, SET_SORTS), rows, SET_SORTS, lambda row: row)


def _builtin(org: Organization, role: Role) -> Mapping[str, Any]:
    place = rolebook.STRENGTH.index(role)
    return {
        "uniqueId": ids.ROLE + rolebook.builtin_id(org, role),
        "name": rolebook.builtin_name(org, role),
        "description": rolebook.PERMISSION_SETS[place][1],
        "defaultRole": True,
    }


def show(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    found = _found(org, call.params["role"])
    return Reply(body=_whole_builtin(org, found) if isinstance(found, Role) else _whole(org, found))


def _found(org: Organization, public: str) -> Role | Document:
    """Raises NotFound."""
    id = ids.inner(ids.ROLE, public)
    builtin = next((role for role in Role if rolebook.builtin_id(org, role) == id), None)
    custom = next((role for role in rolebook.custom_roles(org) if role.id == id), None)
    if builtin is None and custom is None:
        raise NotFound(f"No role found with id {public[:100]}")
    return builtin or custom  # type: ignore[return-value]


def _whole_builtin(org: Organization, role: Role) -> Mapping[str, Any]:
    users = [people.member(user) for user in org.users.values() if role in rolebook.builtins_of(user)]
    place = rolebook.STRENGTH.index(role)
    sets = [{"id": place + 1, "name": rolebook.PERMISSION_SETS[place][0]}]
    told = {"allDevices": True, "allCredentials": True, "users": users, "userGroups": [], "permissions": sets}
    return {**_builtin(org, role), **told}


def _whole(org: Organization, role: Document) -> Mapping[str, Any]:
    users = [org.users[id] for id in rolebook.named(role, "users") if id in org.users]
    groups = [org.teams[id] for id in rolebook.named(role, "userGroups") if id in org.teams]
    told = {name: value for name, value in role.body.items() if name in (*ECHOED, *FLAGS, "scope")}
    return {
        **people.role_named(role),
        **told,
        "permissions": [_named_set(one) for one in rolebook.named_sets(role)],
        "users": [people.member(user) for user in users],
        "userGroups": [people.group_named(team) for team in groups],
    }


def _named_set(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """By its number alone: what else was told of it says nothing."""
    number = one.get("id")
    if not isinstance(number, int) or not 1 <= number <= len(rolebook.PERMISSION_SETS):
        return {"id": number}
    name, description = rolebook.PERMISSION_SETS[number - 1]
    return {"id": number, "name": name, "description": description}


# --- Writing


def create(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    body = body_of(call)
    role = Document(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, rolebook.KIND, 1)[0],
        kind=rolebook.KIND,
        name=needed(body, "name", 200).strip(),
        body={"scope": SCOPES[org.parent is not None]},
        created_at=call.now,
    )
    return _kept(tx, call, org, _told(org, role, body))


def change(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org, role = _own(tx, call)
    return _kept(tx, call, org, _told(org, role, body_of(call)))


def remove(tx: Tx, call: Call) -> Reply:
    org, role = _own(tx, call)
    rolebook.keep(tx, call, org, [Change("document", role.id, None)])
    return Reply()


def _own(tx: Tx, call: Call) -> tuple[Organization, Document]:
    """Raises NotFound, and Forbidden for a role that is there always."""
    org = tenant(tx, call)
    demand(org, call.caller, Right.GOVERN)
    found = _found(org, call.params["role"])
    if isinstance(found, Role):
        raise Forbidden("A default role stays as it is")
    return org, found


def _kept(tx: Tx, call: Call, org: Organization, role: Document) -> Reply:
    org = rolebook.keep(tx, call, org, [Change("document", role.id, role)])
    return Reply(body=_whole(org, role))


def _told(org: Organization, role: Document, body: Body) -> Document:
    told: dict[str, object] = {**role.body, **_references(body)}
    for name in FLAGS:
        given = flag(body, name)
        if given is not None:
            told[name] = given
    for name, value in (("description", text(body, "description")), ("scope", word(body, "scope", SCOPES, str.upper))):
        if value is not None:
            told[name] = value
    users, groups = objects(body, "users"), objects(body, "userGroups")
    if users is not None:
        told["users"] = [user.id for user in people.users_meant(org, users, "users")]
    if groups is not None:
        told["userGroups"] = [team.id for team in people.groups_meant(org, groups)]
    called = text(body, "name", 200)
    return replace(role, name=role.name if called is None else called.strip(), body=told)


def _references(body: Body) -> Mapping[str, object]:
    """What the role names, by id and name alone: nobody here knows more of it."""
    lists = {name: given for name in ECHOED if (given := objects(body, name)) is not None}
    named = {
        name: [
            {key: value for key, value in worded(one, NUMBERS.get(name, ())).items() if key in NAMED} for one in given
        ]
        for name, given in lists.items()
    }
    return echo(named, ECHOED)


ROLE = f"{T}/roles/{{role}}"
ROUTES = [
    get(f"{T}/roles/search", search, quota=SEARCHES),
    post(f"{T}/roles", create, quota=WRITES),
    get(ROLE, show, quota=READS),
    post(ROLE, change, quota=WRITES),
    delete(ROLE, remove, quota=WRITES),
    get(f"{T}/permissionSets", permission_sets, quota=SEARCHES),
]
