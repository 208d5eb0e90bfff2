"""What keeps an incident quiet beside an acknowledgement, and what undoes either: verbs like those of `handling`."""

from collections.abc import Mapping

from watchbill.domain import escalation, runs
from watchbill.domain.civil import local
from watchbill.domain.errors import Conflict, Invalid
from watchbill.domain.escalation import settle, trigger_again
from watchbill.domain.handling import become_acknowledged, must_be_open
from watchbill.domain.incident import Actor, Incident, Outcome, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Stop
from watchbill.domain.timeline import Kind

LONGEST_SNOOZE_HOURS = 24 * 7


def snooze(incident: Incident, org: Organization, actor: Actor, until: int, now: int) -> Outcome:
    """Quiet until then, acknowledged in the snoozer's name; then triggered again. Only the snoozer may move the end."""
    must_be_open(incident)
    if not now < until <= now + LONGEST_SNOOZE_HOURS * 3_600_000_000:
        raise Invalid(f"a snooze ends after now and at most {LONGEST_SNOOZE_HOURS} hours from now", "until")
    by = incident.course.snoozed_by
    if incident.course.snoozed_until is not None and by != actor.name:
        raise Conflict(f"incident {incident.number} is snoozed by {by}, who alone may change that")
    m = Motion(org, incident, {})
    if incident.phase is Phase.TRIGGERED:
        become_acknowledged(m, actor, now, "snoozed", until)
    m.set_course(snoozed_until=until, snoozed_by=actor.name, ack_deadline=None)
    told = f"snoozed by {actor.name} until {local(until, 'UTC'):%a %d %b %H:%M} UTC"
    m.note(now, Kind.SNOOZED, told, actor.user_id, actor.name, until=until)
    return m.outcome()


def suppress(
    incident: Incident, org: Organization, actor: Actor, until: int | None, now: int, note: str = ""
) -> Outcome:
    """Quiet until then, or (None) until somebody undoes it. Its phase stays, further alerts don't wake it."""
    must_be_open(incident)
    if until is not None and until <= now:
        raise Invalid("a suppression ends after now", "until")
    m = Motion(org, incident, {})
    m.changes.update(suppressed_at=now, suppressed_by=actor.name)
    m.set_course(suppressed_until=until)
    runs.stop_all(m, Stop.SUPPRESSED, "suppressed")
    text = f"suppressed by {actor.name}" + (f": {note}" if note else "")
    m.note(now, Kind.SUPPRESSED, text, actor.user_id, actor.name, until=until)
    return m.outcome()


def unsuppress(incident: Incident, org: Organization, actor: Actor, now: int, turns: Mapping[str, int]) -> Outcome:
    """Undoes a suppression, and an acknowledgement with it. Changes nothing where there is none."""
    must_be_open(incident)
    m = Motion(org, incident, turns)
    if incident.suppressed_at is None:
        return m.outcome()
    escalation.unsuppress(m, now, f"by {actor.name}", actor.name)
    settle(m, now)
    return m.outcome()


def unacknowledge(incident: Incident, org: Organization, actor: Actor, now: int, turns: Mapping[str, int]) -> Outcome:
    """Takes an acknowledgement back: triggered again. Changes nothing where there is none."""
    must_be_open(incident)
    m = Motion(org, incident, turns)
    if incident.phase is not Phase.ACKNOWLEDGED:
        return m.outcome()
    trigger_again(m, now, f"{actor.name} took the acknowledgement back", actor.name)
    settle(m, now)
    return m.outcome()


def heal(incident: Incident, org: Organization, actor: Actor, now: int, turns: Mapping[str, int]) -> Outcome:
    """What a recovery does, done by hand: an incident that lasts is healed, any other is resolved."""
    must_be_open(incident)
    m = Motion(org, incident, turns)
    if not incident.lasting:
        runs.resolve(m, actor.name, now, "healed", manual=actor.user_id is not None)
    elif incident.healed_at is None:
        escalation.heal(m, now, by=actor.name)
    return m.outcome()


def close(incident: Incident, org: Organization, actor: Actor, now: int, note: str = "") -> Outcome:
    """Ends the incident for good, whatever state its trouble is in."""
    must_be_open(incident)
    m = Motion(org, incident, {})
    runs.resolve(m, actor.name, now, f"closed: {note}" if note else "closed", manual=actor.user_id is not None)
    return m.outcome()


def ticketed(incident: Incident, org: Organization, ticket: int, actor: Actor, now: int) -> Outcome:
    """Somebody made a ticket of it, or attached one: that ends what a ticket ends."""
    must_be_open(incident)
    m = Motion(org, incident, {})
    m.changes.update(ticket=ticket, ticketed_at=now, ticketed_by=actor.name)
    runs.stop_all(m, Stop.TICKETED, "ticketed")
    m.note(now, Kind.TICKET, f"ticket {ticket} by {actor.name}", actor.user_id, actor.name)
    return m.outcome()
