"""What it means for an incident that a page failed for good, or that somebody left who was to answer."""

from collections.abc import Mapping

from watchbill.domain import paging
from watchbill.domain.escalation import settle
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.paging import Failure
from watchbill.domain.people import User
from watchbill.domain.reaching import hurry
from watchbill.domain.timeline import Kind


def page_failed(incident: Incident, org: Organization, failure: Failure, now: int, turns: Mapping[str, int]) -> Outcome:
    """A page failed for good: the next contact, step or policy is tried now. That an incident is acknowledged ends the
    paging of most policies, but not of all."""
    m = Motion(org, incident, turns)
    if incident.phase is not Phase.RESOLVED:
        if failure.paging:
            paging.page_failed(m, failure, now)
        else:
            _machine_failed(m, failure, now)
        paging.give_up(m, failure.gone)
        run = m.pagings[failure.paging].run if failure.paging in m.pagings else failure.run
        if run in m.runs:
            hurry(m, run, now)
        settle(m, now)
    return m.outcome()


def person_left(incident: Incident, org: Organization, user: User, now: int, turns: Mapping[str, int]) -> Outcome:
    """Somebody who is paged, or was and has yet to answer, will not answer any more: others are tried now. Who is in
    the organization still was disabled."""
    m = Motion(org, incident, turns)
    waiting = [one for one in m.pagings.values() if one.user_id == user.id and not one.hopeless]
    if incident.phase is Phase.TRIGGERED and waiting:
        why = "is no longer an active user" if user.id in org.acting.users else "left the organization"
        m.note(now, Kind.SKIPPED, f"{user.name} {why}: can't be reached", user.id)
        for person in waiting:
            m.set_paging(person, due=None, hopeless=True, ended=paging.UNREACHABLE)
            if person.run in m.runs:
                hurry(m, person.run, now)
        settle(m, now)
    return m.outcome()


def _machine_failed(m: Motion, failure: Failure, now: int) -> None:
    """What a step or a rule told to a machine failed for good: it has told nobody."""
    if failure.run in m.runs:
        m.set_run(m.runs[failure.run], told=False)
    elif not failure.run:
        m.set_course(told=False)
    m.note(now, Kind.FAILED, f"a machine was not told: {failure.why}")
