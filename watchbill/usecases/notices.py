"""Telling people something that is no page: by mail, at low urgency."""

from collections.abc import Iterable, Iterator

from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.errors import Invalid
from watchbill.domain.incident import Actor
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency, User
from watchbill.domain.record import record
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.ports import Tx

MAIL = "email"
LONGEST_TEXT = 20_480


def notify(tx: Tx, org: Organization, users: Iterable[User], text: str, now: int) -> None:
    """Each mailbox of these people once; who has none is not told. The first line is the subject.

    Not sent to the contact but to its address, so that it takes nothing from the measure of the person's pages.
    """
    mailboxes = {address.lower(): (user, address) for user in users for address in _mailboxes(user)}
    tx.keep_deliveries([_notice(tx, org, user, address, text, now) for user, address in mailboxes.values()])


@record
class Notice:
    """Something to tell people, about an incident or (None) not."""

    text: str
    users: tuple[User, ...]
    incident: int | None = None


def tell(tx: Tx, org: Organization, notice: Notice, actor: Actor, now: int) -> None:
    """Mails people something that somebody wrote; the incident's timeline says so. Raises NotFound and Invalid."""
    text = notice.text.strip()
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"a message has at most {LONGEST_TEXT:,} characters", "message")
    if notice.incident is not None:
        incident = tx.incident(org.number, notice.incident)
        names = ", ".join(user.username for user in notice.users)
        entry = Entry(now, Kind.NOTE, f"{actor.name} wrote to {names}: {text}", actor.user_id, actor.name)
        tx.add_entries(org.number, incident.number, [entry])
        text = f"{text}\n\nIncident #{incident.number}: {incident.title}"
    notify(tx, org, notice.users, text, now)


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
