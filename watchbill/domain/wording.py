"""What is said to people: messages built from deliveries and their incidents."""

from collections.abc import Mapping, Sequence

from watchbill.domain.delivery import Delivery, Message, Subject
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization

# More incidents than this are counted, not listed, in one bundled message.
MOST_SUBJECTS = 50


Key = tuple[int, int]
NO_FIELDS: Mapping[Key, Mapping[str, object]] = {}


def message(
    org: Organization,
    deliveries: Sequence[Delivery],
    incidents: Mapping[Key, Incident],
    now: int,
    fields: Mapping[Key, Mapping[str, object]] = NO_FIELDS,
) -> Message:
    """The message that carries these deliveries to one address. Links and codes are added where secrets are known.
    `fields` are those of the last alert of some incidents, by (organization, number)."""
    first = deliveries[0]
    shown = [one for one in deliveries if (one.org, one.incident) in incidents][:MOST_SUBJECTS]
    user = org.users.get(first.user_id or "")
    secret, settings = _of_address(org, first)
    return Message(
        delivery_id=first.id,
        organization=org.name,
        purpose=first.purpose,
        address=first.address,
        subjects=tuple(_subject(incidents[one.org, one.incident or 0], one.reason, fields) for one in shown),
        at=now,
        attempt=first.attempts,
        recipient=user.name if user else "",
        zone=user.zone if user else "UTC",
        held=len(deliveries) - len(shown),
        secret=secret,
        settings=settings,
        text="" if first.incident is not None else first.reason,
    )


def _of_address(org: Organization, delivery: Delivery) -> tuple[str, Mapping[str, object]]:
    """The secret and settings of the contact or endpoint as they are now."""
    owned = org.contacts.get(delivery.contact_id or "")
    place = owned[1] if owned else org.endpoints.get(delivery.contact_id or "")
    return (place.secret, place.settings) if place else ("", {})


def _subject(incident: Incident, reason: str, fields: Mapping[Key, Mapping[str, object]]) -> Subject:
    return Subject(
        number=incident.number,
        title=incident.title or incident.key,
        message=incident.message,
        urgency=incident.urgency,
        phase=incident.phase.value,
        opened_at=incident.opened_at,
        alert_count=incident.alert_count,
        routing_key=incident.routing_key,
        service=incident.service,
        host=incident.host,
        tool=incident.tool,
        reason=reason,
        annotations=tuple((one.kind.value, one.label, one.value) for one in incident.annotations),
        fields=fields.get((incident.org, incident.number), {}),
        key=incident.key,
        state=incident.state.value,
        last_alert_at=incident.last_alert_at,
    )
