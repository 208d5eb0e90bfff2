"""Opening an incident: what alerts that open alike share, decided once, and what each has of its own."""

from collections.abc import Mapping
from typing import Any

from watchbill.domain import following, runs
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.escalation import settle
from watchbill.domain.incident import Actor, Course, Incident, Outcome, Phase, Transition
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.record import replace
from watchbill.domain.routes import MaintenanceWindow, Start
from watchbill.domain.routing import Selection, muted_by, muted_until
from watchbill.domain.timeline import Kind

ALERT = Actor("alert")
MOST_ANNOTATIONS = 200


def own_urgency(event: AlertEvent) -> Urgency:
    return event.urgency or (Urgency.LOW if event.signal is Signal.WARNING else Urgency.HIGH)


def urgency_of(event: AlertEvent, starts: tuple[Start, ...]) -> Urgency:
    """High when anything it starts is high; what leaves it open takes the alert's: a warning is low, all else high."""
    own = own_urgency(event)
    wanted = [start.urgency or own for start in starts]
    return Urgency.HIGH if Urgency.HIGH in wanted else (wanted[0] if wanted else own)


def opening(org: Organization, selection: Selection, event: AlertEvent, now: int, turns: Mapping[str, int]) -> Outcome:
    """What opening an incident for such an alert comes to, but for what is the alert's own (see `opened`).

    It depends on the alert only by its urgency, its signal and whether it lasts: alerts of a batch that are alike, with
    one selection, share it.
    """
    windows = muted_by(org, selection.key_id, now)
    m = Motion(org, _blank(org, selection, event, windows, now), turns)
    m.changes["urgency"] = urgency_of(event, selection.starts)
    m.transitions.append(Transition(Phase.TRIGGERED, now, ALERT.name))
    m.note(now, Kind.OPENED, f"opened by a {event.signal} alert; {selection.reason}")
    for target in selection.notify:
        runs.tell(m, target, own_urgency(event), None, now)
    following.note_remarks(m, selection.remarks, now)
    if event.signal is Signal.RECOVERY:
        m.note(now, Kind.HEALED, "healed already: nobody is paged")
    elif windows:
        m.note(now, Kind.MUTED, "muted by maintenance: " + ", ".join(window.name or window.slug for window in windows))
    elif selection.group is not None:
        m.note(now, Kind.GROUPED, f"incident {selection.group} stands for it: that one pages")
    elif selection.suppressed is not None:
        _suppressed(m, *selection.suppressed, now)
    else:
        runs.start(m, selection.starts, now)
        settle(m, now)
    return m.outcome()


def _blank(
    org: Organization, selection: Selection, event: AlertEvent, windows: tuple[MaintenanceWindow, ...], now: int
) -> Incident:
    """What is there before anything is decided."""
    lifetime = org.settings.auto_resolve
    return Incident(
        org=org.number,
        number=0,
        id="",
        key="",
        title="",
        message="",
        phase=Phase.TRIGGERED,
        urgency=own_urgency(event),
        state=event.signal,
        opened_at=now,
        phase_at=now,
        last_alert_at=now,
        lasting=event.lasting,
        routing_key=selection.routing_key,
        multi_responder=selection.multi_responder,
        muted=bool(windows),
        group=selection.group,
        course=Course(
            starts=selection.starts,
            key_id=selection.key_id,
            muted_by=tuple(window.id for window in windows),
            muted_until=muted_until(windows, now) if windows else None,
            resolve_deadline=now + lifetime if lifetime is not None else None,
            idle=selection.idle,
            unrouted=selection.unrouted,
        ),
    )


def _suppressed(m: Motion, rule: str, span: int, now: int) -> None:
    """A rule keeps it quiet for a while; what it starts begins then."""
    by = f"rule {rule}"
    m.changes.update(suppressed_at=now, suppressed_by=by)
    m.set_course(suppressed_until=now + span)
    m.note(now, Kind.SUPPRESSED, f"suppressed by {by}", until=now + span)


# What an incident has of its own among those that open alike, in the order in which `own` tells it.
OWN = (
    *("number", "id", "key", "healed_at", "title", "message", "host", "service", "tool", "monitor", "annotations"),
    *("first_alert_id", "last_alert_id"),
)


def own(pattern: Incident, event: AlertEvent, number: int, id: str, alert_id: str) -> tuple[Any, ...]:
    return (
        number,
        id,
        event.key,
        pattern.opened_at if event.signal is Signal.RECOVERY else None,
        event.title,
        event.message,
        event.host,
        event.service,
        event.tool,
        event.monitor,
        event.annotations[:MOST_ANNOTATIONS],
        alert_id,
        alert_id,
    )


def opened(pattern: Incident, event: AlertEvent, number: int, id: str, alert_id: str) -> Incident:
    """The incident of one alert, from the opening it shares with others."""
    return replace(pattern, **dict(zip(OWN, own(pattern, event, number, id, alert_id), strict=True)))
