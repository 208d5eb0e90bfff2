"""What people do to tickets: made by hand, changed, attached to incidents, talked about."""

from watchbill.domain.incident import Actor, Phase
from watchbill.domain.record import replace
from watchbill.domain.tickets import ACTIVITY, Remark, Revision, Ticket, fresh, revised
from watchbill.usecases import incidents
from watchbill.usecases.ports import Tx
from watchbill.usecases.training import remember


def create(tx: Tx, draft: Ticket, actor: Actor, now: int) -> Ticket:
    """The draft's number is not looked at. The incidents that it belongs to are ticketed by it. Raises NotFound."""
    number = tx.next_numbers(draft.org, "ticket", 1)[0]
    ticket = fresh(replace(draft, number=number), actor.name, now)
    tx.keep_tickets([ticket])
    for incident in ticket.incidents:
        _ticketed(tx, ticket, incident, actor, now)
    return ticket


def revise(tx: Tx, org: int, number: int, revision: Revision, actor: Actor, now: int) -> Ticket:
    """Raises NotFound."""
    ticket, differences = revised(tx.ticket(org, number), revision, actor.name, now)
    tx.keep_tickets([ticket])
    if any(one.attribute == "status" for one in differences):
        remember(tx, ticket, now)
        for incident in ticket.incidents:
            incidents.notice(tx, ticket, incident, now)
    if differences:
        changes = [one.told() for one in differences]
        say(tx, Remark(org, number, 0, now, ACTIVITY, actor.name, "updated", {"changes": changes}))
    return ticket


def attach(tx: Tx, ticket: Ticket, incident: int, actor: Actor, now: int) -> Ticket:
    """The ticket belongs to this incident too. Raises NotFound."""
    if incident not in ticket.incidents:
        ticket = replace(ticket, incidents=(*ticket.incidents, incident), updated_at=now, updated_by=actor.name)
        tx.keep_tickets([ticket])
    _ticketed(tx, ticket, incident, actor, now)
    return ticket


def say(tx: Tx, remark: Remark) -> Remark:
    """Keeps what is said about a ticket, under a number of its own."""
    said = replace(remark, number=tx.next_numbers(remark.org, "remark", 1)[0])
    tx.keep_remarks([said])
    return said


def _ticketed(tx: Tx, ticket: Ticket, number: int, actor: Actor, now: int) -> None:
    """What is closed already has nothing to do with it any more."""
    if tx.incident(ticket.org, number).phase is Phase.RESOLVED:
        return
    incidents.ticketed(tx, ticket.org, number, ticket.number, actor, now)
