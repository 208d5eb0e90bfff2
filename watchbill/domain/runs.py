"""One escalation policy at work: its steps, laps and end, whom a step reaches, and what is done when nobody is."""

from collections.abc import Iterable

from watchbill.domain import paging, ticketing
from watchbill.domain.civil import covers, local, next_opening
from watchbill.domain.delivery import Purpose
from watchbill.domain.holding import FINISHED, OFF, hold, is_over, kept_quiet, resume, started_at
from watchbill.domain.incident import Page, Paging, Phase, Repeat, Run
from watchbill.domain.motion import Motion
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, AtEnd, EscalationPolicy, OnEmpty, Since, Step, Stop, Target, TargetKind
from watchbill.domain.reaching import (
    MACHINES,
    has_more,
    has_reached,
    hurry,
    in_turn,
    only_tells,
    takes_turns,
    timed,
    whose_turn,
)
from watchbill.domain.roster import Called, people
from watchbill.domain.routes import Start
from watchbill.domain.timeline import Kind

# What can't be undone, and so ends a run that resumes as well.
FOR_GOOD = (Stop.RESOLVED, Stop.CLOSED, Stop.TICKETED)


def start(m: Motion, starts: Iterable[Start], at: int) -> None:
    """Starts policies and pages people named directly. What is due at once is due at `at`, not yet done."""
    for one in starts:
        urgency = one.urgency or m.urgency
        if one.policy_id is not None:
            begin(m, one.policy_id, urgency, at, origin=one)
        elif one.user_id is not None:
            user = m.org.users.get(one.user_id)
            if user is None or not user.active:
                m.note(at, Kind.SKIPPED, f"user {one.user_id} is not an active user", one.user_id)
            else:
                paging.page_person(m, Called(user, "named directly"), None, urgency, at)


def begin(
    m: Motion, policy_id: str, urgency: Urgency, at: int, parent: int | None = None, origin: Start | None = None
) -> bool:
    """Begins a run, held until its support hours open. False when the policy is gone, calls itself in a circle, or is
    called while it would send nothing: by one that goes on though the incident is quiet."""
    policy = m.plan(policy_id)
    if policy is None:
        m.note(at, Kind.SKIPPED, f"escalation policy {policy_id} does not exist any more")
        return False
    if not policy.active:
        m.note(at, Kind.SKIPPED, f"policy {policy.name} is {OFF}")
        return False
    circle = policy_id in _ancestors(m, parent)
    if circle or any(run.policy_id == policy_id for run in m.live_runs()):
        m.note(at, Kind.SKIPPED, f"policy {policy.name} is running already")
        return not circle
    quiet = kept_quiet(m, policy) if parent is not None else ""
    if quiet:
        m.note(at, Kind.SKIPPED, f"policy {policy.name} is not begun: the incident is {quiet}")
        return False
    hours = origin.support_hours if origin else None
    opens: int | None = at
    if hours is not None and not covers(hours, at):
        opens = next_opening(hours, at)
        when = (
            f"{local(opens, hours.zone):%a %d %b %H:%M} {hours.zone}" if opens is not None else "ever: no window opens"
        )
        m.note(at, Kind.HELD, f"policy {policy.name} is held: outside support hours until {when}")
    run = Run(
        number=m.next_serial(),
        policy_id=policy_id,
        urgency=urgency,
        began_at=opens if opens is not None else at,
        due=None,
        parent=parent,
        ack_timeout=origin.ack_timeout if origin else None,
        support_hours=hours,
    )
    m.set_run(run, due=None if opens is None else step_due(policy, run, opens))
    return True


def _ancestors(m: Motion, number: int | None) -> set[str]:
    """The policies that called this run, itself included: calling one of them again would go round for ever."""
    found = set()
    while number is not None and number in m.runs:
        found.add(m.runs[number].policy_id)
        number = m.runs[number].parent
    return found


def step_due(policy: EscalationPolicy, run: Run, before: int) -> int:
    """When the run's next step acts, the one before it having acted at `before`."""
    index = timed(policy, run.step)
    if index >= len(policy.steps):
        return before + policy.end_wait
    step = policy.steps[index]
    return before + step.wait if step.since is Since.PREVIOUS else max(before, started_at(step, run))


