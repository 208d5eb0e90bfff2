"""One alert, as it was received (reference, parts 2.1 and 3.4)."""

from collections.abc import Mapping

import msgspec

from watchbill.api.victorops.members import told
from watchbill.api.victorops.times import iso, millis, seconds
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Organization
from watchbill.domain.records import Alert
from watchbill.usecases import access
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body=to_wire(org, tx.alert(org.number, call.params["uuid"])))


def to_wire(org: Organization, alert: Alert) -> Mapping[str, object]:
    event = alert.event
    at = event.observed_at if event.observed_at is not None else alert.received_at
    return told(
        messageType=event.signal.upper(),
        entityId=event.key,
        timestamp=seconds(at),
        stateStartTime=seconds(at if event.state_started_at is None else event.state_started_at),
        stateMessage=event.message,
        monitoringTool=event.tool,
        entityDisplayName=event.title,
        ackMsg=event.note,
        ackAuthor=event.author,
        raw=msgspec.json.encode(raw(org, alert)).decode(),
    )


def raw(org: Organization, alert: Alert) -> Mapping[str, object]:
    """What was posted, with what the server adds. Whatever the sender spoke, the words are there that rules and
    webhooks look for."""
    event = alert.event
    word = event.signal.upper()
    return {
        **told(
            entity_id=event.key,
            entity_display_name=event.title,
            state_message=event.message,
            message_type=word,
            monitoring_tool=event.tool,
            monitor_name=event.monitor or event.tool,
            alert_type=word,
            entity_state=word,
            routing_key=event.routing_key,
        ),
        **event.fields,
        "VO_UUID": alert.id,
        "VO_ALERT_RCV_TIME": millis(alert.received_at),
        "VO_ORGANIZATION_ID": org.slug,
        "alert_received_time_utc": iso(alert.received_at),
    }


ROUTES: tuple[Route, ...] = (get("/api-public/v1/alerts/{uuid}", show),)
