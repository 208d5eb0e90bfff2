"""Roles and permissions as resources. A person has one role of ours; who has the usual one is listed with none, as a
fresh user is (recorded)."""

from collections.abc import Iterable, Sequence

from watchbill.api.datadog.documents import Resource, resource, to_many
from watchbill.api.datadog.permissions import Permission, held_by
from watchbill.api.datadog.times import offset
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.people import Role, User
from watchbill.domain.slugs import uuid_from

NAMES = {
    Role.GLOBAL_ADMIN: "Datadog Admin Role",
    Role.ALERT_ADMIN: "Watchbill Alert Admin Role",
    Role.USER: "Datadog Standard Role",
    Role.STAKEHOLDER: "Datadog Read Only Role",
}
GROUPS = {"on": "On-Call", "teams": "Teams", "user": "Access Management"}


def role_id(org: Organization, role: Role) -> str:
    return uuid_from(org.id, "role", role.value)


def role_ids(org: Organization, user: User) -> list[str]:
    return [] if user.role is Role.USER else [role_id(org, user.role)]


def role_named(org: Organization, ids: Sequence[str]) -> Role:
    """The strongest of the roles with these ids; the usual one for none. Raises Invalid for an unknown one."""
    known = {role_id(org, role): role for role in Role}
    for id in ids:
        if id not in known:
            raise Invalid(f"role {id} not found")
    return next((role for role in Role if role in {known[id] for id in ids}), Role.USER)


def roles_included(org: Organization, users: Iterable[User]) -> list[Resource]:
    """The roles of these people."""
    roles = dict.fromkeys(user.role for user in users if user.role is not Role.USER)
    return [_role(org, role) for role in roles]


def permissions_of(org: Organization, user: User) -> list[Resource]:
    return [_permission(org, one) for one in held_by(org, user)] if user.active else []


def _role(org: Organization, role: Role) -> Resource:
    holders = [user for user in org.users.values() if user.role is role]
    attributes = {
        "name": NAMES[role],
        "created_at": offset(org.created_at),
        "modified_at": offset(org.created_at),
        "user_count": sum(user.active for user in holders),
    }
    sample = next((user for user in holders if user.active), None)
    ids = [_permission_id(org, one) for one in held_by(org, sample)] if sample else []
    return resource("roles", role_id(org, role), attributes, {"permissions": to_many("permissions", ids)})


def _permission(org: Organization, permission: Permission) -> Resource:
    said = permission.value.replace("_", " ").replace("on call", "on-call").capitalize()
    attributes = {
        "name": permission.value,
        "display_name": said,
        "description": said,
        "created": offset(org.created_at),
        "group_name": GROUPS[permission.value.split("_")[0]],
        "display_type": "read" if permission.value.endswith("_read") else "write",
        "restricted": False,
    }
    return resource("permissions", _permission_id(org, permission), attributes)


def _permission_id(org: Organization, permission: Permission) -> str:
    return uuid_from(org.id, "permission", permission.value)