def act(m: Motion, number: int, at: int) -> None:
    """The run's due moment has come: its next step, or the end of its lap."""
    run = m.runs[number]
    policy = m.policies[run.policy_id]
    index = timed(policy, run.step)
    if index >= len(policy.steps):
        _end_lap(m, run, policy, at)
        return
    over = not policy.pagings_go_on and (index > 0 or run.lap > 1)
    before = _pagings_of(m, number) if over else []
    _release(m, before, {number}, paging.NEXT_STEP if run.step else paging.NEXT_LAP)
    step = policy.steps[index]
    asked = run.asked
    run = m.set_run(run, step=index + 1, asked=())
    reached = take(m, run, policy, index, at)
    run = m.runs[number]
    if run.ended:
        return
    if before and not reached:
        run = _paged_on(m, run, before, asked)
    if step.repeat_every and step.repeat_limit > 1:
        repeat = Repeat(index, step.repeat_limit - 1, at + step.repeat_every)
        run = m.set_run(run, repeats=(*run.repeats, repeat))
    skip = not reached and _skips(m, policy)
    if timed(policy, run.step) >= len(policy.steps):
        _last_step_done(m, run, policy, at, skip)
    elif skip:
        m.note(at, Kind.SKIPPED, f"{policy.name}: step {index + 1} reaches nobody; the next step is taken at once")
        m.set_run(run, due=at)
    else:
        m.set_run(run, due=step_due(policy, run, at))


def _paged_on(m: Motion, run: Run, before: Iterable[Paging], asked: tuple[str, ...]) -> Run:
    """A step that reaches nobody takes nobody's place: whom the step before it paged goes on being paged."""
    for person in before:
        if person.sent:
            m.set_paging(person)
    return m.set_run(run, asked=(*asked, *(id for id in run.asked if id not in asked)))


def _skips(m: Motion, policy: EscalationPolicy) -> bool:
    return (policy.on_empty or m.org.settings.empty_step) is OnEmpty.SKIP


def _last_step_done(m: Motion, run: Run, policy: EscalationPolicy, at: int, skip: bool) -> None:
    """`skip`: it reached nobody, so nothing waits for it; but a lap without anybody, or that took no time, takes its
    end_wait, lest all laps pass in one moment."""
    wait = 0 if skip and run.reached and at > run.began_at else policy.end_wait
    if not run.reached:
        m.note(at, Kind.UNREACHED, f"{policy.name}: no step reached anybody")
        if run.parent is not None and _skips(m, m.policies[m.runs[run.parent].policy_id]):
            hurry(m, run.parent, at)
    if wait or run.lap < policy.passes or policy.at_end is AtEnd.RESOLVE:
        m.set_run(run, due=at + wait)
    else:
        _finish(m, run, at)


def _finish(m: Motion, run: Run, at: int) -> None:
    """Over, but for repeats that are still to come."""
    if run.repeats:
        m.set_run(run, due=None)
    else:
        end(m, run, FINISHED, at)


def _end_lap(m: Motion, run: Run, policy: EscalationPolicy, at: int) -> None:
    """A lap that takes no time is the last: the next ones would page the same people at the same moment."""
    if run.lap < policy.passes and (policy.end_wait or (run.reached and run.began_at < at)):
        m.note(at, Kind.STEP, f"{policy.name}: begins again, pass {run.lap + 1} of {policy.passes}")
        run = m.set_run(run, step=0, lap=run.lap + 1, reached=False, began_at=at)
        m.set_run(run, due=step_due(policy, run, at))
    elif policy.at_end is AtEnd.RESOLVE and has_reached(m, run):
        other = next((one for one in m.live_runs() if one.number != run.number and has_more(m, one)), None)
        if other is None:
            end(m, run, FINISHED, at)
            resolve(m, f"policy {policy.name}", at, "the policy came to its end")
        else:
            m.note(at, Kind.RUN_ENDED, f"not resolved: {m.policies[other.policy_id].name} has steps left")
            _finish(m, run, at)
    else:
        if policy.end_wait and not policy.pagings_go_on:
            _release(m, _pagings_of(m, run.number), {run.number}, paging.POLICY_OVER)
        _finish(m, run, at)


def _pagings_of(m: Motion, number: int) -> list[Paging]:
    return [person for person in m.live_pagings() if person.run == number]


