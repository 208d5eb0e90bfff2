"""What people and time do to incidents: one function per verb, shared by every dialect, the web and the engine."""

from collections import Counter
from collections.abc import Callable, Mapping

from watchbill.domain import handling, quieting, ticketing
from watchbill.domain.civil import MINUTE
from watchbill.domain.escalation import advance, wake_at
from watchbill.domain.failing import person_left
from watchbill.domain.incident import Actor, Incident, Outcome, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.people import User
from watchbill.domain.record import record, replace
from watchbill.domain.records import IncidentQuery, Saved
from watchbill.domain.routes import Start
from watchbill.domain.ticketing import is_settled
from watchbill.domain.tickets import Ticket
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.decisions import Decision, turns_of
from watchbill.usecases.keep import Kept, keep
from watchbill.usecases.ports import Tx
from watchbill.usecases.storm import Advances

Verb = Callable[[Incident, Organization], Outcome]
Beginning = Callable[[Incident, Organization, Mapping[str, int]], Outcome]
"""A verb that may begin policies, so it is told whose turn it is."""


def _change(tx: Tx, org: int, number: int, verb: Verb, now: int) -> Incident:
    """Time catches up first, so a verb acts on the incident as it truly stands; then the verb; then both are kept."""
    before = tx.incident(org, number)
    organization = tx.organization(org)
    caught_up = advance(before, organization, now, _turns(tx, organization, before))
    return _keep(tx, before, caught_up.then(verb(caught_up.incident, organization)), now)


def _begin(tx: Tx, org: int, number: int, verb: Beginning, now: int) -> Incident:
    """As `_change`. The turns that catching up takes are used up when the verb asks."""
    before = tx.incident(org, number)
    organization = tx.organization(org)
    turns = Counter({**turns_of(tx, organization), **_turns(tx, organization, before)})
    caught_up = advance(before, organization, now, turns)
    turns.update(caught_up.turns)
    return _keep(tx, before, caught_up.then(verb(caught_up.incident, organization, turns)), now)


def _keep(tx: Tx, before: Incident, outcome: Outcome, now: int) -> Incident:
    keep(tx, [Decision(before, outcome)], now)
    return outcome.incident


def acknowledge(tx: Tx, org: int, number: int, actor: Actor, now: int, note: str = "") -> Incident:
    return _change(tx, org, number, lambda one, known: handling.acknowledge(one, known, actor, now, note), now)


def resolve(tx: Tx, org: int, number: int, actor: Actor, now: int, note: str = "") -> Incident:
    return _change(tx, org, number, lambda one, known: handling.resolve(one, known, actor, now, note), now)


def snooze(tx: Tx, org: int, number: int, actor: Actor, until: int, now: int) -> Incident:
    return _change(tx, org, number, lambda one, known: quieting.snooze(one, known, actor, until, now), now)


def suppress(tx: Tx, org: int, number: int, actor: Actor, until: int | None, now: int, note: str = "") -> Incident:
    return _change(tx, org, number, lambda one, known: quieting.suppress(one, known, actor, until, now, note), now)


def unsuppress(tx: Tx, org: int, number: int, actor: Actor, now: int) -> Incident:
    return _begin(tx, org, number, lambda one, known, turns: quieting.unsuppress(one, known, actor, now, turns), now)


def unacknowledge(tx: Tx, org: int, number: int, actor: Actor, now: int) -> Incident:
    return _begin(tx, org, number, lambda one, known, turns: quieting.unacknowledge(one, known, actor, now, turns), now)


def heal(tx: Tx, org: int, number: int, actor: Actor, now: int) -> Incident:
    return _begin(tx, org, number, lambda one, known, turns: quieting.heal(one, known, actor, now, turns), now)


def close(tx: Tx, org: int, number: int, actor: Actor, now: int, note: str = "") -> Incident:
    return _change(tx, org, number, lambda one, known: quieting.close(one, known, actor, now, note), now)


def ticketed(tx: Tx, org: int, number: int, ticket: int, actor: Actor, now: int) -> Incident:
    return _change(tx, org, number, lambda one, known: quieting.ticketed(one, known, ticket, actor, now), now)


def notice(tx: Tx, ticket: Ticket, number: int, now: int) -> None:
    """An incident learns whether its ticket is closed: its next alert then needs another."""
    incident = tx.incidents_by_number([(ticket.org, number)]).get((ticket.org, number))
    if incident is not None and incident.ticket == ticket.number and incident.phase is not Phase.RESOLVED:
        _change(tx, ticket.org, number, lambda one, known: ticketing.noticed(one, known, is_settled(ticket)), now)


