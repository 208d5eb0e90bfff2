"""Searching incidents (reference, part 6.2). Without any date only those of the last month are looked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from watchbill.api.opsramp.incident_wire import incident, incident_id
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import alternatives, filters, span, within
from watchbill.api.opsramp.quotas import SEARCHES
from watchbill.api.opsramp.tenancy import T, tenant
from watchbill.asgi.dialect import get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.record import replace
from watchbill.domain.records import TicketQuery
from watchbill.domain.ticketing import priority_of
from watchbill.domain.tickets import STATUSES, Ticket
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

DATES = ("Creation", "Updation", "Closed", "Resolved")
KEYS = (
    *("uniqueId", "status", "priority", "subject", "assignedTo", "requester", "oldStatus", "oldPriority", "deviceId"),
    *("source", "sourcePolicyType", "firstContactFix", "assigneeGroupIds", "extTicketId"),
    *("minResponseTime", "maxResponseTime", "minResolutionTime", "maxResolutionTime", "minReOpens", "maxReOpens"),
    *(f"{side}{date}Date" for date in DATES for side in ("start", "end")),
)
MONTH = 31 * DAY
CHUNK = 500
SORTS: Mapping[str, Callable[[Ticket], Any]] = {
    "ticket.id": lambda ticket: ticket.number,
    "createdDate": lambda ticket: ticket.created_at,
    "updatedDate": lambda ticket: ticket.updated_at,
    "subject": lambda ticket: ticket.subject.lower(),
}
MOMENTS: Mapping[str, Callable[[Ticket], int | None]] = {
    "Closed": lambda ticket: ticket.closed_at,
    "Resolved": lambda ticket: ticket.resolved_at,
}
# What of an incident fits a key when any of its words is among the alternatives.
WORDS: Mapping[str, Callable[[Ticket], set[str]]] = {
    "uniqueId": lambda ticket: {incident_id(ticket)},
    "subject": lambda ticket: {ticket.subject},
    "oldStatus": lambda ticket: {ticket.old_status},
    "oldPriority": lambda ticket: {ticket.old_priority},
    "assignedTo": lambda ticket: _named(ticket, "assignedUser"),
    "requester": lambda ticket: _named(ticket, "requester"),
    "assigneeGroupIds": lambda ticket: _named(ticket, "assigneeGroup"),
    "deviceId": lambda ticket: _ids(ticket.fields.get("resources")),
    "extTicketId": lambda ticket: {str(ticket.fields.get("extTicketId", ""))},
    "source": lambda ticket: {"INTEGRATION"},
    "sourcePolicyType": lambda ticket: {"AUTOINCIDENT" if ticket.policy_id else "INTEGRATION"},
}

Test = Callable[[Ticket], bool]


def search(tx: Tx, call: Call) -> Reply:
    org = tenant(tx, call)
    demand(org, call.caller, Right.SEE)
    given = dict(filters(call, KEYS))
    tests = [*_word_tests(given), *_number_tests(given), *_moment_tests(given)]
    found = [one for one in _all(tx, _query(org.number, given, call.now)) if all(test(one) for test in tests)]
    include = tuple(part.strip() for part in (call.asked("include") or "").split(","))
    return paged(wanted(call, SORTS), found, SORTS, lambda ticket: incident(org, ticket, include))


def _query(org: int, given: Mapping[str, str], now: int) -> TicketQuery:
    """What the store can look for itself."""
    created = span(given, "startCreationDate", "endCreationDate")
    updated = span(given, "startUpdationDate", "endUpdationDate")
    dated = any(f"{side}{date}Date" in given for date in DATES for side in ("start", "end"))
    statuses, priorities = alternatives(given.get("status")), alternatives(given.get("priority"))
    return TicketQuery(
        org=org,
        statuses=tuple(status for status in (*STATUSES, "") if status.lower() in statuses) or _none(statuses),
        priorities=tuple(filter(None, map(priority_of, sorted(priorities)))) or _none(priorities),
        created_from=created[0] if dated or "uniqueId" in given else now - MONTH,
        created_until=created[1],
        updated_from=updated[0],
        updated_until=updated[1],
        limit=CHUNK,
    )


def _none(asked: frozenset[str]) -> tuple[str, ...]:
    """Words that nothing has, where words were asked for that there are not."""
    return ("",) if asked else ()


def _all(tx: Tx, query: TicketQuery) -> Iterator[Ticket]:
    while chunk := tx.tickets(query):
        yield from chunk
        if len(chunk) < CHUNK:
            return
        query = replace(query, before_number=chunk[-1].number)


def _word_tests(given: Mapping[str, str]) -> Iterator[Test]:
    for key, words in WORDS.items():
        if key in given:
            yield _fits(words, alternatives(given[key]))


def _fits(words: Callable[[Ticket], set[str]], any_of: frozenset[str]) -> Test:
    return lambda ticket: any(word.lower() in any_of for word in words(ticket))


def _number_tests(given: Mapping[str, str]) -> Iterator[Test]:
    """Times in minutes: until the incident first left its first status, and until it was resolved."""
    figures: Mapping[str, Callable[[Ticket], int | None]] = {
        "ReOpens": lambda ticket: ticket.reopened,
        "ResponseTime": _response_time,
        "ResolutionTime": lambda ticket: _minutes(ticket, ticket.resolved_at),
    }
    for name, figure in figures.items():
        for side in ("min", "max"):
            told = given.get(f"{side}{name}", "")
            if told.isascii() and told.isdigit() and len(told) < 12:
                yield _bounded(figure, int(told), side == "min")


def _bounded(figure: Callable[[Ticket], int | None], bound: int, least: bool) -> Test:
    def test(ticket: Ticket) -> bool:
        value = figure(ticket)
        return value is not None and (value >= bound if least else value <= bound)

    return test


def _response_time(ticket: Ticket) -> int | None:
    return _minutes(ticket, ticket.flow[1].at if len(ticket.flow) > 1 else None)


def _minutes(ticket: Ticket, at: int | None) -> int | None:
    return None if at is None else (at - ticket.created_at) // MINUTE


def _moment_tests(given: Mapping[str, str]) -> Iterator[Test]:
    for date, at in MOMENTS.items():
        window = span(given, f"start{date}Date", f"end{date}Date")
        if window != (None, None):
            yield _inside(at, window)


def _inside(at: Callable[[Ticket], int | None], window: tuple[int | None, int | None]) -> Test:
    return lambda ticket: within(at(ticket), window)


def _named(ticket: Ticket, field: str) -> set[str]:
    """Every id and name by which a reference is told."""
    told = ticket.fields.get(field)
    if not isinstance(told, Mapping):
        return set()
    return {str(told[name]) for name in ("id", "uniqueId", "loginName", "name") if told.get(name)}


def _ids(told: object) -> set[str]:
    entries = told if isinstance(told, list | tuple) else ()
    return {str(entry.get("id", "")) for entry in entries if isinstance(entry, Mapping)}


ROUTES = [get(f"{T}/incidents/search", search, quota=SEARCHES)]