def take(m: Motion, run: Run, policy: EscalationPolicy, index: int, at: int) -> bool:
    """Does what a step says; whether it reached anybody: a person, or a policy that it calls; a machine, where it calls
    nobody else."""
    step = policy.steps[index]
    m.note(at, Kind.STEP, f"{policy.name}: step {index + 1} of {len(policy.steps)}")
    if step.action is Action.TICKET:
        return _ticket(m, run, step, at)
    if takes_turns(step):
        reached = any(_target(m, run, policy, step, target, at) for target in in_turn(m, step))
    else:
        each = [(target, _target(m, run, policy, step, target, at)) for target in step.targets]
        reached = any(did and (target.kind not in MACHINES or only_tells(step)) for target, did in each)
    if reached:
        m.set_run(m.runs[run.number], reached=True)
    return reached


def _ticket(m: Motion, run: Run, step: Step, at: int) -> bool:
    wanted = ticketing.want(m, run, step, at)
    now = m.runs[run.number]
    m.set_run(now, reached=True, told=now.told or m.now("ticketing") is not None)
    if wanted:
        stop_all(m, Stop.TICKETED, "ticketed")
    return True


def _target(m: Motion, run: Run, policy: EscalationPolicy, step: Step, target: Target, at: int) -> bool:
    urgency = step.urgency or run.urgency
    if target.kind is TargetKind.POLICY:
        return begin(m, target.id, urgency, at, parent=run.number)
    if target.kind in MACHINES:
        return tell(m, target, urgency, run, at)
    called = people(m.org, policy, target, at)
    if not called:
        m.note(at, Kind.SKIPPED, f"{policy.name}: {name_of(m, target)} has nobody now")
    reached = [_person(m, one, run, urgency, at) for one in called]
    return any(reached)


def _person(m: Motion, called: Called, run: Run, urgency: Urgency, at: int) -> bool:
    reached = paging.page_person(m, called, m.runs[run.number], urgency, at)
    now = m.runs[run.number]
    m.set_run(now, paged=_with(now.paged, called.user.id), asked=_with(now.asked, called.user.id))
    return reached


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def name_of(m: Motion, target: Target) -> str:
    if target.kind is TargetKind.SCHEDULE and target.id in m.org.schedules:
        return f"schedule {m.org.schedules[target.id].name} ({target.position})"
    if target.kind is TargetKind.TEAM and target.id in m.org.teams:
        return f"team {m.org.teams[target.id].name}"
    if target.kind is TargetKind.USER and target.id in m.org.users:
        return f"user {m.org.users[target.id].username}"
    return f"{target.kind} {target.id}"


def tell(m: Motion, target: Target, urgency: Urgency, run: Run | None, at: int) -> bool:
    """Sends to a machine. An endpoint that is gone is nobody."""
    channel, address, contact_id = "email", target.id, None
    if target.kind is not TargetKind.EMAIL:
        endpoint = m.org.endpoints.get(target.id)
        if endpoint is None:
            m.note(at, Kind.SKIPPED, f"{target.kind} {target.id} does not exist any more")
            return False
        channel, address, contact_id = endpoint.kind, endpoint.address, endpoint.id
    number = run.number if run else 0
    through = run is not None and paging.goes_through_ack(m, run)
    page = Page(at, Purpose.STEP, channel, address, urgency, "told by the step", None, contact_id, 0, number, through)
    m.pages.append(page)
    m.note(at, Kind.PAGE, f"telling {channel} {address}")
    if run is not None:
        m.set_run(m.runs[number], told=True)
    else:
        m.set_course(told=True)
    return True


def repeat(m: Motion, number: int, at: int) -> None:
    """A step acts again: its targets are asked anew, so a repeat after a handoff goes to the new people."""
    run = m.runs[number]
    policy = m.policies[run.policy_id]
    one = next(one for one in run.repeats if one.due == at)
    left = tuple(other for other in run.repeats if other is not one)
    if one.left > 1:
        left = (*left, Repeat(one.step, one.left - 1, at + (policy.steps[one.step].repeat_every or 0)))
    run = m.set_run(run, repeats=left)
    _take_anew(m, run, policy, one.step, at)
    run = m.runs[number]
    if run.due is None and not run.repeats and not run.ended:
        end(m, run, FINISHED, at)


def _take_anew(m: Motion, run: Run, policy: EscalationPolicy, index: int, at: int) -> None:
    """Whom the step calls is paged from their first contact on, though they may be being paged already. Who waits for
    their first page, by a policy of their own, goes on waiting: to begin anew would put it off each time."""
    step = policy.steps[index]
    targets = (step.targets[whose_turn(m, step)],) if takes_turns(step) else step.targets
    again = {called.user.id for target in targets for called in people(m.org, policy, target, at)}
    sent = [one for one in _pagings_of(m, run.number) if one.user_id in again and one.sent]
    paging.stop(m, sent, "the step acts again")
    take(m, run, policy, index, at)


