"""When an alert becomes urgent: who was paged quietly is paged as for something urgent."""

from collections.abc import Iterator

from watchbill.domain import paging
from watchbill.domain.incident import Paging, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.people import Urgency
from watchbill.domain.roster import Called


def raise_urgency(m: Motion, at: int) -> None:
    """What takes the alert's own urgency is paged with high urgency from now on; people whose own policies differ for
    it are paged anew at once."""
    starts = [start for start in m.now("starts") if start.urgency is None]
    policies = {start.policy_id for start in starts}
    directly = {start.user_id for start in starts}
    rising = {run.number for run in m.runs.values() if run.parent is None and run.policy_id in policies}
    for run in list(m.runs.values()):
        if run.number in rising or run.parent in rising:
            rising.add(run.number)
            m.set_run(run, urgency=Urgency.HIGH)
    for person in list(_quietly_paged(m)):
        if person.run in rising or (person.run is None and person.user_id in directly):
            _page_anew(m, person, at)


def _quietly_paged(m: Motion) -> Iterator[Paging]:
    """Who is being paged with low urgency, or was to the end of their quiet policy while nobody has answered."""
    waits = m.phase is Phase.TRIGGERED and not m.muted and not m.rests
    last = {one.user_id: one for one in m.pagings.values()}
    for person in m.pagings.values():
        over = person.ended == paging.FINISHED and waits and not person.once and last[person.user_id] is person
        if person.urgency is Urgency.LOW and person.answered_by is None and (not person.ended or over):
            yield person


def _page_anew(m: Motion, person: Paging, at: int) -> None:
    user = m.org.users.get(person.user_id)
    if user is None:
        return
    if paging.choose_policy(user, Urgency.HIGH, at) != paging.choose_policy(user, Urgency.LOW, at):
        paging.stop(m, [person], "paged anew: the alert became critical")
        paging.page_person(m, Called(user, person.reason), m.runs.get(person.run or 0), Urgency.HIGH, at)
