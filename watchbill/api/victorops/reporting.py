"""The history of incidents, searched (reference, parts 2.15.1 and 2.15.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from watchbill.api.victorops.incident_wire import PHASES, reported, reported_before
from watchbill.api.victorops.members import asked_number
from watchbill.api.victorops.times import moment
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.limits import Quota
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid
from watchbill.domain.incident import Phase
from watchbill.domain.organization import Organization
from watchbill.domain.records import IncidentQuery
from watchbill.usecases import access
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

USUAL, MOST = 20, 100
FURTHEST = 1_000_000
MOST_ALTERNATIVES = 100
DEFAULTS = ("default", "routingdefault", ".+")
SPAN = re.compile(r"(\d{1,15})(?::(\d{1,15}))?", re.ASCII)
WORDS: Mapping[str, Phase] = {
    **{phase.value: phase for phase in Phase},
    **{word.lower(): phase for phase, word in PHASES.items()},
}


def found(tx: Tx, call: Call) -> Reply:
    org, query = _asked(tx, call)
    incidents = [reported(org, incident, call.request.url) for incident in tx.incidents(query)]
    return Reply(body=_page(tx, query, incidents))


def found_before(tx: Tx, call: Call) -> Reply:
    """The first version: a list of one page."""
    org, query = _asked(tx, call)
    return Reply(body=[_page(tx, query, [reported_before(org, incident) for incident in tx.incidents(query)])])


def _page(tx: Tx, query: IncidentQuery, incidents: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    return {
        "offset": query.offset,
        "limit": query.limit,
        "total": tx.count_incidents(query),
        "incidents": incidents,
    }


def _asked(tx: Tx, call: Call) -> tuple[Organization, IncidentQuery]:
    """Raises Invalid."""
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    after, before = _text(call, "startedAfter"), _text(call, "startedBefore")
    query = IncidentQuery(
        org.number,
        phases=_phases(call),
        routing_key=_routing_key(org, _text(call, "routingKey")),
        opened_from=moment(after, "startedAfter") if after else None,
        opened_until=moment(before, "startedBefore") if before else None,
        limit=max(1, asked_number(call, "limit", USUAL, MOST)),
        key=_text(call, "entityId"),
        numbers=tuple(_spans(call)),
        hosts=_list(call, "host"),
        services=_list(call, "service"),
        offset=asked_number(call, "offset", 0, FURTHEST),
    )
    return org, query


def _text(call: Call, name: str) -> str | None:
    value = call.asked(name)
    if value is not None and "\0" in value:
        raise Invalid("no text has a null character", name)
    return value or None


def _list(call: Call, name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(part.strip() for part in (_text(call, name) or "").split(",") if part.strip()))
    if len(values) > MOST_ALTERNATIVES:
        raise Invalid(f"name at most {MOST_ALTERNATIVES}", name)
    return values


def _phases(call: Call) -> tuple[Phase, ...]:
    """Without a word only what is resolved."""
    words = _list(call, "currentPhase") or (Phase.RESOLVED.value,)
    for word in words:
        if word.lower() not in WORDS:
            raise Invalid(f"'{word[:50]}' is no phase; use triggered, acknowledged, resolved", "currentPhase")
    return tuple(dict.fromkeys(WORDS[word.lower()] for word in words))


def _spans(call: Call) -> Iterator[tuple[int, int]]:
    """ "4,5,20:50"."""
    for part in _list(call, "incidentNumber"):
        span = SPAN.fullmatch(part)
        if span is None:
            raise Invalid(f"'{part[:50]}' is no incident number; write such as 4,5,20:50", "incidentNumber")
        yield int(span[1]), int(span[2] or span[1])


def _routing_key(org: Organization, name: str | None) -> str | None:
    if name is None:
        return None
    default = org.default_key
    if name.lower() in DEFAULTS and default is not None:
        return default.name
    key = org.routing_keys_by_name.get(name.lower())
    return key.name if key is not None else name


ONCE_A_MINUTE = Quota("reporting incidents", 1, 60)
ROUTES: tuple[Route, ...] = (
    get("/api-reporting/v2/incidents", found, quota=ONCE_A_MINUTE),
    get("/api-reporting/v1/incidents", found_before, quota=ONCE_A_MINUTE),
)
