"""Contact methods as this dialect shows them (reference, part 2.14)."""

from collections.abc import Sequence
from typing import Any

from watchbill.api.victorops.keeping import kept
from watchbill.api.victorops.lookups import self_url
from watchbill.api.victorops.people import DEFAULT
from watchbill.domain.people import ContactMethod, User
from watchbill.domain.phones import spaced

# The lists that an address may name, and the kinds of contacts in each.
LISTS = {"emails": ("email",), "phones": ("phone",), "devices": ("push", "pocket")}
TYPES = {"email": "Email", "phone": "Phone"}
DEVICE = "Device"
DEFAULT_RANK = 500


def contact_type(kind: str) -> str:
    return TYPES.get(kind, DEVICE)


def contacts_of(user: User, name: str) -> list[ContactMethod]:
    """The highest rank first: a client takes the first number for the one to call."""
    own = [contact for contact in user.contacts if contact.kind in LISTS[name]]
    return sorted(own, key=rank, reverse=True)


def rank(contact: ContactMethod) -> int:
    """The account's own address has the rank of a default contact."""
    given = kept(contact.settings).get("rank")
    return given if isinstance(given, int) else DEFAULT_RANK if contact.label == DEFAULT else 0


def list_body(user: User, name: str) -> dict[str, Any]:
    return {
        "_selfUrl": self_url("user", user.username, "contact-methods", name),
        "contactMethods": [contact_body(user, name, contact) for contact in contacts_of(user, name)],
    }


def contact_body(user: User, name: str, contact: ContactMethod) -> dict[str, Any]:
    own = kept(contact.settings)
    body: dict[str, Any] = {
        "id": contact.number,
        "label": contact.label,
        "extId": contact.id,
        "_selfUrl": self_url("user", user.username, "contact-methods", name, contact.id),
    }
    if name == "devices":
        return body | {"deviceType": own.get("deviceType", "Web")}
    return body | {
        "value": spaced(contact.address) if contact.kind == "phone" else contact.address,
        "contactType": contact_type(contact.kind),
        "rank": rank(contact),
        "verified": "verified" if is_verified(contact) else "unverified",
    }


def is_verified(contact: ContactMethod) -> bool:
    """Mail is sent to addresses that nobody has confirmed yet, as there: only numbers have to be verified first
    (reference, part 4.4)."""
    return contact.verified and kept(contact.settings).get("confirmed") is not False


def numbered(contacts: Sequence[ContactMethod], number: int) -> ContactMethod | None:
    """The contact that rules name by this number."""
    return next((contact for contact in contacts if contact.number == number), None)
