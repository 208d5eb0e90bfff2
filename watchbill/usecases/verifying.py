"""Whether a contact is the person's own: the contact itself is asked, and whoever answers there verifies it."""

from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import ContactMethod, Urgency, User
from watchbill.domain.record import replace
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx

# Over which channel a kind of contact is asked; the others are verified by how they come to be.
CHANNELS = {"phone": "sms", "email": "email"}


def ask(tx: Tx, org: Organization, user: User, contact: ContactMethod, now: int) -> None:
    """Sends the question to a contact that nobody has verified yet."""
    channel = CHANNELS.get(contact.kind)
    if channel is None or contact.verified:
        return
    question = Delivery(
        id=tx.new_id(now),
        org=org.number,
        incident=None,
        purpose=Purpose.VERIFY,
        channel=channel,
        address=contact.address,
        urgency=Urgency.LOW,
        reason=f"{user.name} is to be paged here by {org.name}.",
        created_at=now,
        first_due_at=now,
        due_at=now,
        user_id=user.id,
        contact_id=contact.id,
    )
    tx.keep_deliveries([question])


def contact_asked_about(org: Organization, delivery: Delivery) -> tuple[User, ContactMethod] | None:
    """The contact that a question is still open about: as it was asked, and not verified yet."""
    owned = org.contacts.get(delivery.contact_id or "")
    if delivery.purpose is not Purpose.VERIFY or owned is None:
        return None
    return None if owned[1].verified or owned[1].address != delivery.address else owned


def verify(tx: Tx, delivery: Delivery, now: int) -> None:
    """Does what the answer to an open question says."""
    asked = contact_asked_about(tx.organization(delivery.org), delivery)
    if asked is not None:
        user, contact = asked
        contacts = tuple(replace(one, verified=True) if one.id == contact.id else one for one in user.contacts)
        change = Change("user", user.id, replace(user, contacts=contacts))
        directory.apply(tx, delivery.org, [change], user.username, now)
