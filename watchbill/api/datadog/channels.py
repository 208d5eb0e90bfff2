"""A person's notification channels (reference, part 4.7). Contacts of other kinds (chat, webhooks) have no form here:
they are not shown, and stay."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import phonenumbers

from watchbill.api.datadog.documents import Resource, answer, data_of, path_id, resource
from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.keeping import kept
from watchbill.api.datadog.people import keep
from watchbill.api.datadog.permissions import demand_profile
from watchbill.api.datadog.times import zulu
from watchbill.asgi.dialect import delete, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain import check_values
from watchbill.domain.check_values import Flaw
from watchbill.domain.errors import NotFound
from watchbill.domain.paging_rules import without_contact
from watchbill.domain.people import ContactMethod, User
from watchbill.domain.record import replace
from watchbill.usecases.ports import Tx

TYPE = "notification_channels"
PATH = "/api/v2/on-call/users/{user_id}/notification-channels"
FORMATS = ("html", "text")
APPLICATION = "Watchbill"


# --- Whose


def profile(tx: Tx, call: Call, writes: bool = False) -> User:
    """The person in the path, for who may see or change them. Raises Forbidden, NotFound."""
    org = tx.organization(call.caller.org)
    id = path_id(call, "user_id")
    demand_profile(org, call, id, writes)
    user = org.users.get(id)
    if user is None:
        raise NotFound("user not found")
    return user


def channel_of(user: User, id: str | None) -> ContactMethod:
    """Raises NotFound in the recorded words."""
    found = next((contact for contact in shown(user) if contact.id == id), None)
    if found is None:
        raise NotFound("notification channel not found")
    return found


def shown(user: User) -> list[ContactMethod]:
    """The contacts that have a form here, in the order in which they were made."""
    return [contact for contact in user.contacts if contact.kind in CONFIGS]


# --- On the wire


def to_wire(contact: ContactMethod) -> Resource:
    """Only phones have a mark of their own for being verified; another channel that is not is not active."""
    active = contact.active and (contact.verified or contact.kind == "phone")
    return resource(TYPE, contact.id, {"active": active, "config": CONFIGS[contact.kind](contact)})


def _email(contact: ContactMethod) -> Mapping[str, Any]:
    return {"type": "email", "address": contact.address, "formats": _formats(contact)}


def _formats(contact: ContactMethod) -> list[str]:
    wanted = contact.settings.get("formats")
    return [str(one) for one in wanted] if isinstance(wanted, Sequence) and wanted else list(FORMATS)


def _phone(contact: ContactMethod) -> Mapping[str, Any]:
    formatted, region = _written(contact.address)
    consent = kept(contact).get("sms_subscribed_at")
    return {
        "type": "phone",
        "number": contact.address,
        "formatted_number": formatted,
        "region": region,
        "verified": contact.verified,
        **({"sms_subscribed_at": zulu(consent)} if isinstance(consent, int) else {}),
    }


def _written(address: str) -> tuple[str, str]:
    """A number as people read it, and its country in lower case (recorded); a number that can belong to several
    countries is of the main one."""
    try:
        number = phonenumbers.parse(address, None)
    except phonenumbers.NumberParseException:
        return address, ""
    main = phonenumbers.region_code_for_country_code(number.country_code or 0)
    region = phonenumbers.region_code_for_number(number) or main
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL), region.lower()


def _push(contact: ContactMethod) -> Mapping[str, Any]:
    return {"type": "push", "device_name": contact.label or contact.kind, "application_name": APPLICATION}


# By the kind of contact; the pocket page is an app of ours on somebody's phone.
CONFIGS: Mapping[str, Callable[[ContactMethod], Mapping[str, Any]]] = {
    "email": _email,
    "phone": _phone,
    "push": _push,
    "pocket": _push,
}


def from_wire(config: Fields) -> ContactMethod:
    """A contact without id and number. Raises Invalid. An e-mail address needs no verification (recorded)."""
    if config.choice("type", ("email", "phone")) == "phone":
        number = config.text("number")
        _check(config, "number", check_values.phone("", number))
        return ContactMethod("", 0, "phone", number)
    address = config.text("address")
    _check(config, "address", check_values.email("", address))
    formats = config.maybe_texts("formats")
    if not formats:
        raise config.wrong("formats", "is required")
    if not set(formats) <= set(FORMATS):
        raise config.wrong("formats", f'must be one of "{" ".join(FORMATS)}"')
    return ContactMethod("", 0, "email", address, verified=True, settings={"formats": list(dict.fromkeys(formats))})


def _alike(one: ContactMethod, other: ContactMethod) -> bool:
    return one.kind == other.kind and one.address == other.address and _formats(one) == _formats(other)


def _check(config: Fields, name: str, flaws: Any) -> None:
    first: Flaw | None = next(flaws, None)
    if first is not None:
        raise config.wrong(name, f"is not acceptable: {first[1]}")


# --- Operations


def list_all(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call)
    return answer([to_wire(contact) for contact in shown(user)])


def show(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call)
    return answer(to_wire(channel_of(user, path_id(call, "channel_id"))))


def create(tx: Tx, call: Call) -> Reply:
    """The same channel again is the one that is there: clients repeat what they had no answer to."""
    user = profile(tx, call, writes=True)
    asked = from_wire(data_of(call, TYPE).attributes.inner("config"))
    there = next((contact for contact in shown(user) if _alike(contact, asked)), None)
    if there is not None:
        known = replace(there, verified=there.verified or asked.verified)
        keep(tx, call, replace(user, contacts=tuple(known if one is there else one for one in user.contacts)))
        return answer(to_wire(known), status=201)
    contact = replace(
        asked,
        id=tx.new_id(call.now),
        number=tx.next_numbers(call.caller.org, "contact", 1)[0],
        created_at=call.now,
    )
    keep(tx, call, replace(user, contacts=(*user.contacts, contact)))
    return answer(to_wire(contact), status=201)


def remove(tx: Tx, call: Call) -> Reply:
    """The rules that use the channel go with it."""
    user = profile(tx, call, writes=True)
    keep(tx, call, without_contact(user, channel_of(user, path_id(call, "channel_id")).id))
    return Reply(204)


ROUTES = [
    get(PATH, list_all),
    post(PATH, create),
    get(PATH + "/{channel_id}", show),
    delete(PATH + "/{channel_id}", remove),
]
