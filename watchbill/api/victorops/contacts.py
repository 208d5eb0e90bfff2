"""A person's e-mail addresses, phone numbers and devices (reference, part 2.14)."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from watchbill.api.victorops.asked import asked_user
from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.contact_wire import LISTS, contact_body, list_body
from watchbill.api.victorops.keeping import keeping
from watchbill.api.victorops.people import DEFAULT, own_contact
from watchbill.asgi.dialect import Handler, Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change
from watchbill.domain.people import ContactMethod, User
from watchbill.domain.personal import without_contact
from watchbill.domain.phones import number_of
from watchbill.usecases import directory
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx
from watchbill.usecases.verifying import ask

LARGEST_RANK = 2**31 - 1
SOUNDS = ("escalation_notification_sound", "chat_escalation_sound", "resolved_notification_sound")


class ContactBody(msgspec.Struct):
    label: str | None = None
    email: str | None = None
    phone: str | None = None
    rank: int | None = None


class DeviceBody(msgspec.Struct):
    device_label: str | None = None
    escalation_notification_sound: str | None = None
    chat_escalation_sound: str | None = None
    resolved_notification_sound: str | None = None


def everything(tx: Tx, call: Call) -> Reply:
    _, user = asked_user(tx, call)
    return Reply(body={name: list_body(user, name) for name in LISTS})


def listed(name: str) -> Handler:
    return lambda tx, call: Reply(body=list_body(asked_user(tx, call)[1], name))


def shown(name: str) -> Handler:
    return lambda tx, call: _reply(*_found(tx, call, name), name)


def created(name: str) -> Handler:
    def handler(tx: Tx, call: Call) -> Reply:
        _, user = asked_user(tx, call, Right.PERSON)
        contact = _made(tx, call, body_of(ContactBody, call), name)
        _keep(tx, call, replace(user, contacts=(*user.contacts, contact)))
        ask(tx, tx.organization(call.caller.org), user, contact, call.now)
        return _reply(user, contact, name)

    return handler


def _made(tx: Tx, call: Call, wanted: ContactBody, name: str) -> ContactMethod:
    """Mail goes to a new address at once, though it is shown as not verified yet; a number is asked
    first whose it is."""
    rank = wanted.rank or 0
    if not 0 <= rank <= LARGEST_RANK:
        raise Invalid(f"use 0 to {LARGEST_RANK}", "rank")
    label = needed(wanted.label, "label")
    if name == "emails":
        address, more = needed(wanted.email, "email"), {"rank": rank, "confirmed": False}
    else:
        address, more = number_of(needed(wanted.phone, "phone"), "phone"), {"rank": rank}
    return ContactMethod(
        id=tx.new_id(call.now),
        number=tx.next_numbers(call.caller.org, "contact", 1)[0],
        kind=LISTS[name][0],
        address=address,
        label=label,
        verified=name == "emails",
        created_at=call.now,
        settings=keeping({}, **more),
    )


def updated(tx: Tx, call: Call) -> Reply:
    """A device's name, and its sounds, which are kept for the device to ask for."""
    user, contact = _found(tx, call, "devices", Right.PERSON)
    wanted = body_of(DeviceBody, call)
    sounds = {name: sound for name in SOUNDS if (sound := getattr(wanted, name)) is not None}
    if any(len(sound) > 200 or not sound.isprintable() for sound in sounds.values()):
        raise Invalid("a sound's name is up to 200 printable characters")
    after = replace(
        contact,
        label=contact.label if wanted.device_label is None else wanted.device_label.strip(),
        settings=keeping(contact.settings, **sounds) if sounds else contact.settings,
    )
    _keep(tx, call, replace(user, contacts=tuple(after if one == contact else one for one in user.contacts)))
    return _reply(user, after, "devices")


def deleted(name: str) -> Handler:
    """The rules that page it go with it. The account's own address can't be deleted."""

    def handler(tx: Tx, call: Call) -> Reply:
        user, contact = _found(tx, call, name, Right.PERSON)
        if contact == own_contact(user):
            raise Invalid(f"the {DEFAULT} e-mail can't be deleted")
        _keep(tx, call, without_contact(user, contact.id))
        return _reply(user, contact, name)

    return handler


def _found(tx: Tx, call: Call, name: str, right: Right = Right.SEE) -> tuple[User, ContactMethod]:
    """Raises NotFound, also for a contact of another list."""
    _, user = asked_user(tx, call, right)
    id = call.params["contact"].lower()
    for contact in user.contacts:
        if contact.id.lower() == id and contact.kind in LISTS[name]:
            return user, contact
    raise NotFound("Contact method not found")


def _keep(tx: Tx, call: Call, user: User) -> None:
    directory.apply(tx, call.caller.org, [Change("user", user.id, user)], call.caller.actor.name, call.now)


def _reply(user: User, contact: ContactMethod, name: str) -> Reply:
    return Reply(body=contact_body(user, name, contact))


OWN = "/api-public/v1/user/{user}/contact-methods"
ROUTES: Sequence[Route] = (
    get(OWN, everything),
    *(get(f"{OWN}/{name}", listed(name)) for name in LISTS),
    *(get(f"{OWN}/{name}/{{contact}}", shown(name)) for name in LISTS),
    *(post(f"{OWN}/{name}", created(name)) for name in ("emails", "phones")),
    *(delete(f"{OWN}/{name}/{{contact}}", deleted(name)) for name in LISTS),
    put(f"{OWN}/devices/{{contact}}", updated),
)
