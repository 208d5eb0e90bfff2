"""The doors for alerts over HTTP, as plain ASGI: with a commit behind each answer, a framework's routing would cost
nearly half of what goes through (docs/adr/0004).

    POST /integrations/{vendor}/{date}/alert/{key}[/{routing key}]   VictorOps REST endpoint (reference, part 3)
    POST /intake/alertmanager/{key}[/{routing key}]                  Prometheus Alertmanager's webhook, Grafana's too
    POST /intake/generic/{key}[/{routing key}]                       JSON with field mapping, CloudEvents
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import msgspec
import structlog

from watchbill.asgi.body import Disconnected, Receive, Scope, Send, body_of
from watchbill.asgi.exchange import Answer, Header, Posted, Respond
from watchbill.domain.alert import AlertEvent
from watchbill.domain.errors import Invalid, NotFound, Refused, TooLarge, Unavailable
from watchbill.domain.mapping import FieldMapping
from watchbill.intake import alertmanager, cloudevents, generic, victorops_rest
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.usecases.alerts import Arrival, Receipt

log = structlog.get_logger()

# Far above any alert; a body of a thousand alerts fits.
LARGEST_BODY = 8 * 1024 * 1024
AS_SENT = FieldMapping()
Clock = Callable[[], int]
Refusal = Callable[[int], object]
PREFIXES = ("/integrations/", "/intake/")
STATUSES: Mapping[type[Refused], int] = {NotFound: 404, TooLarge: 413}
"""Of refusals; any other is answered 400."""


@dataclass(frozen=True, slots=True)
class Request:
    door: Door
    routing_key: str | None
    query: Mapping[str, str]
    headers: Sequence[Header]
    body: bytes

    @property
    def content_type(self) -> str:
        return next((value.decode("latin-1") for name, value in self.headers if name == b"content-type"), "")


@dataclass(frozen=True, slots=True)
class Format:
    """One source's way of speaking: how its body is read, and how it is answered."""

    parse: Callable[[Request, Callable[[], str]], list[AlertEvent]]
    taken: Callable[[Sequence[Receipt]], bytes]
    refused: Callable[[str, str | None], bytes]


def _victorops(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    return [victorops_rest.parse(request.body, request.query, request.routing_key, new_key, request.content_type)]


def _alertmanager(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    events = alertmanager.parse(request.body)
    if request.routing_key is None:
        return events
    return [replace(event, routing_key=request.routing_key) for event in events]


def _generic(request: Request, new_key: Callable[[], str]) -> list[AlertEvent]:
    mapping = request.door.integration.mapping or AS_SENT
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    if "ce-specversion" in headers or request.content_type.startswith("application/cloudevents"):
        return cloudevents.parse(request.body, headers, mapping, request.routing_key, new_key)
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


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says: how the body is to be read, whose it is, which routing key it comes under."""

    form: Format
    key: str
    routing_key: str | None


class Intake:
    """An ASGI application for the paths that begin with one of PREFIXES; also what takes whole posts right off the wire
    (see `asgi/protocol.py`). `new_key` makes up a deduplication key, `refused` hears the status of each refusal."""

    prefixes = PREFIXES
    largest = LARGEST_BODY

    def __init__(
        self, doors: Doors, collector: Collector, clock: Clock, new_key: Callable[[], str], refused: Refusal
    ) -> None:
        self._doors = doors
        self._collector = collector
        self._clock = clock
        self._new_key = new_key
        self._refused = refused
        self._looking: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = self.place(scope["path"])
        if place is None:
            await _sent(send, Answer(404, _error("no such address; see the documentation of the intake", None)))
            return
        if scope["method"] != "POST":
            await _sent(send, self._refusal(place.form, 405, "alerts are sent with POST", None, (b"allow", b"POST")))
            return
        try:
            body = await body_of(receive, LARGEST_BODY)
        except Disconnected:
            return
        except TooLarge as error:
            await _sent(send, self._failed(place.form, error))
            return
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def respond(told: Answer) -> None:
            if not answered.done():  # a server that ends waits no longer
                answered.set_result(told)

        self.take(place, Posted(scope["query_string"], scope["headers"], body), respond)
        await _sent(send, await answered)

    def place(self, path: str) -> Place | None:
        """Where a path leads; doubled and trailing slashes don't matter. All that is behind the key is the routing key,
        with slashes too: one that nobody knows must not cost the alert."""
        parts = [part for part in path.split("/") if part]
        if len(parts) >= 5 and parts[0] == "integrations" and parts[3] == "alert":
            return Place(VICTOROPS, parts[4], "/".join(parts[5:]) or None)
        if len(parts) >= 3 and parts[0] == "intake" and parts[1] in FORMATS:
            return Place(FORMATS[parts[1]], parts[2], "/".join(parts[3:]) or None)
        return None

    def take(self, place: Place, posted: Posted, respond: Respond) -> None:
        """`respond` is called once: at once when the post is refused, else when its alerts are durable."""
        known = self._doors.known(place.key, self._clock())
        if known is not None:
            self._enter(place, known[1], posted, respond)
        else:
            looking = asyncio.create_task(self._look_up(place, posted, respond))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)

    async def _look_up(self, place: Place, posted: Posted, respond: Respond) -> None:
        try:
            door = await self._doors.of(place.key, self._clock())
        except Exception as error:
            respond(self._failed(place.form, error))
        else:
            self._enter(place, door, posted, respond)

    def _enter(self, place: Place, door: Door | None, posted: Posted, respond: Respond) -> None:
        form = place.form
        try:
            arrivals = self._arrivals(place, door, posted)
        except Exception as error:
            respond(self._failed(form, error))
            return
        self._collector.put(arrivals, lambda outcome: respond(self._answer(form, outcome)))

    def _arrivals(self, place: Place, door: Door | None, posted: Posted) -> list[Arrival]:
        """Raises Refused."""
        if door is None:
            raise NotFound("unknown key")
        integration, query = door.integration, posted.query
        asked = Request(
            door=door,
            routing_key=place.routing_key or integration.routing_key,
            query=dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {},
            headers=posted.headers,
            body=posted.body,
        )
        events = place.form.parse(asked, self._new_key)
        if not events:
            raise Invalid("the body holds no alert")
        return [Arrival(door.org, integration.id, event, at) for at, event in enumerate(events)]

    def _answer(self, form: Format, outcome: list[Receipt] | Exception) -> Answer:
        if isinstance(outcome, Exception):
            return self._failed(form, outcome)
        return Answer(200, form.taken(outcome))

    def _failed(self, form: Format, error: Exception) -> Answer:
        if isinstance(error, Unavailable):
            again = "the alert could not be stored just now; send it again"
            return self._refusal(form, 503, again, None, (b"retry-after", b"5"))
        if isinstance(error, Refused):
            return self._refusal(form, STATUSES.get(type(error), 400), error.message, error.field)
        log.error("intake fault", error=repr(error), exc_info=error)
        return self._refusal(form, 500, "a fault of ours: the alert was not taken; send it again", None)

    def _refusal(self, form: Format, status: int, message: str, field: str | None, *headers: Header) -> Answer:
        self._refused(status)
        return Answer(status, form.refused(message, field), headers)


async def _sent(send: Send, told: Answer) -> None:
    await send({"type": "http.response.start", "status": told.status, "headers": told.head})
    await send({"type": "http.response.body", "body": told.body})
