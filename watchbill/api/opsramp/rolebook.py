"""Roles of this dialect, and the role of ours that they come to (reference, part 3.4).

Four roles are there always, one for each of ours; others are documents that name their permission sets and who has
them, directly or by a group. Somebody's role of ours is the strongest that any of theirs comes to.
"""

from collections.abc import Iterable, Mapping, Sequence

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.kept import keeping, kept
from watchbill.api.opsramp.meanings import resolved
from watchbill.asgi.requests import Call
from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change, Document, Organization
from watchbill.domain.people import Role, User
from watchbill.domain.record import replace
from watchbill.domain.slugs import uuid_from
from watchbill.usecases.directory import apply, changed
from watchbill.usecases.ports import Tx

KIND = "opsramp.role"
# What is kept of a person: which of the four they were given, and the role of ours that this came to.
BUILTIN, CAME_TO = "builtinRoles", "role"
# From the weakest on.
STRENGTH = (Role.STAKEHOLDER, Role.USER, Role.ALERT_ADMIN, Role.GLOBAL_ADMIN)
CLIENT_NAMES = ("Customer", "Client User", "Client Alert Administrator", "Client Administrator")
PARTNER_NAMES = ("Partner Viewer", "Partner User", "Partner Alert Administrator", "Partner Administrator")
# Name and description of each permission set; its number is its place, from 1.
PERMISSION_SETS = (
    ("Viewer", "Sees everything of the tenant"),
    ("Operator", "Responds to alerts and incidents"),
    ("Alert Administrator", "Manages integrations and what becomes of alerts"),
    ("Administrator", "Manages everything of the tenant"),
)


def builtin_name(org: Organization, role: Role) -> str:
    return (CLIENT_NAMES if org.parent is not None else PARTNER_NAMES)[STRENGTH.index(role)]


def builtin_id(org: Organization, role: Role) -> str:
    return uuid_from(org.id, "opsramp.role", role.value)


def strongest(roles: Iterable[Role]) -> Role:
    return max(roles, key=STRENGTH.index)


def custom_roles(org: Organization) -> Sequence[Document]:
    return org.documents_by_kind.get(KIND, ())


def builtins_of(user: User) -> Sequence[Role]:
    """The given ones; somebody whose role was set elsewhere since has that one only."""
    given = kept(user).get(BUILTIN)
    if not isinstance(given, list | tuple) or kept(user).get(CAME_TO) != user.role:
        return [user.role]
    return [role for role in Role if role.value in given]


def custom_of(org: Organization, user: User) -> Sequence[Document]:
    """Those that name the person; a group's roles are not listed with its members."""
    return [role for role in custom_roles(org) if user.id in named(role, "users")]


def custom_of_group(org: Organization, team_id: str) -> Sequence[Document]:
    return [role for role in custom_roles(org) if team_id in named(role, "userGroups")]


def named(role: Document, field: str) -> Sequence[str]:
    found = role.body.get(field)
    return found if isinstance(found, list | tuple) else ()


def comes_to(role: Document) -> Role | None:
    """The role of ours with the permissions of this one; None for permissions that we don't know."""
    numbers = [one.get("id") for one in named_sets(role)]
    known = [STRENGTH[number - 1] for number in numbers if type(number) is int and 1 <= number <= len(STRENGTH)]
    return strongest(known) if known else None


def named_sets(role: Document) -> Sequence[Mapping[str, object]]:
    found = role.body.get("permissions")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def _wanted(org: Organization, user: User) -> Role:
    groups = {team.id for team in org.teams_by_user.get(user.id, ())}
    roles = [comes_to(role) for role in custom_roles(org) if _concerns(role, user, groups)]
    return strongest([Role.STAKEHOLDER, *builtins_of(user), *(role for role in roles if role is not None)])


def _concerns(role: Document, user: User, groups: set[str]) -> bool:
    return user.id in named(role, "users") or not groups.isdisjoint(named(role, "userGroups"))


def keep(tx: Tx, call: Call, org: Organization, changes: Sequence[Change]) -> Organization:
    """Keeps the changes, the roles of ours that they come to, and whom policies write to since. Raises Unfit, and
    Conflict when nobody would be left to govern the tenant."""
    after = changed(org, changes)
    users = [_settled(after, user) for user in after.users.values()]
    moved = [Change("user", user.id, user) for user in users if user != after.users[user.id]]
    settled = changed(after, moved)
    if _administrators(org) and not _administrators(settled):
        raise Conflict("The last administrator can't be taken away")
    written = [*moved, *resolved(org, settled)]
    return apply(tx, org.number, [*changes, *written], call.caller.actor.name, call.now)


def _settled(org: Organization, user: User) -> User:
    wanted = _wanted(org, user)
    if wanted is user.role:
        return user
    builtin = [role.value for role in builtins_of(user)]
    told = {**kept(user), BUILTIN: builtin, CAME_TO: wanted.value}
    return replace(keeping(user, told), role=wanted)


def _administrators(org: Organization) -> bool:
    return any(user.active and user.role is Role.GLOBAL_ADMIN for user in org.users.values())


def role_id(role: Document) -> str:
    return ids.ROLE + role.id
