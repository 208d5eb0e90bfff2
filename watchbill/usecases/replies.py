"""What a person answers to a page, by link, mail, text or key: the delivery tells which incident and who."""

from dataclasses import dataclass, replace
from enum import StrEnum

from watchbill.domain.delivery import Delivery, Purpose, State
from watchbill.domain.errors import Conflict
from watchbill.domain.incident import Actor, Incident, Phase
from watchbill.usecases import incidents
from watchbill.usecases.ports import Tx
from watchbill.usecases.verifying import contact_asked_about, verify


class Answer(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    VERIFY = "verify"


TO_PAGES = (Answer.ACKNOWLEDGE, Answer.RESOLVE)


@dataclass(frozen=True, slots=True)
class Question:
    """What a link or a reply is about: the delivery, the incidents its message told of, and who was paged, in what
    time zone they read. `unverified`: it asks whether a contact is theirs, and nobody has said so yet."""

    delivery: Delivery
    incidents: tuple[Incident, ...]
    name: str
    zone: str = "UTC"
    unverified: bool = False

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers that this page may still give. It acknowledges once: an incident that is triggered again sends a
        page of its own. It resolves as long as there is something to resolve."""
        if self.delivery.purpose is Purpose.VERIFY:
            return (Answer.VERIFY,) if self.unverified else ()
        if all(one.phase is Phase.RESOLVED for one in self.incidents):
            return ()
        return TO_PAGES if self.delivery.answered_at is None else (Answer.RESOLVE,)


def look_up(tx: Tx, org: int, delivery_id: str) -> Question:
    """Raises NotFound when there is no such delivery."""
    delivery = tx.delivery(org, delivery_id)
    group = [delivery, *tx.carried_by(org, delivery_id)]
    numbers = dict.fromkeys(one.incident for one in group if one.incident is not None)
    known = tx.organization(org).acting
    user = known.users.get(delivery.user_id or "")
    about = tuple(tx.incident(org, number) for number in numbers)
    unverified = contact_asked_about(known, delivery) is not None
    return Question(delivery, about, user.name if user else "", user.zone if user else "UTC", unverified)


def answer(tx: Tx, org: int, delivery_id: str, what: Answer, now: int) -> Question:
    """Acknowledges or resolves every incident that the page told of, in the name of the person it was sent to; or
    verifies the contact that the message asked about.

    Raises NotFound, and Conflict when this page may not give that answer any more.
    """
    question = look_up(tx, org, delivery_id)
    delivery = question.delivery
    if not question.answers:
        raise Conflict("there is nothing left to answer here")
    if what not in question.answers:
        raise Conflict("this page has been answered already")
    if what is Answer.VERIFY:
        verify(tx, delivery, now)
    else:
        _act(tx, question, what, now)
    tx.keep_deliveries([replace(delivery, state=State.DELIVERED, answered_at=now)])
    return look_up(tx, org, delivery_id)


def _act(tx: Tx, question: Question, what: Answer, now: int) -> None:
    delivery = question.delivery
    user = tx.organization(delivery.org).acting.users.get(delivery.user_id or "")
    actor = Actor(user.username, user.id) if user else Actor(delivery.address)
    verb = incidents.acknowledge if what is Answer.ACKNOWLEDGE else incidents.resolve
    for incident in question.incidents:
        if incident.phase is not Phase.RESOLVED:
            verb(tx, delivery.org, incident.number, actor, now, f"answered by {delivery.channel}")
