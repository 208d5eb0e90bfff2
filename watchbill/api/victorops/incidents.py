"""Incidents: those of now, one by its number, one made by hand (reference, parts 2.2.1 to 2.2.3)."""

from collections.abc import Sequence

import msgspec

from watchbill.api.victorops.auth import acting_user
from watchbill.api.victorops.bodies import body_of, needed, required
from watchbill.api.victorops.incident_wire import MANUAL, live
from watchbill.api.victorops.members import number_of
from watchbill.api.victorops.targets import WireTarget, starts_of
from watchbill.asgi.dialect import Route, get, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.civil import DAY
from watchbill.domain.errors import NotFound
from watchbill.domain.people import User
from watchbill.domain.routing import Selection
from watchbill.usecases import access
from watchbill.usecases.access import Right
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.ports import Tx

# What was resolved so long ago is still told. The list has no pages: so many are told at most, the newest.
RECENTLY = DAY
MOST = 5_000
LONGEST_TITLE = 1024
LONGEST_MESSAGE = 20_480


class Bridge(msgspec.Struct):
    url: str | None = None
    phone: str | None = None
    notes: str | None = None


class NewIncident(msgspec.Struct):
    summary: str | None = None
    details: str | None = None
    userName: str | None = None
    targets: list[WireTarget] | None = None
    isMultiResponder: bool | None = None
    conferenceBridge: Bridge | None = None


def listed(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    found = tx.current_incidents(org.number, call.now - RECENTLY, MOST)
    return Reply(body={"incidents": [live(org, incident, call.request.url) for incident in found]})


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    number = incident_number(call.params["incidentNumber"])
    return Reply(body=live(org, tx.incident(org.number, number), call.request.url))


def incident_number(text: object) -> int:
    """Raises NotFound for what is no number: there is no such incident."""
    number = number_of(text)
    if number is None:
        raise NotFound(f"Incident {text} not found")
    return number


def create(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    given = body_of(NewIncident, call)
    user = acting_user(org, call, given.userName)
    event = by_hand(given, user, tx.new_id(call.now))
    starts = starts_of(org, given.targets or ())
    selection = Selection(starts, f"opened by {user.username}", multi_responder=bool(given.isMultiResponder))
    receipt = receive(tx, [Arrival(org.number, MANUAL, event, selection=selection)], call.now)[0]
    return Reply(body={"incidentNumber": str(receipt.incident), "entityId": receipt.key})


def by_hand(given: NewIncident, user: User, key: str) -> AlertEvent:
    """The alert of an incident that a person opens (reference, part 2.1.1). Raises Invalid. Somebody who has nothing to
    add to the summary is no reason to page nobody: details may be empty."""
    title = needed(given.summary, "summary")[:LONGEST_TITLE]
    message = required(given.details, "details").strip()[:LONGEST_MESSAGE]
    word, monitor = Signal.CRITICAL.upper(), f"vouser-{user.username}"
    fields = {
        "created_by": user.username,
        "monitoring_tool": MANUAL,
        "entity_display_name": title,
        "message_type": word,
        "alert_type": word,
        "entity_state": word,
        "entity_id": key,
        "state_message": message,
        "monitor_name": monitor,
    }
    return AlertEvent(
        signal=Signal.CRITICAL,
        key=key,
        title=title,
        message=message,
        tool=MANUAL,
        monitor=monitor,
        service=title,
        annotations=_bridge(given.conferenceBridge),
        fields=fields,
        raw=msgspec.json.encode(fields),
        content_type="application/json",
    )


def _bridge(bridge: Bridge | None) -> tuple[Annotation, ...]:
    if bridge is None:
        return ()
    kind = AnnotationKind.URL if (bridge.url or "").startswith(("https://", "http://")) else AnnotationKind.NOTE
    told = ((kind, "Conference bridge", bridge.url), *((AnnotationKind.NOTE, *one) for one in _spoken(bridge)))
    return tuple(Annotation(kind, label, value[:LONGEST_TITLE]) for kind, label, value in told if value)


def _spoken(bridge: Bridge) -> Sequence[tuple[str, str | None]]:
    return ("Conference phone", bridge.phone), ("Conference notes", bridge.notes)


ROUTES: tuple[Route, ...] = (
    get("/api-public/v1/incidents", listed),
    get("/api-public/v1/incidents/{incidentNumber}", show),
    post("/api-public/v1/incidents", create),
)
