"""Raising alerts: with a bearer token, or over a webhook with the key of an integration (reference, part 5.1)."""

from dataclasses import replace

from watchbill.api.opsramp.bodies import as_object, values_of
from watchbill.api.opsramp.envelope import told
from watchbill.api.opsramp.events import event_of
from watchbill.api.opsramp.tenancy import T, activated, tenant, tenant_id
from watchbill.asgi.dialect import post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import Invalid, TooLarge, Unauthenticated
from watchbill.domain.organization import Organization
from watchbill.usecases.access import Right, demand
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.keys import digest, integration_of
from watchbill.usecases.ports import Tx

# Events in one body.
MOST = 1000
BY_API = ""


def raise_alerts(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.RESPOND)
    return _taken(tx, call, org, BY_API)


def by_webhook(tx: Tx, call: Call) -> Reply:
    """Raises Unauthenticated when the key in `vtoken` doesn't open an integration of this tenant."""
    found = integration_of(tx, digest(call.asked("vtoken") or ""))
    if found is None or tenant_id(found[0]) != call.params["tenant"] or not activated(found[0]):
        raise Unauthenticated("Invalid webhook token")
    org, integration = found
    return _taken(tx, call, org, integration.id)


def _taken(tx: Tx, call: Call, org: Organization, integration: str) -> Reply:
    """The ids of the events, one for each, in their order. What is no alert takes none of the others with it: it is
    answered in its place with what is wrong with it, or, where none is good, with an error."""
    values = values_of(call)
    if len(values) > MOST:
        raise TooLarge(f"At most {MOST} alerts can be posted at once")
    heads: dict[int, int] = {}
    arrivals: list[Arrival] = []
    refused: dict[int, Invalid] = {}
    for index, value in enumerate(values):
        try:
            owner, event = _read(tx, org, value, f"[{index}]." if len(values) != 1 else "")
        except Invalid as refusal:
            refused[index] = refusal
            continue
        place = len(arrivals)
        if heads.setdefault(owner, place) == place:  # the first of each tenant carries the body they came in
            event = replace(event, raw=call.request.body, content_type="application/json")
        arrivals.append(Arrival(owner, integration, event, head_of=place - heads[owner]))
    if refused and not arrivals:
        return _all_refused(list(refused.values()))
    ids = iter([receipt.alert_id for receipt in receive(tx, arrivals, call.now)])
    return Reply(body=[told(refused[index]) if index in refused else next(ids) for index in range(len(values))])


def _read(tx: Tx, org: Organization, value: object, place: str) -> tuple[int, AlertEvent]:
    """Whose alert it is, and what it says. Raises Invalid."""
    event = event_of(as_object(value, place.rstrip(".") or None), place)
    return _owner(tx, org, event, place), event


def _all_refused(refused: list[Invalid]) -> Reply:
    """Raises Invalid for the only one."""
    if len(refused) == 1:
        raise refused[0]
    return Reply(400, [told(refusal) for refusal in refused])


def _owner(tx: Tx, org: Organization, event: AlertEvent, place: str) -> int:
    """A partner may post the alerts of its clients. Raises Invalid for one that is no client of it."""
    client = str(event.fields.get("clientUniqueId", ""))
    if not client or client == tenant_id(org):
        return org.number
    number = client.removeprefix("client_")
    found = tx.organizations([int(number)]) if number.isascii() and number.isdigit() and len(number) < 18 else {}
    named = next(iter(found.values()), None)
    if named is None or named.parent != org.number or tenant_id(named) != client:
        raise Invalid(f"{client[:100]} is no client of {tenant_id(org)}", f"{place}clientUniqueId")
    return named.number


ROUTES = [
    post(f"{T}/alert", raise_alerts, ingest=True),
    post(f"{T}/alerts", raise_alerts, ingest=True),
    post("/integrations/alertsWebhook/{tenant}/alerts", by_webhook, open=True, ingest=True),
]
