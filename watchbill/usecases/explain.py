"""What happened to an incident and why, told from its timeline, its alerts and its deliveries together."""

from dataclasses import dataclass

from watchbill.domain.delivery import Delivery, State
from watchbill.domain.incident import Incident
from watchbill.domain.records import Alert, AlertQuery
from watchbill.usecases.ports import Tx

MOST_ALERTS = 1_000

SAID = {
    State.WAITING: "waits",
    State.CLAIMED: "is being sent",
    State.SENT: "sent",
    State.DELIVERED: "sent",
    State.CARRIED: "sent in a bundle",
    State.DROPPED: "not sent",
}


# In these states `sent_at` is when a provider took it; before, it may be when a node died of trying.
LEFT = (State.SENT, State.DELIVERED, State.CARRIED)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story: when (an instant), what kind, the sentence, and who did it."""

    at: int
    kind: str
    text: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    incident: Incident
    lines: tuple[Line, ...]


def explain(tx: Tx, org: int, number: int) -> Explanation:
    """Raises NotFound."""
    incident = tx.incident(org, number)
    lines = [Line(entry.at, entry.kind.value, entry.text, entry.actor) for entry in tx.timeline(org, number)]
    # They come newest first, and those of one moment are to be told as they came.
    lines += [_of_alert(alert) for alert in reversed(tx.alerts(AlertQuery(org, number, limit=MOST_ALERTS)))]
    # What failed for good stands in the timeline, when it did.
    lines += [_of_delivery(one) for one in tx.deliveries(org, number) if one.state is not State.FAILED]
    return Explanation(incident, tuple(sorted(lines, key=lambda line: line.at)))


def _of_alert(alert: Alert) -> Line:
    event = alert.event
    rules = f", changed by alert rule {', '.join(map(str, event.rules))}" if event.rules else ""
    return Line(alert.received_at, "alert", f"{event.signal} alert {alert.id}{rules}: {event.title}"[:300])


def _of_delivery(one: Delivery) -> Line:
    left_at = one.sent_at if one.state in LEFT else None
    late = f" after {(left_at - one.first_due_at) / 1_000_000:.3f} s" if left_at is not None else ""
    text = f"{one.channel} to {one.address} {SAID[one.state]}{late}"
    text += f": {one.verdict}" if one.verdict else ""
    return Line(left_at or one.first_due_at, "delivery", text + ("; answered" if one.answered_at is not None else ""))