def reroute(tx: Tx, org: int, number: int, starts: tuple[Start, ...], actor: Actor, now: int) -> Incident:
    return _begin(
        tx, org, number, lambda one, known, turns: handling.reroute(one, known, starts, actor, now, turns), now
    )


def add_responders(tx: Tx, org: int, number: int, starts: tuple[Start, ...], actor: Actor, now: int) -> Incident:
    def verb(one: Incident, known: Organization, turns: Mapping[str, int]) -> Outcome:
        return handling.add_responders(one, known, starts, actor, now, turns)

    return _begin(tx, org, number, verb, now)


def escalate(tx: Tx, org: int, number: int, actor: Actor, now: int) -> Incident:
    return _begin(tx, org, number, lambda one, known, turns: handling.escalate_now(one, known, actor, now, turns), now)


def left(tx: Tx, org: int, user: User, now: int) -> None:
    """Incidents that wait for the answer of somebody who has left, or was disabled, go on at once: of the organization
    and of its clients, for which a partner's people are paged too."""
    for number in (org, *tx.client_numbers(org)):
        query = IncidentQuery(number, (Phase.TRIGGERED,), paged=user.id)
        while found := tx.incidents(query):
            for incident in found:
                _left(tx, incident, user, now)
            query = replace(query, before_number=found[-1].number)


def _left(tx: Tx, incident: Incident, user: User, now: int) -> None:
    _begin(tx, incident.org, incident.number, lambda one, known, turns: person_left(one, known, user, now, turns), now)


@record
class Advanced:
    """The moments at which incidents were due, those that acted, by (organization, number), and what went wrong with
    which: those are tried again."""

    due_at: tuple[int, ...]
    count: int
    acted: tuple[tuple[int, int], ...] = ()
    faults: tuple[tuple[int, int, Exception], ...] = ()
    kept: Kept = Kept()


def advance_due(tx: Tx, now: int, node: str | None, limit: int) -> Advanced:
    """Lets time catch up with the incidents whose moment has come, the earliest first. `node` as for `keep`.

    An incident that can't be advanced (a fault of ours) holds up none of the others: it says so, and comes up again.
    """
    due = tx.due_incidents(now, limit)
    orgs = tx.organizations({incident.org for incident in due})
    decisions: list[Decision] = []
    late: list[Saved] = []
    faults: list[tuple[int, int, Exception]] = []
    turns: dict[int, Counter[str]] = {}
    advances = Advances(now)
    for incident in due:
        org = orgs[incident.org]
        used = turns.setdefault(org.number, Counter())
        known = _turns(tx, org, incident)
        try:
            outcome = advances.of(incident, org, {step: count + used[step] for step, count in known.items()})
        except Exception as error:
            faults.append((incident.org, incident.number, error))
            late.append(_put_off(incident, error, now))
        else:
            used.update(outcome.turns)
            if outcome.incident is incident:
                outcome = Outcome(_looked_at(incident))
            decisions.append(Decision(incident, outcome))
    if late:
        tx.save(late)  # first: one that stands for others may be saved once more, with what it hears of them
    kept = keep(tx, decisions, now, node)
    moments = tuple(wake for incident in due if (wake := wake_at(incident)) is not None)
    acted = tuple((one.before.org, one.before.number) for one in decisions if one.before and one.outcome.entries)
    return Advanced(moments, len(due), acted, tuple(faults), kept)


def _turns(tx: Tx, org: Organization, incident: Incident) -> Mapping[str, int]:
    """Of the policies it may run: what was quiet from the start has taken none yet, and what is followed changes."""
    course = incident.course
    taken = {policy.id for policy in course.policies if not policy.follows}
    known = all(start.policy_id is None or start.policy_id in taken for start in course.starts)
    return turns_of(tx, org, course.policies if known else None)


def _put_off(incident: Incident, error: Exception, now: int) -> Saved:
    entry = Entry(now, Kind.FAULT, f"could not be advanced ({type(error).__name__}: {error}); tried again in a minute")
    return Saved(incident, _looked_at(incident), now + MINUTE, (entry,))


def _looked_at(incident: Incident) -> Incident:
    """The same with its course written anew, so that its next moment is: it must not stay due."""
    return replace(incident, course=replace(incident.course))
