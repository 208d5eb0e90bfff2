"""Telling people something by mail that is no page: nobody waits for an answer."""

from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency, User
from watchbill.usecases.ports import Tx


def tell(tx: Tx, org: Organization, user: User, text: str, now: int) -> None:
    """Sends a mail to somebody's own address; nothing to who has none. The first line of the text is the subject."""
    if user.email:
        notice = Delivery(
            id=tx.new_id(now),
            org=org.number,
            incident=None,
            purpose=Purpose.NOTICE,
            channel="email",
            address=user.email,
            urgency=Urgency.LOW,
            reason=text,
            created_at=now,
            first_due_at=now,
            due_at=now,
            user_id=user.id,
        )
        tx.keep_deliveries([notice])
