"""What holds for every organization, plan and course of events, however odd."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.plans_at_random import BEGIN, QUIETING, Act, acts, organizations, signals, some_starts
from watchbill.domain import handling
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.errors import Refused
from watchbill.domain.escalation import advance, wake_at
from watchbill.domain.incident import Actor, Incident, Outcome, Phase
from watchbill.domain.opening import opened, opening
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Stop
from watchbill.domain.routes import Start
from watchbill.domain.routing import Selection

often = settings(max_examples=60)
multi = st.booleans()


def begin(
    org: Organization, starts: tuple[Start, ...], signal: Signal, many: bool = False, lasting: bool = False
) -> Outcome:
    event = AlertEvent(signal, "k", "k", lasting=lasting)
    outcome = opening(org, Selection(starts, "test", multi_responder=many), event, BEGIN, {})
    return Outcome(opened(outcome.incident, event, 1, "i", "a"), outcome.entries, outcome.pages, outcome.tickets)


def until(outcome: Outcome, org: Organization, end: int, turns: dict[str, int] | None = None) -> Outcome:
    """Tick by tick, as the engine does when it is never late."""
    used: dict[str, int] = turns if turns is not None else {}
    while (wake := wake_at(outcome.incident)) is not None and wake <= end:
        outcome = outcome.then(_counted(advance(outcome.incident, org, wake, used), used))
    return outcome


def _counted(outcome: Outcome, used: dict[str, int]) -> Outcome:
    for step in outcome.turns:
        used[step] = used.get(step, 0) + 1
    return outcome


def someone_or_unreached(incident: Incident) -> bool:
    """A triggered, unmuted incident: somebody was reached or will be, or the incident says that nobody was."""
    course = incident.course
    told = any(run.told for run in course.runs) or (course.told and not course.starts)
    paged = any(not person.hopeless for person in course.pagings)
    coming = any(run.due is not None for run in course.runs)
    return incident.unreached or told or paged or coming


@often
@given(organizations(), some_starts, signals, multi)
def test_one_long_jump_equals_many_small_ticks(
    org: Organization, starts: tuple[Start, ...], signal: Signal, many: bool
) -> None:
    first = begin(org, starts, signal, many)
    ticks = until(first, org, BEGIN + 6 * HOUR)
    jump = first.then(advance(first.incident, org, BEGIN + 6 * HOUR, {}))
    assert jump.incident == ticks.incident
    assert jump.pages == ticks.pages
    assert jump.entries == ticks.entries
    assert jump.tickets == ticks.tickets


@often
@given(organizations(), some_starts, signals, st.tuples(multi, st.booleans()), st.lists(acts(), max_size=6))
def test_after_any_course_of_events_an_incident_is_sound(
    org: Organization, starts: tuple[Start, ...], signal: Signal, kind: tuple[bool, bool], events: list[Act]
) -> None:
    now, outcome = BEGIN, begin(org, starts, signal, *kind)
    for act in events:
        now += act.after
        outcome = advance(outcome.incident, org, now, {})
        before = outcome.incident
        with contextlib.suppress(Refused):
            outcome = act.verb(before, org, now)
        incident = outcome.incident
        wake = wake_at(incident)
        if act.name not in ("ack", "resolve", *QUIETING):
            assert wake is None or wake > now
        if incident.phase is Phase.RESOLVED:
            assert wake is None
            assert not any(person.due for person in incident.course.pagings)
        rests = incident.suppressed_at is not None or incident.healed_at is not None
        if incident.phase is Phase.TRIGGERED and not incident.muted and not rests:
            assert someone_or_unreached(incident)
        if incident.phase is not Phase.TRIGGERED or incident.suppressed_at is not None:
            through = {one.id for one in incident.course.policies if Stop.ACKNOWLEDGED not in one.stop_on}
            for run in incident.course.runs:
                assert run.due is None or run.policy_id in through
            for person in incident.course.pagings:
                owner = next((run for run in incident.course.runs if run.number == person.run), None)
                assert person.due is None or (owner is not None and owner.policy_id in through)
    later = advance(outcome.incident, org, now + DAY, {}).incident
    assert wake_at(later) is None or (wake_at(later) or 0) > now + DAY


@often
@given(organizations(with_windows=False), some_starts, signals)
def test_everybody_is_paged_or_the_incident_says_that_nobody_was(
    org: Organization, starts: tuple[Start, ...], signal: Signal
) -> None:
    outcome = until(begin(org, starts, signal), org, BEGIN + 4 * HOUR)
    for run in outcome.incident.course.runs:
        if run.support_hours is not None:  # held for longer than we look
            return
    assert outcome.incident.unreached or outcome.pages or outcome.tickets


@often
@given(organizations(), some_starts, signals, multi, st.integers(0, 90))
def test_an_answer_of_a_machine_stops_all_that_does_not_go_through_it(
    org: Organization, starts: tuple[Start, ...], signal: Signal, many: bool, minutes: int
) -> None:
    now = BEGIN + minutes * MINUTE
    incident = until(begin(org, starts, signal, many), org, now).incident
    if incident.phase is Phase.RESOLVED:
        return
    done = handling.acknowledge(incident, org, Actor("api"), now).incident
    assert done.phase is Phase.ACKNOWLEDGED
    through = {one.id for one in incident.course.policies if Stop.ACKNOWLEDGED not in one.stop_on}
    assert all(run.due is None for run in done.course.runs if run.policy_id not in through)
    pages = advance(done, org, now + 15 * MINUTE, {}).pages
    assert all(page.through_ack for page in pages)
