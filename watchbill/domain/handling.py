"""What may happen to an open incident: joined, acknowledged, resolved, rerouted, escalated, answered.

What keeps one quiet besides, and what undoes that, is in `domain/quieting.py`.

Each verb takes the incident as it is and gives an Outcome, time caught up to `now`. Nothing here reads a clock.
"""

from collections.abc import Mapping
from typing import Any

from watchbill.domain import runs
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.errors import Conflict
from watchbill.domain.escalation import heal, page_again, settle, trigger_again
from watchbill.domain.holding import follow, resume
from watchbill.domain.incident import Actor, Incident, Outcome, Paging, Phase, Run, Transition
from watchbill.domain.motion import Motion
from watchbill.domain.opening import ALERT, MOST_ANNOTATIONS
from watchbill.domain.organization import Organization
from watchbill.domain.paging import give_up
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Stop
from watchbill.domain.reaching import can_answer, has_step_left
from watchbill.domain.record import replace
from watchbill.domain.rising import raise_urgency
from watchbill.domain.routes import Start
from watchbill.domain.timeline import Kind


def absorb(
    incident: Incident, org: Organization, alert: tuple[str, AlertEvent], now: int, turns: Mapping[str, int]
) -> Outcome:
    """Another alert (its id and what it says) with the key of an open incident (VictorOps reference, part 3.3)."""
    alert_id, event = alert
    if incident.lasting and event.signal is not Signal.ACKNOWLEDGEMENT:
        return _joined(incident, org, alert, now, turns)
    if event.signal in (Signal.CRITICAL, Signal.WARNING):
        rolled = replace(incident, **_counted(incident, event, alert_id, now))
        if event.signal is incident.state:
            return Outcome(rolled)
        m = Motion(org, rolled, turns)
        if _rises(incident, event):
            raise_urgency(m, now)
        return _state_changed(m, event, alert_id, now)
    if event.signal is Signal.INFO:
        m = Motion(org, incident, {})
        m.note(now, Kind.ALERT, f"info: {event.message or event.title}"[:500], alert_id=alert_id)
        return m.outcome()
    actor = _author(org, event)
    if event.signal is Signal.RECOVERY:
        outcome = resolve(incident, org, actor, now, event.note or event.message[:500])
    elif incident.phase is Phase.ACKNOWLEDGED:
        outcome = Outcome(incident)
    else:
        outcome = acknowledge(incident, org, actor, now, event.note)
    return replace(outcome, incident=_told_by(outcome.incident, incident, event, alert_id, now))


def _told_by(after: Incident, before: Incident, event: AlertEvent, alert_id: str, now: int) -> Incident:
    """The incident with the alert counted that moved it, or tried to (VictorOps reference, part 2.15.1)."""
    fields: dict[str, Any] = {"alert_count": before.alert_count + 1, "last_alert_at": now, "last_alert_id": alert_id}
    if len(after.transitions) > len(before.transitions):
        fields["transitions"] = (*after.transitions[:-1], replace(after.transitions[-1], alert_id=alert_id))
    if event.signal is Signal.RECOVERY:
        fields["state"] = Signal.RECOVERY
    return replace(after, **fields)


def _joined(
    incident: Incident, org: Organization, alert: tuple[str, AlertEvent], now: int, turns: Mapping[str, int]
) -> Outcome:
    """One more alert of an incident that lasts: it takes the newest words, and every state (OpsRamp reference, 5.2)."""
    alert_id, event = alert
    moved = _counted(incident, event, alert_id, now)
    moved |= {"title": event.title, "message": event.message, "old_state": incident.state}
    rolled = replace(incident, **moved)
    if event.signal is incident.state:
        return Outcome(rolled)
    m = Motion(org, rolled, turns)
    if event.signal is Signal.RECOVERY:
        heal(m, now, alert_id)
        return m.outcome()
    if _rises(incident, event):
        raise_urgency(m, now)
    if incident.healed_at is not None:
        m.changes["healed_at"] = None
        page_again(m, now)
    return _state_changed(m, event, alert_id, now)


def _author(org: Organization, event: AlertEvent) -> Actor:
    user = org.acting.users_by_name.get(event.author.lower())
    if user is not None:
        return Actor(user.username, user.id)
    return Actor(event.author) if event.author else ALERT


