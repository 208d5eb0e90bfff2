"""Runs that are held up and go on again, and runs that go by their policy as it is changed."""

from watchbill.domain import paging
from watchbill.domain.incident import Held, Phase, Repeat, Run
from watchbill.domain.motion import Motion
from watchbill.domain.plans import EscalationPolicy, Since, Step, Stop
from watchbill.domain.reaching import timed
from watchbill.domain.record import replace
from watchbill.domain.timeline import Kind

FINISHED = "finished"
# Of a policy that was switched off or removed: it starts as a new one when it is back.
OFF = "switched off"


def is_over(run: Run) -> bool:
    """Whether it will never act again, not even when a state is left."""
    return run.ended not in ("", FINISHED) and run.held is None


def kept_quiet(m: Motion, policy: EscalationPolicy) -> str:
    """The state of the incident, if any, in which this policy sends nothing: one that would end it (see `stop_all`;
    OpsRamp reference, part 10)."""
    acknowledged = Stop.ACKNOWLEDGED in policy.stop_on
    if m.stands("suppressed_at") is not None and (acknowledged or Stop.SUPPRESSED in policy.stop_on):
        return "suppressed"
    return "acknowledged" if acknowledged and m.phase is Phase.ACKNOWLEDGED else ""


def hold(m: Motion, run: Run, why: str, for_good: bool = False) -> None:
    """Ends a run; one whose policy resumes keeps what it has left, unless this is for good."""
    held = run.held
    if held is None and run.ended in ("", FINISHED) and m.policies[run.policy_id].resumes:
        held = Held(run.due, run.repeats, run.ended)
    m.set_run(run, due=None, repeats=(), ended=why, held=None if for_good else held)


def resume(m: Motion, run: Run, at: int) -> None:
    """Goes on with what was left, by the clock that it had. What was to be sent meanwhile is not made up for: a repeat
    waits for its next turn. A step that has not acted yet, and has no next turn, acts now."""
    held = run.held
    if held is None:
        return
    policy = m.policies[run.policy_id]
    repeats = [_next_turn(policy.steps[one.step], one, at) for one in held.repeats]
    run = m.set_run(run, ended=held.ended, held=None)
    index = timed(policy, run.step)
    due = held.due
    if due is not None and index < len(policy.steps) and policy.steps[index].since is Since.START:
        due = started_at(policy.steps[index], run)
    while due is not None and due < at and index < len(policy.steps) and policy.steps[index].since is Since.START:
        step = policy.steps[index]
        sends = step.repeat_limit if step.repeat_every else 1
        repeats.append(_next_turn(step, Repeat(index, sends, due), at))
        index = timed(policy, index + 1)
        due = started_at(policy.steps[index], run) if index < len(policy.steps) else policy.end_wait + at
    if index >= len(policy.steps) and not _goes_round(policy):
        due = None
    over = due is None and not repeats
    m.set_run(
        run,
        step=index,
        due=None if due is None else max(due, at),
        repeats=tuple(repeats),
        ended=FINISHED if over else held.ended,
    )


def started_at(step: Step, run: Run) -> int:
    """When a step acts that counts from the start of its run."""
    return run.began_at + step.wait


def _goes_round(policy: EscalationPolicy) -> bool:
    return bool(policy.passes > 1 or policy.end_wait)


def _next_turn(step: Step, repeat: Repeat, at: int) -> Repeat:
    if repeat.due >= at:
        return repeat
    if not step.repeat_every:
        return replace(repeat, due=at)
    missed = -((repeat.due - at) // step.repeat_every)
    return replace(repeat, due=repeat.due + missed * step.repeat_every)


def follow(m: Motion, at: int) -> None:
    """Policies that are followed are taken as they are now: a step that is gone stops, a wait that changed counts where
    the step has not acted yet, and a policy that is switched off or gone ends."""
    for run in list(m.runs.values()):
        plan = m.policies[run.policy_id]
        if not plan.follows or is_over(run):
            continue
        current = m.org.policies.get(run.policy_id)
        if current is None or not current.active:
            hold(m, run, OFF, for_good=True)
            paging.stop(m, [one for one in m.live_pagings() if one.run == run.number], OFF)
            m.note(at, Kind.RUN_ENDED, f"{plan.name}: {OFF if current else 'removed'}")
        else:
            _renew(m, run, plan, current, at)


def _renew(m: Motion, run: Run, plan: EscalationPolicy, current: EscalationPolicy, at: int) -> None:
    renewed = _reordered(plan, current, run.step)
    if renewed == plan:
        return
    known = {step.id for step in renewed.steps}
    done = sum(step.id in known for step in plan.steps[: run.step])
    m.policies[plan.id] = renewed
    m.note(at, Kind.ROUTED, f"{current.name} was changed: it goes on as it is now")
    held = run.held
    if held is not None:
        still = None if held.ended else _due(plan, renewed, run, done, held.due or at)
        held = replace(held, due=still, repeats=_carried(plan, renewed, held.repeats))
    repeats = _carried(plan, renewed, run.repeats)
    due = None if run.ended else _due(plan, renewed, run, done, run.due or at)
    over = not run.ended and due is None and not repeats
    m.set_run(
        run,
        step=done,
        due=None if due is None else max(due, at),
        repeats=repeats,
        held=held,
        ended=FINISHED if over else run.ended,
    )


def _reordered(plan: EscalationPolicy, current: EscalationPolicy, taken: int) -> EscalationPolicy:
    """The policy as it is now, the steps that acted already first, in the order in which they did."""
    by_id = {step.id: step for step in current.steps}
    done = [by_id.pop(step.id) for step in plan.steps[:taken] if step.id in by_id]
    return replace(current, steps=(*done, *by_id.values()))


def _carried(plan: EscalationPolicy, renewed: EscalationPolicy, repeats: tuple[Repeat, ...]) -> tuple[Repeat, ...]:
    """The repeats that are left, by the new limits."""
    places = {step.id: index for index, step in enumerate(renewed.steps)}
    left = []
    for one in repeats:
        before = plan.steps[one.step]
        index = places.get(before.id)
        if index is None:
            continue
        still = renewed.steps[index].repeat_limit - (before.repeat_limit - one.left)
        if still > 0 and renewed.steps[index].repeat_every:
            left.append(Repeat(index, still, one.due))
    return tuple(left)


def _due(plan: EscalationPolicy, renewed: EscalationPolicy, run: Run, done: int, due: int) -> int | None:
    """When the run acts next, having been due at `due`; None when no step is left."""
    index = timed(renewed, done)
    if index >= len(renewed.steps):
        return due if _goes_round(renewed) else None
    step, before = renewed.steps[index], plan.steps[timed(plan, run.step) :][:1]
    if step.since is Since.START:
        return started_at(step, run)
    waited = [one.wait for one in before if one.since is Since.PREVIOUS]
    return due - waited[0] + step.wait if waited else due
