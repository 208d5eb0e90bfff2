"""Whom a run reaches: whose turn it is, whether anybody may still answer, and going on at once when nobody can."""

from collections.abc import Iterator

from watchbill.domain.incident import Run
from watchbill.domain.motion import Motion
from watchbill.domain.plans import Action, Assignment, EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.record import replace
from watchbill.domain.timeline import Kind

MACHINES = (TargetKind.EMAIL, TargetKind.WEBHOOK, TargetKind.CHAT)


def timed(policy: EscalationPolicy, index: int) -> int:
    """The index of the first step at or after `index` that acts by time; the number of steps when there is none."""
    while index < len(policy.steps) and policy.steps[index].on_state_left is not None:
        index += 1
    return index


def only_tells(step: Step) -> bool:
    """Whether it means machines only, or makes a ticket: then it has reached what it is for without anybody being
    paged. Where people are to be paged, a machine that is told stands in for none of them."""
    counted = any if step.assignment is Assignment.ROUND_ROBIN else all
    return step.action is Action.TICKET or counted(target.kind in MACHINES for target in step.targets)


def means_people(step: Step) -> bool:
    """Whether it is to reach anybody but machines: itself, not by a policy that it calls, which has its own steps."""
    own = replace(step, targets=tuple(target for target in step.targets if target.kind is not TargetKind.POLICY))
    return bool(own.targets) and not only_tells(own)


def was_told(m: Motion, run: Run) -> bool:
    """Whether a run told a machine that was all it was to reach, or made a ticket."""
    steps = m.policies[run.policy_id].steps
    ticket = any(step.action is Action.TICKET for step in steps)
    return run.told and (ticket or all(only_tells(step) for step in steps))


def hurry(m: Motion, number: int, at: int) -> None:
    """When nobody whom the run's last step called can be reached, its next step is taken now. A run that has none left
    leaves that to the one that called it.
    """
    run = m.runs[number]
    if step_reaches(m, run):
        return
    if run.ended or run.due is None or run.step == 0:
        if run.parent is not None:
            hurry(m, run.parent, at)
    elif run.due > at:
        what = "the next step is taken" if has_step_left(m, run) else "its pass ends"
        m.note(at, Kind.SKIPPED, f"{m.policies[run.policy_id].name}: nobody was reached; {what} now")
        m.set_run(run, due=at)


def step_reaches(m: Motion, run: Run) -> bool:
    """Whether somebody may still answer to the step that the run took last."""
    if run.step == 0:
        return False
    step = m.policies[run.policy_id].steps[run.step - 1]
    if run.told and only_tells(step):
        return True
    if any(target.kind is TargetKind.POLICY for target in step.targets) and _called_reaches(m, run):
        return True
    return can_answer(m, run.asked)


def reaches(m: Motion, run: Run) -> bool:
    """Whether anybody may still answer to any of the run's steps."""
    return was_told(m, run) or can_answer(m, run.paged) or _called_reaches(m, run)


def has_reached(m: Motion, run: Run) -> bool:
    """Whether anybody was reached already who may still answer: not by steps that are still to come."""
    called = [one for one in m.runs.values() if one.parent == run.number]
    return was_told(m, run) or can_answer(m, run.paged) or any(has_reached(m, one) for one in called)


def _called_reaches(m: Motion, run: Run) -> bool:
    called = [one for one in m.runs.values() if one.parent == run.number]
    return any((one.due is not None and has_step_left(m, one)) or reaches(m, one) for one in called)


def can_answer(m: Motion, user_ids: tuple[str, ...]) -> bool:
    last = {one.user_id: one for one in m.pagings.values()}
    return any(user_id in last and not last[user_id].hopeless for user_id in user_ids)


def has_step_left(m: Motion, run: Run) -> bool:
    """Whether the run's lap has a step that is still to act by time."""
    policy = m.policies[run.policy_id]
    return timed(policy, run.step) < len(policy.steps)


def has_more(m: Motion, run: Run) -> bool:
    """Whether the run is still to act by time, in this lap or another one."""
    again = run.lap < m.policies[run.policy_id].passes
    return bool(run.repeats) or (run.due is not None and (again or has_step_left(m, run)))


def takes_turns(step: Step) -> bool:
    return step.assignment is Assignment.ROUND_ROBIN and len(step.targets) > 1


def whose_turn(m: Motion, step: Step) -> int:
    """The place of the target of a round-robin step whose turn it is."""
    return (m.turns.get(step.id, 0) + m.turns_used.count(step.id)) % len(step.targets)


def in_turn(m: Motion, step: Step) -> Iterator[Target]:
    """The target of a round-robin step whose turn it is; each that is asked for after it uses up a turn too."""
    for _ in step.targets:
        place = whose_turn(m, step)
        m.turns_used.append(step.id)
        yield step.targets[place]