def _counted(incident: Incident, event: AlertEvent, alert_id: str, now: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "alert_count": incident.alert_count + 1,
        "last_alert_at": now,
        "last_alert_id": alert_id,
    }
    fresh = tuple(found for found in event.annotations if found not in incident.annotations)
    if fresh and len(incident.annotations) < MOST_ANNOTATIONS:
        fields["annotations"] = (*incident.annotations, *fresh)[:MOST_ANNOTATIONS]
    if _rises(incident, event):
        fields["urgency"] = Urgency.HIGH
    return fields


def _rises(incident: Incident, event: AlertEvent) -> bool:
    """Whether a warning became critical and so, where the alert decides, urgent."""
    starts = incident.course.starts
    own = not starts or any(start.urgency is None for start in starts)
    rose = event.signal is Signal.CRITICAL and incident.state is not Signal.CRITICAL
    return own and rose and event.urgency is not Urgency.LOW


def _state_changed(m: Motion, event: AlertEvent, alert_id: str, now: int) -> Outcome:
    before = m.incident.state
    m.changes["state"] = event.signal
    m.note(now, Kind.ALERT, f"state went from {before} to {event.signal}", alert_id=alert_id)
    follow(m, now)
    if not m.muted and not m.rests:
        runs.state_left(m, before.value, now)
    if event.signal is Signal.CRITICAL and m.phase is Phase.ACKNOWLEDGED and not m.incident.lasting:
        trigger_again(m, now, "a warning became critical")
    settle(m, now)
    return m.outcome()


def must_be_open(incident: Incident) -> None:
    if incident.phase is Phase.RESOLVED:
        raise Conflict(f"incident {incident.number} is resolved; a new alert opens a new incident")


def acknowledge(incident: Incident, org: Organization, actor: Actor, now: int, note: str = "") -> Outcome:
    """Stops the paging. In a multi-responder incident, of those whom the actor answers for; of all once all answered.

    Somebody who was not paged, or a machine, answers for everybody. Another person who acknowledges later takes it
    over (VictorOps reference, part 2.2.4); the same one, or a machine, changes nothing.
    Raises Conflict when the incident is resolved.
    """
    must_be_open(incident)
    m = Motion(org, incident, {})
    if incident.phase is Phase.ACKNOWLEDGED:
        _take_over(m, actor, now, note)
        return m.outcome()
    if incident.multi_responder and _answer(m, actor, now):
        m.note(now, Kind.ANSWERED, f"{actor.name} answered; others are still being paged", actor.user_id, actor.name)
        return m.outcome()
    become_acknowledged(m, actor, now, note)
    return m.outcome()


def become_acknowledged(m: Motion, actor: Actor, now: int, note: str, until: int | None = None) -> None:
    m.enter(Phase.ACKNOWLEDGED, now, actor.name, note, manual=actor.user_id is not None)
    m.changes.update(acked_at=now, acked_by=actor.name)
    patience = [start.ack_timeout for start in m.now("starts") if start.ack_timeout is not None]
    limit = min(patience, default=m.org.settings.ack_timeout)
    runs.stop_all(m, Stop.ACKNOWLEDGED, "acknowledged")
    m.set_course(ack_deadline=now + limit if limit is not None and until is None else None)
    m.note(
        now,
        Kind.ACKNOWLEDGED,
        f"acknowledged by {actor.name}" + (f": {note}" if note else ""),
        actor.user_id,
        actor.name,
    )


def _take_over(m: Motion, actor: Actor, now: int, note: str) -> None:
    """Who snoozed it alone has it until then."""
    if actor.user_id is None or actor.name == m.incident.acked_by or m.course.snoozed_until is not None:
        return
    m.transitions.append(Transition(Phase.ACKNOWLEDGED, now, actor.name, True, note))
    m.changes["acked_by"] = actor.name
    m.note(
        now, Kind.ACKNOWLEDGED, f"taken over by {actor.name}" + (f": {note}" if note else ""), actor.user_id, actor.name
    )


def _answer(m: Motion, actor: Actor, now: int) -> bool:
    """Marks what the actor answers for; True while somebody else still has to answer."""
    mine = [run for run in m.runs.values() if actor.user_id in run.paged and run.answered_by is None]
    direct = [
        person
        for person in m.pagings.values()
        if person.user_id == actor.user_id and person.run is None and person.answered_by is None
    ]
    if not mine and not direct:
        already = actor.name in [one.answered_by for one in _responders(m)]
        return already and _unanswered(m)
    for run in mine:
        runs.answered(m, run, actor.name)
    for person in direct:
        m.set_paging(person, answered_by=actor.name, due=None, ended="answered")
    return _unanswered(m)


