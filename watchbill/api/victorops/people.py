"""People as this dialect shows them (reference, parts 2.12 and 2.13)."""

from typing import Any

from watchbill.api.victorops.keeping import kept, version
from watchbill.api.victorops.lookups import self_url
from watchbill.api.victorops.times import iso
from watchbill.domain.people import ContactMethod, User

# The label of the contact that the account's own address becomes (reference, part 2.13).
DEFAULT = "Default"


def own_contact(user: User) -> ContactMethod | None:
    """What the account's own address has become. Others may be called like it."""
    return next((one for one in user.contacts if one.kind == "email" and one.label == DEFAULT), None)


def verified(user: User) -> bool:
    """Who was made by this API has to follow an invitation first; of others nothing is known to be missing."""
    return kept(user.settings).get("verified") is not False


def user_body(user: User) -> dict[str, Any]:
    """The moment at which the password was set is not known: it is the creation's."""
    body: dict[str, Any] = {
        "firstName": user.first_name,
        "lastName": user.last_name,
        "displayName": user.name,
        "username": user.username,
        "verified": verified(user),
        "_selfUrl": self_url("user", user.username),
    }
    if user.email:
        body["email"] = user.email
    if user.created_at:
        body |= {"createdAt": iso(user.created_at), "passwordLastUpdated": iso(user.created_at)}
    return body


def member_body(user: User) -> dict[str, Any]:
    """As one of a team."""
    return {
        "username": user.username,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "displayName": user.name,
        "version": version(user.settings),
        "verified": verified(user),
    }