def state_left(m: Motion, state: str, at: int) -> None:
    """The alert's state left this one: steps that wait for that act once, whatever their place, even after the end."""
    for run in list(m.runs.values()):
        policy = m.policies[run.policy_id]
        for index, step in enumerate(policy.steps):
            if step.on_state_left == state and m.runs[run.number].ended in ("", FINISHED):
                _take_anew(m, m.runs[run.number], policy, index, at)


def end(m: Motion, run: Run, why: str, at: int) -> None:
    m.set_run(m.runs[run.number], due=None, repeats=(), ended=why)
    m.note(at, Kind.RUN_ENDED, f"{m.policies[run.policy_id].name}: {why}")


def stop_all(m: Motion, event: Stop, why: str) -> None:
    """Ends the runs that this event ends, and the pagings they began. People named directly stop with an
    acknowledgement. Whatever an acknowledgement ends, a suppression ends too.
    """
    ends = {event, Stop.ACKNOWLEDGED} if event is Stop.SUPPRESSED else {event}
    over = {run.number for run in m.runs.values() if not ends.isdisjoint(m.policies[run.policy_id].stop_on)}
    for run in list(m.runs.values()):
        if run.number in over and not is_over(run):
            hold(m, run, why, for_good=event in FOR_GOOD)
    direct = event is not Stop.TICKETED
    pagings = [one for one in m.live_pagings() if one.run in over or (one.run is None and direct)]
    _release(m, pagings, over, why)


def go_on(m: Motion, at: int) -> None:
    """What held up the runs is over: those that resume go on, everything else begins again. That nobody was reached is
    to be said anew, for who was paged instead is paged no more."""
    m.unreached = False
    kept = [run for run in m.runs.values() if m.policies[run.policy_id].resumes]
    if not kept:
        restart(m, at)
        return
    theirs = {run.number for run in kept}
    for run in [run for run in m.runs.values() if run.number not in theirs]:
        del m.runs[run.number]
    for person in [one for one in m.pagings.values() if one.run not in theirs]:
        del m.pagings[person.number]
    for run in kept:
        resume(m, run, at)
    start(m, [one for one in m.now("starts") if one.policy_id not in {run.policy_id for run in kept}], at)


def answered(m: Motion, run: Run, by: str) -> None:
    """In a multi-responder incident: somebody whom this run paged answered for it."""
    m.set_run(run, answered_by=by, due=None, repeats=(), ended="acknowledged")
    _release(m, _pagings_of(m, run.number), {run.number}, f"{by} answered")


def _release(m: Motion, pagings: list[Paging], over: set[int], why: str) -> None:
    """Stops pagings that the runs `over` no longer want. Whom another run wants as well goes on being paged for it."""
    for one in pagings:
        other = next((run for run in m.runs.values() if run.number not in over and _wants(m, run, one)), None)
        if other is not None:
            m.set_paging(one, run=other.number)
        else:
            paging.stop(m, [one], why)


def _wants(m: Motion, run: Run, one: Paging) -> bool:
    present = run.paged if m.policies[run.policy_id].pagings_go_on else run.asked
    return run.ended in ("", FINISHED) and run.answered_by is None and one.user_id in present


def resolve(m: Motion, by: str, at: int, note: str = "", manual: bool = False) -> None:
    """Ends everything. `by` is a user name or what did it."""
    m.enter(Phase.RESOLVED, at, by, note, manual)
    m.changes.update(resolved_at=at, resolved_by=by)
    stop_all_now(m, "resolved")
    m.set_course(snoozed_until=None, suppressed_until=None, ack_deadline=None, resolve_deadline=None, muted_until=None)
    m.note(at, Kind.RESOLVED, f"resolved by {by}" + (f": {note}" if note else ""), actor=by)


def stop_all_now(m: Motion, why: str) -> None:
    for run in m.live_runs():
        m.set_run(run, due=None, repeats=(), ended=why)
    paging.stop(m, m.live_pagings(), why)


def restart(m: Motion, at: int) -> None:
    """Begins again with what the incident was started with, or rerouted to. What is followed is begun as it is now."""
    stop_all_now(m, "begun again")
    m.runs.clear()
    m.pagings.clear()
    m.unreached = False
    m.policies = {id: policy for id, policy in m.policies.items() if not policy.follows}
    start(m, m.now("starts"), at)
