"""Telling people something that is no page: by mail, at low urgency."""

from collections.abc import Iterable, Iterator

from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency, User
from watchbill.usecases.ports import Tx

MAIL = "email"


def notify(tx: Tx, org: Organization, users: Iterable[User], text: str, now: int) -> None:
    """Each mailbox of these people once; who has none is not told. The first line is the subject.

    Not sent to the contact but to its address, so that it takes nothing from the measure of the person's pages.
    """
    mailboxes = {address.lower(): (user, address) for user in users for address in _mailboxes(user)}
    tx.keep_deliveries([_notice(tx, org, user, address, text, now) for user, address in mailboxes.values()])


def _mailboxes(user: User) -> Iterator[str]:
    """The verified ones, else the address that the person is registered with."""
    known = [one.address for one in user.contacts if one.kind == MAIL and one.active and one.verified]
    yield from known or ([user.email] if user.email else [])


def _notice(tx: Tx, org: Organization, user: User, address: str, text: str, now: int) -> Delivery:
    return Delivery(
        id=tx.new_id(now),
        org=org.number,
        incident=None,
        purpose=Purpose.NOTICE,
        channel=MAIL,
        address=address,
        urgency=Urgency.LOW,
        reason=text,
        created_at=now,
        first_due_at=now,
        due_at=now,
        user_id=user.id,
    )
