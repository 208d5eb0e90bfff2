"""An alert that becomes urgent while its incident is open: who was paged quietly is paged urgently."""

from collections.abc import Iterator

from watchbill.domain import paging
from watchbill.domain.holding import FINISHED, is_over
from watchbill.domain.incident import Paging, Phase, Run
from watchbill.domain.motion import Motion
from watchbill.domain.people import Urgency
from watchbill.domain.roster import Called


def raise_urgency(m: Motion, at: int) -> None:
    """What takes the alert's own urgency is paged with high urgency from now on; people whose own policies differ for
    it are paged anew at once, those too whose quiet paging came to its end."""
    own = {start.policy_id or start.user_id for start in m.now("starts") if start.urgency is None}
    rising = {run.number for run in m.runs.values() if run.parent is None and run.policy_id in own}
    for run in list(m.runs.values()):
        if run.number in rising or run.parent in rising:
            rising.add(run.number)
            m.set_run(run, urgency=Urgency.HIGH)
    for person in list(_quietly_paged(m)):
        if person.run in rising or (person.run is None and person.user_id in own):
            _page_urgently(m, person, at)


def _quietly_paged(m: Motion) -> Iterator[Paging]:
    """Who is being paged with low urgency, or was to the end of their quiet policy while nobody has answered."""
    waits = m.phase is Phase.TRIGGERED and not m.muted and not m.rests
    last = {one.user_id: one for one in m.pagings.values()}
    for person in m.pagings.values():
        over = person.ended == FINISHED and waits and not person.once and last[person.user_id] is person
        if person.urgency is Urgency.LOW and person.answered_by is None and (not person.ended or over):
            yield person


def _page_urgently(m: Motion, person: Paging, at: int) -> None:
    user, run = m.org.users.get(person.user_id), m.runs.get(person.run or 0)
    if user is None or (run is not None and (is_over(run) or not _takes_it(m, run))):
        return
    primary = run is not None and m.policies[run.policy_id].use_primary
    urgent, calm = (paging.choose_policy(user, urgency, at, primary) for urgency in (Urgency.HIGH, Urgency.LOW))
    if urgent != calm:
        paging.stop(m, [person], "paged anew: the alert became critical")
        paging.page_person(m, Called(user, person.reason), run, Urgency.HIGH, at)


def _takes_it(m: Motion, run: Run) -> bool:
    """Whether any step so far has no urgency of its own."""
    steps = m.policies[run.policy_id].steps
    return any(step.urgency is None for step in steps[: run.step] or steps)
