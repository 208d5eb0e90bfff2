"""Incidents as people read them here."""

from dataclasses import dataclass

from watchbill.domain.civil import local
from watchbill.domain.delivery import Subject
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import Urgency


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant for people, and for machines (`iso`). `short` is for where the year and the zone are known."""

    text: str
    short: str
    iso: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One incident on a page. `state` is its phase in words, with who brought it there."""

    number: int
    title: str
    message: str
    urgent: bool
    phase: str
    state: str
    opened: Moment
    facts: tuple[tuple[str, str], ...]


def moment(at: int, zone: str = "UTC") -> Moment:
    """As the wall clock of that zone shows it; in UTC when there is no such zone."""
    try:
        there = local(at, zone)
    except ValueError:
        return moment(at)
    day = f"{there:%a} {there.day} {there:%b}"
    return Moment(
        text=f"{day} {there:%Y, %H:%M} {zone}",
        short=f"{day}, {there:%H:%M}",
        iso=there.isoformat(timespec="seconds"),
    )


def state_of(incident: Incident) -> str:
    by = {Phase.ACKNOWLEDGED: incident.acked_by, Phase.RESOLVED: incident.resolved_by}.get(incident.phase, "")
    who = "an alert" if by == "alert" else by
    return f"{incident.phase} by {who}" if who else str(incident.phase)


def shown(incident: Incident) -> Shown:
    return Shown(
        number=incident.number,
        title=incident.title or incident.key,
        message=incident.message,
        urgent=incident.urgency is Urgency.HIGH,
        phase=incident.phase,
        state=state_of(incident),
        opened=moment(incident.opened_at),
        facts=_facts(incident),
    )


def shown_as_sent(subject: Subject, zone: str, now: Incident | None) -> Shown:
    """What a message said of an incident; its phase as it is `now`, where that is known."""
    return Shown(
        number=subject.number,
        title=subject.title or "(no title)",
        message=subject.message,
        urgent=subject.urgency is Urgency.HIGH,
        phase=now.phase if now else subject.phase,
        state=state_of(now) if now else subject.phase,
        opened=moment(subject.opened_at, zone),
        facts=_facts(subject),
    )


def _facts(about: Incident | Subject) -> tuple[tuple[str, str], ...]:
    facts = (
        ("Host", about.host),
        ("Service", about.service),
        ("Routing key", about.routing_key),
        ("Reported by", about.tool),
        ("Alerts", str(about.alert_count) if about.alert_count > 1 else ""),
    )
    return tuple((label, value) for label, value in facts if value)
