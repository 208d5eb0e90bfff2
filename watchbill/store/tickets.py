"""Tickets and what is said about them."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Sequence

from watchbill.domain.errors import NotFound
from watchbill.domain.records import TicketQuery
from watchbill.domain.tickets import Remark, Ticket
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder
from watchbill.store.session import Row
from watchbill.store.tables import INT, REMARK, TICKET, Lookup, Upsert

COLUMNS = ("org", "number", "created_at", "updated_at", "status", "priority")
BODY = Rest(Ticket, COLUMNS)
build_ticket = builder(Ticket, (*COLUMNS, *BODY.names))
SELECT = f"SELECT {', '.join('t.' + name for name in (*COLUMNS, 'body'))} FROM"
BY_NUMBER = Lookup(
    {"org": INT, "number": INT},
    f"{SELECT} wanted CROSS JOIN ticket t WHERE t.org = wanted.org AND t.number = wanted.number",
    "ORDER BY t.org, t.number FOR UPDATE",
)
KEEP = Upsert(TICKET, ("incident", "updated_at", "status", "priority", "body"))
REMARK_COLUMNS = ("org", "ticket", "number", "at", "kind")
REMARK_BODY = Rest(Remark, REMARK_COLUMNS)
build_remark = builder(Remark, (*REMARK_COLUMNS, *REMARK_BODY.names))
KEEP_REMARK = Upsert(REMARK, ("body",))
REMARKS = f"SELECT {', '.join((*REMARK_COLUMNS, 'body'))} FROM remark WHERE org = ? AND ticket = ?"


def ticket_row(ticket: Ticket) -> Row:
    t = ticket
    first = t.incidents[0] if t.incidents else 0
    return (t.org, t.number, first, t.created_at, t.updated_at, t.status, t.priority, BODY.encode(t))


def _ticket(row: Row) -> Ticket:
    *plain, body = row
    return build_ticket((*plain, *BODY.decode(body)))


def _remark(row: Row) -> Remark:
    *plain, body = row
    return build_remark((*plain, *REMARK_BODY.decode(body)))


class Tickets(Part):
    def ticket(self, org: int, number: int) -> Ticket:
        rows = self._session.find(BY_NUMBER, [(org, number)])
        if not rows:
            raise NotFound(f"there is no ticket {number}")
        return _ticket(rows[0])

    def tickets_by_number(self, org: int, numbers: Sequence[int]) -> dict[int, Ticket]:
        found = [_ticket(row) for row in self._session.find(BY_NUMBER, [(org, number) for number in numbers])]
        return {ticket.number: ticket for ticket in found}

    def tickets(self, query: TicketQuery) -> list[Ticket]:
        conditions = ["t.org = ?"]
        params: list[object] = [query.org]
        for condition, value in (
            ("t.number < ?", query.before_number),
            ("t.created_at >= ?", query.created_from),
            ("t.created_at < ?", query.created_until),
            ("t.updated_at >= ?", query.updated_from),
            ("t.updated_at < ?", query.updated_until),
        ):
            if value is not None:
                conditions.append(condition)
                params.append(value)
        for name, values in (("status", query.statuses), ("priority", query.priorities)):
            if values:
                conditions.append(f"t.{name} IN ({', '.join('?' * len(values))})")
                params += values
        where = f"{' AND '.join(conditions)} ORDER BY t.number DESC LIMIT ?"
        return [_ticket(row) for row in self._session.rows(f"{SELECT} ticket t WHERE {where}", (*params, query.limit))]

    def keep_tickets(self, tickets: Sequence[Ticket]) -> None:
        self._session.upsert(KEEP, sorted(ticket_row(ticket) for ticket in tickets))

    def remarks(self, org: int, ticket: int, kind: str) -> list[Remark]:
        rows = self._session.rows(f"{REMARKS} AND kind = ? ORDER BY number", (org, ticket, kind))
        return [_remark(row) for row in rows]

    def remark(self, org: int, ticket: int, number: int) -> Remark:
        rows = self._session.rows(f"{REMARKS} AND number = ?", (org, ticket, number))
        if not rows:
            raise NotFound(f"ticket {ticket} has no remark {number}")
        return _remark(rows[0])

    def keep_remarks(self, remarks: Sequence[Remark]) -> None:
        rows = [(r.org, r.ticket, r.number, r.at, r.kind, REMARK_BODY.encode(r)) for r in remarks]
        self._session.upsert(KEEP_REMARK, sorted(rows))

    def remove_remark(self, org: int, ticket: int, number: int) -> None:
        self._session.run("DELETE FROM remark WHERE org = ? AND ticket = ? AND number = ?", (org, ticket, number))
