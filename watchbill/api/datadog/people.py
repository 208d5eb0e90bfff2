"""A person as the Users API shows them (reference, part 4.10). Without any of that API's own fields where a person was
made elsewhere."""

import hashlib
from collections.abc import Mapping
from typing import Any

from watchbill.api.datadog.documents import Resource, resource, to_many, to_one
from watchbill.api.datadog.keeping import full_name, keeping, kept, status_of
from watchbill.api.datadog.roles import role_ids, roles_included
from watchbill.api.datadog.times import offset
from watchbill.asgi.requests import Call
from watchbill.domain.errors import Conflict, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import User
from watchbill.domain.record import replace
from watchbill.usecases.directory import apply
from watchbill.usecases.ports import Tx


def user_with(org: Organization, id: str) -> User:
    """Raises NotFound in the recorded words, whatever is wrong with the id."""
    user = org.users.get(id.lower())
    if user is None:
        raise NotFound(f"{id} not found")
    return user


def user_with_email(org: Organization, email: str) -> User | None:
    return next((user for user in org.users.values() if user.email.lower() == email), None)


def check_free(org: Organization, email: str, but: str = "") -> None:
    """Raises Conflict when somebody else has the address, active or not: it is the handle, by which people sign in."""
    other = user_with_email(org, email)
    if other is not None and other.id != but:
        raise Conflict(f"User with handle {email} already exists")


def renamed(user: User, name: str) -> User:
    """A full name is a first name and the rest; who is called so already keeps their names as they are."""
    if name == full_name(user):
        return user
    first, _, last = name.partition(" ")
    return replace(user, first_name=first, last_name=last)


def touched(user: User, now: int, **told: object) -> User:
    return keeping(user, modified_at=now, **told)


def to_wire(org: Organization, user: User) -> Resource:
    links = {"roles": to_many("roles", role_ids(org, user)), "org": to_one("orgs", org.id)}
    return resource("users", user.id, _attributes(user), links)


def related(org: Organization, *users: User) -> list[Resource]:
    """What these people are linked to: their organization and their roles."""
    return [organization(org), *roles_included(org, users)]


def organization(org: Organization) -> Resource:
    created = offset(org.created_at)
    attributes = {"name": org.name, "public_id": org.slug, "created_at": created, "modified_at": created}
    return resource("orgs", org.id, {**attributes, "description": "", "disabled": False, "sharing": "", "url": ""})


def as_member(user: User) -> Resource:
    """As memberships include people: without links, dates and titles (recorded)."""
    names = ("disabled", "email", "handle", "icon", "name", "service_account", "status")
    attributes = _attributes(user)
    return resource("users", user.id, {name: attributes[name] for name in names})


def handle(user: User) -> str:
    return user.email.lower() or user.username


def keep(tx: Tx, call: Call, user: User) -> Organization:
    changes = [Change("user", user.id, user)]
    return apply(tx, call.caller.org, changes, actor=call.caller.actor.name, now=call.now)


def mentions(user: User, text: str) -> bool:
    """Whether the name or the address has the text in it, which is in lower case."""
    return text in f"{full_name(user) or ''}\n{handle(user)}".lower()


def _attributes(user: User) -> Mapping[str, Any]:
    status = status_of(user)
    picture = hashlib.md5(handle(user).encode(), usedforsecurity=False).hexdigest()
    return {
        "uuid": user.id,
        "name": full_name(user),
        "handle": handle(user),
        "created_at": offset(user.created_at),
        "modified_at": offset(modified_at(user)),
        "email": user.email,
        "icon": f"https://secure.gravatar.com/avatar/{picture}?s=48&d=retro",
        "title": kept(user).get("title"),
        "verified": status == "Active",
        "service_account": False,
        "disabled": not user.active,
        "allowed_login_methods": [],
        "status": status,
        "last_login_time": None,
    }


def modified_at(user: User) -> int:
    found = kept(user).get("modified_at")
    return found if isinstance(found, int) else user.created_at
