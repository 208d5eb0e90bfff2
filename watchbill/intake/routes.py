"""The doors for alerts over HTTP, as plain ASGI: with a commit behind each answer, a framework's routing would cost
nearly half of what goes through (docs/adr/0004).

    POST /integrations/{vendor}/{date}/alert/{key}[/{routing key}]   VictorOps REST endpoint (reference, part 3)
    POST /intake/alertmanager/{key}[/{routing key}]                  Prometheus Alertmanager's webhook, Grafana's too
    POST /intake/generic/{key}[/{routing key}]                       JSON with field mapping, CloudEvents
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import msgspec

from watchbill.asgi.body import Disconnected, Receive, Scope, Send, answer, body_of
from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import Invalid, NotFound, Refused, TooLarge, Unavailable
from watchbill.domain.mapping import FieldMapping
from watchbill.intake import alertmanager, cloudevents, generic, victorops_rest
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.usecases.alerts import Arrival, Receipt

# Far above any alert; a body of a thousand alerts fits.
LARGEST_BODY = 8 * 1024 * 1024
AS_SENT = FieldMapping()
Clock = Callable[[], int]
Refusal = Callable[[int], object]
PREFIXES = ("/integrations/", "/intake/")


@dataclass(frozen=True, slots=True)
class Request:
    door: Door
    routing_key: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Format:
    """One source's way of speaking: how its body is read, and how it is answered."""

    parse: Callable[[Request, Callable[[], str]], list[AlertEvent]]
    taken: Callable[[Sequence[Receipt]], bytes]
    refused: Callable[[str, str | None], bytes]


def _victorops(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    content_type = request.headers.get("content-type", "")
    return [victorops_rest.parse(request.body, request.query, request.routing_key, new_key, content_type)]


def _alertmanager(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    events = alertmanager.parse(request.body)
    if request.routing_key is None:
        return events
    return [replace(event, routing_key=request.routing_key) for event in events]


def _generic(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    mapping = request.door.integration.mapping or AS_SENT
    content_type = request.headers.get("content-type", "")
    if "ce-specversion" in request.headers or content_type.startswith("application/cloudevents"):
        return cloudevents.parse(request.body, request.headers, mapping, request.routing_key, new_key)
    return generic.parse(request.body, mapping, request.routing_key, new_key)


def _accepted(receipts: Sequence[Receipt]) -> bytes:
    alerts = [{"id": one.alert_id, "key": one.key, "incident": one.incident} for one in receipts]
    return msgspec.json.encode({"accepted": len(alerts), "alerts": alerts})


def _error(message: str, field: str | None) -> bytes:
    return msgspec.json.encode({"error": message} | ({"field": field} if field else {}))


def _victorops_taken(receipts: Sequence[Receipt]) -> bytes:
    return victorops_rest.answer(receipts[0].key)


def _victorops_refused(message: str, field: str | None) -> bytes:
    return victorops_rest.refusal(message)


VICTOROPS = Format(_victorops, _victorops_taken, _victorops_refused)
FORMATS = {
    "alertmanager": Format(_alertmanager, _accepted, _error),
    "generic": Format(_generic, _accepted, _error),
}


class Intake:
    """An ASGI application for the paths that begin with one of PREFIXES. `new_key` makes up a deduplication key,
    `refused` hears the status of each refusal."""

    def __init__(
        self, doors: Doors, collector: Collector, clock: Clock, new_key: Callable[[], str], refused: Refusal
    ) -> None:
        self._doors = doors
        self._collector = collector
        self._clock = clock
        self._new_key = new_key
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _split(scope["path"])
        if found is None:
            await answer(send, 404, _error("no such address; see the documentation of the intake", None))
            return
        form, key, routing_key = found
        try:
            status, body = await self._take(scope, receive, form, key, routing_key)
        except Disconnected:
            return
        except TooLarge as error:
            status, body = 413, form.refused(error.message, error.field)
        except NotFound as error:
            status, body = 404, form.refused(error.message, error.field)
        except Refused as error:
            status, body = 400, form.refused(error.message, error.field)
        except Unavailable:
            status, body = 503, form.refused("the alert could not be stored just now; send it again", None)
        if status != 200:
            self._refused(status)
        extra = [(b"allow", b"POST")] if status == 405 else [(b"retry-after", b"5")] if status == 503 else []
        await answer(send, status, body, *extra)

    async def _take(
        self, scope: Scope, receive: Receive, form: Format, key: str, routing_key: str | None
    ) -> tuple[int, bytes]:
        if scope["method"] != "POST":
            return 405, form.refused("alerts are sent with POST", None)
        body = await body_of(receive, LARGEST_BODY)
        door = await self._doors.of(key, self._clock())
        if door is None:
            raise NotFound("unknown key")
        query = scope["query_string"]
        asked = Request(
            door=door,
            routing_key=routing_key or door.integration.routing_key,
            query=dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {},
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        events = form.parse(asked, self._new_key)
        if not events:
            raise Invalid("the body holds no alert")
        receipts = await self._collector.accept(_arrivals(door, events))
        return 200, form.taken(receipts)


def _arrivals(door: Door, events: Sequence[AlertEvent]) -> list[Arrival]:
    return [Arrival(door.org, door.integration.id, event, place) for place, event in enumerate(events)]


def _split(path: str) -> tuple[Format, str, str | None] | None:
    """The format, the key and the routing key of an address; doubled and trailing slashes don't matter. All that is
    behind the key is the routing key, with slashes too: one that nobody knows must not cost the alert."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 5 and parts[0] == "integrations" and parts[3] == "alert":
        return VICTOROPS, parts[4], "/".join(parts[5:]) or None
    if len(parts) >= 3 and parts[0] == "intake" and parts[1] in FORMATS:
        return FORMATS[parts[1]], parts[2], "/".join(parts[3:]) or None
    return None
