"""Searching alerts: those of the tenant, and for a partner those of its clients as well (reference, part 5.5)."""

from collections.abc import Iterator, Sequence
from heapq import merge

from watchbill.api.opsramp.alert_filters import Wanted, wanted
from watchbill.api.opsramp.alert_ids import in_scope
from watchbill.api.opsramp.alert_wire import Shown, alert, with_fields
from watchbill.api.opsramp.paging import Wanted as Page
from watchbill.api.opsramp.paging import envelope
from watchbill.api.opsramp.paging import wanted as page_of
from watchbill.api.opsramp.quotas import SEARCHES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.records import IncidentQuery
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

CHUNK = 500

Found = tuple[Organization, Incident]


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    page, want = page_of(call, ("ts",)), wanted(call)
    scope = in_scope(tx, org)
    if not want.tests and len(scope) == 1:
        total, found = _counted(tx, org, page)
    else:
        total, found = _looked_through(tx, scope, want, page)
    rows = [alert(shown, call.now) for shown in with_fields(tx, found)]
    return Reply(body=envelope(page, rows, total))


def _counted(tx: Tx, org: Organization, page: Page) -> tuple[int, Sequence[Found]]:
    """All alerts of one tenant: the store counts them and knows where the page begins."""
    total = tx.count_incidents(IncidentQuery(org.number))
    first, last = _places(page, total)
    query = IncidentQuery(org.number, offset=first, limit=last - first)
    found = [(org, incident) for incident in tx.incidents(query)] if last > first else []
    return total, found if page.descending else found[::-1]


def _places(page: Page, total: int) -> tuple[int, int]:
    """Which of all, the newest first, stand on the page: from and until."""
    first, last = min(page.offset, total), min(page.offset + page.size, total)
    return (first, last) if page.descending else (total - last, total - first)


def _looked_through(tx: Tx, scope: Sequence[Organization], want: Wanted, page: Page) -> tuple[int, Sequence[Found]]:
    """Every alert in question is looked at, for those that fit have to be counted; only their places are kept."""
    places = [(org, incident.number) for org, incident, _ in _fitting(tx, scope, want)]
    first, last = _places(page, len(places))
    shown = places[first:last]
    known = tx.incidents_by_number([(org.number, number) for org, number in shown])
    found = [(org, known[org.number, number]) for org, number in shown]
    return len(places), found if page.descending else found[::-1]


def _fitting(tx: Tx, scope: Sequence[Organization], want: Wanted) -> Iterator[Shown]:
    streams = (_stream(tx, org, want) for org in scope)
    return merge(*streams, key=lambda shown: (-shown[1].opened_at, -shown[1].number, shown[0].number))


def _stream(tx: Tx, org: Organization, want: Wanted) -> Iterator[Shown]:
    """The alerts of one tenant that are wanted, newest first, a chunk at a time."""
    low, high = want.opened
    query = IncidentQuery(org.number, opened_from=low, opened_until=high, states=want.states, limit=CHUNK)
    while chunk := tx.incidents(query):
        yield from (shown for shown in with_fields(tx, [(org, incident) for incident in chunk]) if want(shown))
        if len(chunk) < CHUNK:
            return
        query = replace(query, before_number=chunk[-1].number)


ROUTES = [get(f"{T}/alerts/search", search, quota=SEARCHES)]
