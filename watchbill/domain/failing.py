"""What a page that failed for good means for its incident."""

from collections.abc import Mapping

from watchbill.domain import paging, unreached
from watchbill.domain.escalation import catch_up
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.paging import Failure
from watchbill.domain.reaching import hurry
from watchbill.domain.timeline import Kind


def page_failed(incident: Incident, org: Organization, failure: Failure, now: int, turns: Mapping[str, int]) -> Outcome:
    """A page failed for good: the next contact, step or policy is tried now."""
    m = Motion(org, incident, turns)
    if incident.phase is Phase.TRIGGERED:
        if failure.paging:
            paging.page_failed(m, failure, now)
        else:
            _machine_failed(m, failure, now)
        run = m.pagings[failure.paging].run if failure.paging in m.pagings else failure.run
        if run in m.runs:
            hurry(m, run, now)
        unreached.note_unreached(m, now)
        catch_up(m, now)
    return m.outcome()


def _machine_failed(m: Motion, failure: Failure, now: int) -> None:
    """What a step or a rule told to a machine failed for good: it has told nobody."""
    if failure.run in m.runs:
        m.set_run(m.runs[failure.run], told=False)
    elif not failure.run:
        m.set_course(told=False)
    m.note(now, Kind.FAILED, f"a machine was not told: {failure.why}")
