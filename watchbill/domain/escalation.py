"""When an incident acts next, and letting time catch up with it.

`advance` takes one due moment after the other, each as of that moment, until nothing is due any more: one long jump
gives the same entries and pages as many small ticks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter

from watchbill.domain import paging, runs, ticketing, unreached
from watchbill.domain.alert import Signal
from watchbill.domain.civil import FOREVER
from watchbill.domain.holding import follow, hold
from watchbill.domain.incident import Incident, Outcome, Paging, Phase, Run
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.reaching import hurry
from watchbill.domain.routing import muted_by, muted_until
from watchbill.domain.timeline import Kind

# A due moment: when, what, and the number of the run or paging. The order of the values is the order at one instant.
Due = tuple[int, int, int]
UNMUTE, SNOOZE_ENDS, SUPPRESSION_ENDS, ACK_ENDS, RESOLVE, TICKET_HEALS, RUN, REPEAT, PAGING = range(9)
NEVER: Due = (FOREVER, 0, 0)
CLOCKS = ("muted_until", "snoozed_until", "suppressed_until", "ack_deadline", "resolve_deadline", "ticket_due")
clocks_of = attrgetter(*CLOCKS)


def wake_at(incident: Incident) -> int | None:
    """When this incident next needs attention; None when nothing will happen by itself."""
    course = incident.course
    dues = _dues(incident.phase, incident.muted, clocks_of(course), course.runs, course.pagings)
    return min((at for at, _, _ in dues), default=None)


def advance(incident: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """The incident with everything done that was due by `now`.

    A muted incident is looked at anew, for its maintenance may have been ended or changed by hand.
    """
    m = Motion(org, incident, turns)
    follow(m, now)
    catch_up(m, now)
    if m.muted:
        _unmute(m, 0, now)
        settle(m, now)
    return m.outcome()


def settle(m: Motion, now: int) -> None:
    """After a decision: when it left nobody reached, that is said, and what it made due is done."""
    unreached.note_unreached(m, now)
    catch_up(m, now)


def catch_up(m: Motion, now: int) -> None:
    """Takes due moments in their order until none is left at or before `now`."""
    while True:
        clocks = tuple(m.now(name) for name in CLOCKS)
        dues = _dues(m.phase, m.muted, clocks, m.runs.values(), m.pagings.values())
        at, what, number = min(dues, key=lambda due: _place(m, due), default=NEVER)
        if at > now:
            return
        HANDLERS[what](m, number, at)
        unreached.note_unreached(m, at)


def _place(m: Motion, due: Due) -> tuple[int, bool, int, int]:
    """A ticket comes last at its moment: it may end what is to be sent at the same one."""
    at, what, number = due
    return at, what == RUN and ticketing.is_next(m, number), what, number


def _dues(
    phase: Phase, muted: bool, clocks: tuple[int | None, ...], at_work: Iterable[Run], people: Iterable[Paging]
) -> Iterator[Due]:
    if phase is not Phase.RESOLVED:
        yield from _clock_dues(phase, muted, clocks)
        if not muted:
            yield from _work_dues(at_work, people)


def _clock_dues(phase: Phase, muted: bool, clocks: tuple[int | None, ...]) -> Iterator[Due]:
    unmute, snooze, unsuppress, ack, resolve, ticket = clocks
    if muted and unmute is not None:
        yield unmute, UNMUTE, 0
    if phase is Phase.ACKNOWLEDGED and snooze is not None:
        yield snooze, SNOOZE_ENDS, 0
    if unsuppress is not None:
        yield unsuppress, SUPPRESSION_ENDS, 0
    if phase is Phase.ACKNOWLEDGED and ack is not None:
        yield ack, ACK_ENDS, 0
    if resolve is not None:
        yield resolve, RESOLVE, 0
    if ticket is not None:
        yield ticket, TICKET_HEALS, 0


def _work_dues(at_work: Iterable[Run], people: Iterable[Paging]) -> Iterator[Due]:
    for run in at_work:
        if run.due is not None:
            yield run.due, RUN, run.number
        for repeat in run.repeats:
            yield repeat.due, REPEAT, run.number
    for person in people:
        if person.due is not None:
            yield person.due, PAGING, person.number


def trigger_again(m: Motion, at: int, why: str, actor: str = "", anew: bool = False) -> None:
    """Back to triggered, and everything the incident was started with begins anew, or goes on where it resumes (unless
    it is to begin `anew` as well): at the end of the maintenance, when it is muted.
    """
    m.enter(Phase.TRIGGERED, at, actor, why)
    m.set_course(snoozed_until=None, snoozed_by="", ack_deadline=None)
    m.changes.update(acked_at=None, acked_by="")
    m.note(at, Kind.TRIGGERED, f"triggered again: {why}", actor=actor)
    page_again(m, at, anew)


def page_again(m: Motion, at: int, anew: bool = False) -> None:
    """What was held up goes on or begins anew, unless something else keeps it quiet."""
    if m.phase is Phase.TRIGGERED and not m.muted and not m.rests:
        if anew:
            runs.restart(m, at)
        else:
            runs.go_on(m, at)


def unsuppress(m: Motion, at: int, why: str, actor: str = "") -> None:
    """Suppressed no more, and acknowledged no more: new again (OpsRamp reference, part 5.6)."""
    m.changes.update(suppressed_at=None, suppressed_by="")
    m.set_course(suppressed_until=None)
    m.note(at, Kind.UNSUPPRESSED, f"suppressed no more: {why}", actor=actor)
    if m.phase is Phase.ACKNOWLEDGED:
        trigger_again(m, at, why, actor)
    else:
        page_again(m, at)


def heal(m: Motion, at: int, alert_id: str = "", by: str = "") -> None:
    """All is well, for now: nobody is paged any more. Steps that wait for the change act."""
    before = m.incident.state
    m.changes.update(state=Signal.RECOVERY, old_state=before, healed_at=at)
    how = f" by {by}" if by else ""
    text = f"healed{how}: state went from {before} to {Signal.RECOVERY}"
    m.note(at, Kind.HEALED, text, actor=by, alert_id=alert_id)
    ticketing.set_healing(m, at)
    paging.stop(m, m.live_pagings(), "healed")
    if not m.muted and m.stands("suppressed_at") is None:
        runs.state_left(m, before.value, at)
    for run in m.live_runs():
        hold(m, run, "healed")


def _unmute(m: Motion, number: int, at: int) -> None:
    """A window may be over: still muted while any of its kind is active, else paging begins."""
    windows = muted_by(m.org, m.now("key_id"), at)
    if windows:
        m.set_course(muted_by=tuple(window.id for window in windows), muted_until=muted_until(windows, at))
        return
    m.muted = False
    m.set_course(muted_by=(), muted_until=None)
    m.note(at, Kind.UNMUTED, "maintenance is over")
    page_again(m, at)


def _snooze_ends(m: Motion, number: int, at: int) -> None:
    trigger_again(m, at, "the snooze is over")


def _suppression_ends(m: Motion, number: int, at: int) -> None:
    unsuppress(m, at, "its time is over")


def _ack_ends(m: Motion, number: int, at: int) -> None:
    trigger_again(m, at, "acknowledged for too long", anew=True)


def _auto_resolve(m: Motion, number: int, at: int) -> None:
    runs.resolve(m, "auto-resolve", at, "open for too long")


def _ticket_heals(m: Motion, number: int, at: int) -> None:
    ticketing.healed(m, at)


def _page(m: Motion, number: int, at: int) -> None:
    person = m.pagings[number]
    paging.act(m, person, at)
    if m.pagings[number].hopeless and person.run is not None:
        hurry(m, person.run, at)


HANDLERS: Mapping[int, Callable[[Motion, int, int], None]] = {
    UNMUTE: _unmute,
    SNOOZE_ENDS: _snooze_ends,
    SUPPRESSION_ENDS: _suppression_ends,
    ACK_ENDS: _ack_ends,
    RESOLVE: _auto_resolve,
    TICKET_HEALS: _ticket_heals,
    RUN: runs.act,
    REPEAT: runs.repeat,
    PAGING: _page,
}
