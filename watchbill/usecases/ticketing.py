"""Tickets that steps of policies make of incidents, and what further alerts change in them."""

from collections.abc import Iterator, Mapping

from watchbill.domain import ticketing
from watchbill.domain.alert import AlertEvent
from watchbill.domain.delivery import Purpose
from watchbill.domain.incident import Cause, Incident, Outcome, Page, TicketWanted
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.record import replace
from watchbill.domain.roster import people
from watchbill.domain.tickets import ACTIVITY, RESPONSE, Remark, Revision, Ticket, fresh, revised
from watchbill.domain.timeline import Entry, Kind
from watchbill.domain.training import Finding
from watchbill.usecases.ports import Tx
from watchbill.usecases.training import event_of, findings

SYSTEM = ""


class Desk:
    """Where the tickets of one transaction lie: those it made, and those it changed."""

    def __init__(self, tx: Tx, now: int) -> None:
        self.tx = tx
        self._now = now
        self._changed: dict[tuple[int, int], Ticket] = {}
        self._remarks: list[Remark] = []

    def settle(self, outcome: Outcome) -> tuple[Outcome, tuple[Ticket, ...]]:
        """The outcome with what was done for the tickets it wants, and those that are new."""
        made: dict[int, Ticket] = {}
        for wanted in outcome.tickets:
            outcome = self._settle(outcome, wanted, made)
        return replace(outcome, tickets=()) if outcome.tickets else outcome, tuple(made.values())

    def close(self) -> None:
        """After the incidents are kept."""
        if self._changed:
            self.tx.keep_tickets(list(self._changed.values()))
        if self._remarks:
            self.tx.keep_remarks(self._remarks)

    def _settle(self, outcome: Outcome, wanted: TicketWanted, made: dict[int, Ticket]) -> Outcome:
        incident = outcome.incident
        ticket = self._present(incident, made)
        event = event_of(self.tx, incident)
        if ticket is None or ticketing.is_settled(ticket):
            if wanted.cause not in (Cause.STEP, Cause.AGAIN):
                return outcome
            ticket, said = self._make(incident, event, wanted)
            made[ticket.number] = ticket
            incident = replace(incident, ticket=ticket.number)
        else:
            ticket, said = self._change(ticket, incident, event, wanted)
            if ticket.number in made:
                made[ticket.number] = ticket
            else:
                self._changed[ticket.org, ticket.number] = ticket
        if not said:
            return outcome
        entries = [Entry(wanted.at, Kind.TICKET, f"ticket {ticket.number}: {text}") for text in said]
        pages = self._mails(incident, ticket, wanted, said[0])
        return replace(outcome, incident=incident, entries=(*outcome.entries, *entries), pages=(*outcome.pages, *pages))

    def _present(self, incident: Incident, made: Mapping[int, Ticket]) -> Ticket | None:
        number = incident.ticket
        if number is None:
            return None
        known = made.get(number) or self._changed.get((incident.org, number))
        return known or self.tx.tickets_by_number(incident.org, [number]).get(number)

    def _make(self, incident: Incident, event: AlertEvent, wanted: TicketWanted) -> tuple[Ticket, list[str]]:
        """The ticket, and what there is to say of it."""
        policy = self._policy(incident, wanted.policy_id)
        learned = self._learned(incident, event, wanted)
        draft = ticketing.drafted(incident, event, wanted.order, {name: one.value for name, one in learned.items()})
        number = self.tx.next_numbers(incident.org, "ticket", 1)[0]
        draft = replace(draft, number=number, policy_id=wanted.policy_id, step_id=wanted.step_id)
        said = f"opened by policy {policy.name if policy else wanted.policy_id}, priority {draft.priority}"
        return fresh(draft, SYSTEM, wanted.at), [said, *map(in_words, learned.values())]

    def _learned(self, incident: Incident, event: AlertEvent, wanted: TicketWanted) -> Mapping[str, Finding]:
        """A training file belongs to the tenant whose policy it is."""
        partner = self.tx.organization(incident.org).partner
        owner = partner.number if partner and wanted.policy_id in partner.policies else incident.org
        return findings(self.tx, owner, incident, event, wanted.order)

    def _change(
        self, ticket: Ticket, incident: Incident, event: AlertEvent, wanted: TicketWanted
    ) -> tuple[Ticket, list[str]]:
        """The ticket, and what was changed in words; nothing when nothing was."""
        revision = ticketing.revision_of(ticket, incident, event, wanted.order, wanted.cause)
        if wanted.cause is Cause.HEALED and revision is None:
            return ticket, []
        if wanted.cause is not Cause.HEALED:
            self._say(ticket, RESPONSE, incident.message or incident.title, wanted.at)
        sure = []
        if ticketing.learns_priority(wanted.order) and wanted.cause is not Cause.HEALED:
            found = self._learned(incident, event, wanted).get("priority")
            if found is not None:
                revision = replace(revision or Revision(), priority=ticketing.priority_of(found.value))
                sure = [in_words(found)]
        after, differences = revised(ticket, revision or Revision(), SYSTEM, wanted.at)
        changes = [one.told() for one in differences]
        if changes:
            self._say(ticket, ACTIVITY, "updated", wanted.at, changes=changes)
        told = [f"{one.attribute} from {one.old} to {one.new}" for one in differences]
        return after, [", ".join(told) or "the newest description was appended", *sure]

    def _say(self, ticket: Ticket, kind: str, text: str, at: int, **data: object) -> None:
        number = self.tx.next_numbers(ticket.org, "remark", 1)[0]
        self._remarks.append(Remark(ticket.org, ticket.number, number, at, kind, SYSTEM, text, data))

    def _mails(self, incident: Incident, ticket: Ticket, wanted: TicketWanted, said: str) -> Iterator[Page]:
        """To the people of the step, by mail, whatever the state of the incident."""
        if not ticketing.mails(wanted.order, wanted.cause):
            return
        org = self.tx.organization(incident.org).acting
        policy = self._policy(incident, wanted.policy_id)
        targets = next((step.targets for step in policy.steps if step.id == wanted.step_id), ()) if policy else ()
        if ticket.fields.get("assigneeGroup") != wanted.order.fields.get("assigneeGroup"):
            targets = (*targets, *_group(org, ticket))
        found = (address for target in targets for address in addresses(org, policy, target, wanted.at))
        for address in dict.fromkeys(found):
            yield Page(
                at=wanted.at,
                purpose=Purpose.STEP,
                channel="email",
                address=address,
                urgency=incident.urgency,
                reason=f"ticket {ticket.number}: {said}",
                through_ack=True,
            )

    def _policy(self, incident: Incident, policy_id: str) -> EscalationPolicy | None:
        plans = (one for one in incident.course.policies if one.id == policy_id)
        return next(plans, None) or self.tx.organization(incident.org).acting.policies.get(policy_id)


def _group(org: Organization, ticket: Ticket) -> Iterator[Target]:
    """The team that the ticket is assigned to, by its name: it was learned, or said by people."""
    group = ticket.fields.get("assigneeGroup")
    name = str(group.get("name", "")).lower() if isinstance(group, Mapping) else ""
    yield from (Target(TargetKind.TEAM, team.id) for team in org.teams.values() if name and team.name.lower() == name)


def in_words(found: Finding) -> str:
    """A field that was learned, from what, and how sure it is."""
    value = found.value
    shown = next(iter(value.values()), "") if isinstance(value, Mapping) else value
    return f"{found.field} {shown} was learned from {found.source}: {found.sure:.0%} sure"


def addresses(org: Organization, policy: EscalationPolicy | None, target: Target, at: int) -> Iterator[str]:
    """Where mail for a target goes: for a schedule, to those on call now."""
    if target.kind is TargetKind.EMAIL:
        yield target.id
    elif policy is not None:
        yield from (called.user.email for called in people(org, policy, target, at) if called.user.email)
