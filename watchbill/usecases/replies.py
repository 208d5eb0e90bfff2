"""What a person answers to a page, by link, mail, text or key: the delivery tells which incident and who."""

from dataclasses import dataclass, replace
from enum import StrEnum

from watchbill.domain.delivery import Delivery, State
from watchbill.domain.errors import Conflict
from watchbill.domain.incident import Actor, Incident, Phase
from watchbill.usecases import incidents
from watchbill.usecases.ports import Tx


class Answer(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Question:
    """What a link or a reply is about: the delivery, the incidents its message told of, and who was paged."""

    delivery: Delivery
    incidents: tuple[Incident, ...]
    name: str

    @property
    def open(self) -> bool:
        """Whether an answer would still change something."""
        return self.delivery.answered_at is None and any(one.phase is not Phase.RESOLVED for one in self.incidents)


def look_up(tx: Tx, org: int, delivery_id: str) -> Question:
    """Raises NotFound when there is no such delivery."""
    delivery = tx.delivery(org, delivery_id)
    group = [delivery, *tx.carried_by(org, delivery_id)]
    numbers = dict.fromkeys(one.incident for one in group if one.incident is not None)
    user = tx.organization(org).users.get(delivery.user_id or "")
    return Question(delivery, tuple(tx.incident(org, number) for number in numbers), user.name if user else "")


def answer(tx: Tx, org: int, delivery_id: str, what: Answer, now: int) -> Question:
    """Acknowledges or resolves every incident that the page told of, in the name of the person it was sent to.

    A page is answered once. Raises NotFound, and Conflict when it was answered before or all of it is resolved.
    """
    question = look_up(tx, org, delivery_id)
    if question.delivery.answered_at is not None:
        raise Conflict("this page has been answered already")
    if not question.open:
        raise Conflict("this incident is resolved already")
    user = tx.organization(org).users.get(question.delivery.user_id or "")
    actor = Actor(user.username, user.id) if user else Actor(question.delivery.address)
    verb = incidents.acknowledge if what is Answer.ACKNOWLEDGE else incidents.resolve
    for incident in question.incidents:
        if incident.phase is not Phase.RESOLVED:
            verb(tx, org, incident.number, actor, now, f"answered by {question.delivery.channel}")
    answered = replace(question.delivery, state=State.DELIVERED, answered_at=now)
    tx.keep_deliveries([answered])
    return look_up(tx, org, delivery_id)