def _responders(m: Motion) -> list[Run | Paging]:
    return [*m.runs.values(), *m.pagings.values()]


def _unanswered(m: Motion) -> bool:
    def waits(one: Run | Paging) -> bool:
        if one.answered_by is not None:
            return False
        if isinstance(one, Run):
            return one.due is not None or can_answer(m, one.paged)
        return one.run is None and not one.hopeless

    return any(waits(one) for one in _responders(m))


def resolve(incident: Incident, org: Organization, actor: Actor, now: int, note: str = "") -> Outcome:
    """Ends the incident for good. Raises Conflict when it is resolved already."""
    must_be_open(incident)
    m = Motion(org, incident, {})
    runs.resolve(m, actor.name, now, note, manual=actor.user_id is not None)
    return m.outcome()


def reroute(
    incident: Incident, org: Organization, starts: tuple[Start, ...], actor: Actor, now: int, turns: Mapping[str, int]
) -> Outcome:
    """Replaces all present paging by these policies, as they are now, and users."""
    must_be_open(incident)
    m = Motion(org, incident, turns)
    _come_back(m, now, actor, "rerouted")
    m.note(now, Kind.REROUTED, f"rerouted by {actor.name} to {_names(org, starts)}", actor.user_id, actor.name)
    m.set_course(starts=starts)
    m.policies.clear()
    runs.restart(m, now)
    settle(m, now)
    return m.outcome()


def add_responders(
    incident: Incident, org: Organization, starts: tuple[Start, ...], actor: Actor, now: int, turns: Mapping[str, int]
) -> Outcome:
    """Pages more policies and users beside those at work; from now on each has to answer."""
    must_be_open(incident)
    m = Motion(org, incident, turns)
    if incident.phase is Phase.ACKNOWLEDGED:
        for run in list(m.runs.values()):
            m.set_run(run, answered_by=run.answered_by or incident.acked_by)
        for person in list(m.pagings.values()):
            m.set_paging(person, answered_by=person.answered_by or incident.acked_by)
    _come_back(m, now, actor, "responders were added")
    if incident.group is not None:
        page_again(m, now)
    m.changes["multi_responder"] = True
    m.set_course(starts=(*incident.course.starts, *starts))
    m.note(now, Kind.RESPONDERS, f"{actor.name} asks for {_names(org, starts)}", actor.user_id, actor.name)
    runs.start(m, starts, now)
    settle(m, now)
    return m.outcome()


def _come_back(m: Motion, now: int, actor: Actor, why: str) -> None:
    """Somebody wants people paged now: that ends an acknowledgement, a snooze and a mute, and it stands for itself."""
    m.muted = m.unreached = False
    m.set_course(muted_by=(), muted_until=None, suppressed_until=None)
    m.changes.update(suppressed_at=None, suppressed_by="", group=None)
    if m.phase is Phase.ACKNOWLEDGED:
        m.enter(Phase.TRIGGERED, now, actor.name, why, manual=actor.user_id is not None)
        m.changes.update(acked_at=None, acked_by="")
        m.set_course(snoozed_until=None, snoozed_by="", ack_deadline=None)


def _names(org: Organization, starts: tuple[Start, ...]) -> str:
    org = org.acting
    policies = [org.policies.get(start.policy_id or "") for start in starts]
    users = [org.users.get(start.user_id or "") for start in starts]
    return ", ".join(one.name for one in (*policies, *users) if one is not None) or "nobody"


def escalate_now(incident: Incident, org: Organization, actor: Actor, now: int, turns: Mapping[str, int]) -> Outcome:
    """Takes the next step of every policy at once; from the start again where no step is left.

    An acknowledged incident is triggered again (Datadog reference, part 5.1).
    """
    must_be_open(incident)
    m = Motion(org, incident, turns)
    _come_back(m, now, actor, "escalated")
    m.note(now, Kind.ESCALATED, f"escalated by {actor.name}", actor.user_id, actor.name)
    for run in list(m.runs.values()):
        resume(m, run, now)
    if incident.phase is Phase.ACKNOWLEDGED:
        give_up(m, list(m.pagings))  # who was told before somebody took it over is not waited for
    waiting = [run for run in m.runs.values() if has_step_left(m, run)]
    for run in waiting:
        m.set_run(run, due=now, ended="", answered_by=None)
    if not waiting:
        runs.restart(m, now)
    settle(m, now)
    return m.outcome()
