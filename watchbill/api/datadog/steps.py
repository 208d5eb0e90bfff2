"""Steps of an escalation policy on the wire, and their targets (reference, part 4.4).

A step says here how long it is waited for; in the core, what goes before a step. What this dialect can't say of a step
stays when it writes: other targets (a mailbox, a webhook, another policy), repeats, tickets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from watchbill.api.datadog.documents import Resource, resource, to_one
from watchbill.api.datadog.fields import Fields
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Action, Assignment, EscalationPolicy, Since, Step, Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.rota import Position

MOST_STEPS = 10
MOST_TARGETS = 10
SHORTEST, LONGEST = 60, 36_000
UNSAID_SECONDS = 300

TYPES = {TargetKind.USER: "users", TargetKind.SCHEDULE: "schedules", TargetKind.TEAM: "teams"}
KINDS = {name: kind for kind, name in TYPES.items()}
ASSIGNMENTS = {"default": Assignment.ALL, "round-robin": Assignment.ROUND_ROBIN}
SAID = {assignment: name for name, assignment in ASSIGNMENTS.items()}


def visible(policy: EscalationPolicy) -> list[Step]:
    """The steps that act by time; those that wait for a state of the alert are unknown here."""
    return [step for step in policy.steps if step.on_state_left is None]


# --- What is answered


def step_resource(step: Step, seconds: int) -> Resource:
    links = [{"id": _id(target), "type": _type(target)} for target in known_targets(step)]
    attributes = {"assignment": SAID[step.assignment], "escalate_after_seconds": seconds}
    return resource("steps", step.id, attributes, {"targets": {"data": links}})


def positioned(step: Step) -> Iterator[Resource]:
    """The targets that mean a schedule before or after now: resources of their own."""
    for target in known_targets(step):
        if _type(target) == "schedule_target":
            attributes = {"position": target.position.value}
            yield resource("schedule_target", _id(target), attributes, {"schedule": to_one("schedules", target.id)})


def known_targets(step: Step) -> list[Target]:
    return [target for target in step.targets if target.kind in TYPES]


def _type(target: Target) -> str:
    return TYPES[target.kind] if target.position is Position.CURRENT else "schedule_target"


def _id(target: Target) -> str:
    return target.id if target.position is Position.CURRENT else f"{target.id}_{target.position}"


def seconds_of(policy: EscalationPolicy) -> list[int]:
    """After how many seconds each visible step gives way, within what clients take."""
    return [min(max(span // SECOND, SHORTEST), LONGEST) for span in _spans(policy)]


def _spans(policy: EscalationPolicy) -> list[int]:
    begins, at = [], 0
    for step in visible(policy):
        at = at + step.wait if step.since is Since.PREVIOUS else max(at, step.wait)
        begins.append(at)
    return [later - begin for begin, later in pairwise(begins)] + [policy.end_wait]


# --- What is asked


@record
class Asked:
    """A step as asked for, and for how long it is waited for (microseconds)."""

    step: Step
    span: int


def steps_asked(org: Organization, given: Sequence[Fields], stored: EscalationPolicy) -> EscalationPolicy:
    """The policy with these steps. One that names a step of the policy is that step; a new one has no id yet."""
    before = visible(stored)
    if not 1 <= len(given) <= max(MOST_STEPS, len(before)):
        raise Fields({}).wrong("steps", f"must have between 1 and {MOST_STEPS} items")
    shown = zip(before, _spans(stored), seconds_of(stored), strict=True) if before else ()
    known = {step.id: (step, span, seconds) for step, span, seconds in shown}
    asked = [_step(org, one, known.get((one.maybe_text("id") or "").lower())) for one in given]
    hidden = [step for step in stored.steps if step.on_state_left is not None]
    if [one.step.id for one in asked] == [step.id for step in before] and [one.span for one in asked] == _spans(stored):
        steps = [one.step for one in asked]
    else:
        steps = _in_turn(asked, before[0].wait if before else 0)
    return replace(stored, steps=(*steps, *hidden), end_wait=asked[-1].span)


def _in_turn(asked: Sequence[Asked], first: int) -> list[Step]:
    """Each after the step before it; `first` is how long the first one has been waiting for ever since."""
    waits = [first, *(one.span for one in asked[:-1])]
    return [replace(one.step, wait=wait, since=Since.PREVIOUS) for one, wait in zip(asked, waits, strict=True)]


def _step(org: Organization, given: Fields, stored: tuple[Step, int, int] | None) -> Asked:
    before, span, shown = stored or (Step("", ()), 0, 0)
    seconds = given.maybe_whole("escalate_after_seconds", SHORTEST, LONGEST) or UNSAID_SECONDS
    assignment = ASSIGNMENTS[given.maybe_choice("assignment", tuple(ASSIGNMENTS)) or "default"]
    step = replace(before, assignment=assignment, targets=_targets(org, given, before))
    return Asked(step, span if stored and seconds == shown else seconds * SECOND)


def _targets(org: Organization, given: Fields, stored: Step) -> tuple[Target, ...]:
    """The targets asked for, then those that can't be asked for here."""
    before = known_targets(stored)
    hidden = [target for target in stored.targets if target.kind not in TYPES]
    asked = [_target(org, one, before) for one in given.each("targets")]
    least = 0 if hidden or stored.action is Action.TICKET else 1
    most = max(MOST_TARGETS, len(before))
    if not least <= len(asked) <= most:
        raise given.wrong("targets", f"must have between {least} and {most} items")
    return (*asked, *hidden)


def _target(org: Organization, given: Fields, stored: Iterable[Target]) -> Target:
    kind = KINDS[given.choice("type", tuple(KINDS))]
    target = Target(kind, given.text("id").lower(), _position(given, kind))
    if target.id not in _there(org)[kind]:
        raise given.wrong("id", f"names an unknown {kind}")
    same = (one for one in stored if (one.kind, one.id, one.position) == (kind, target.id, target.position))
    return next(same, target)


def _position(given: Fields, kind: TargetKind) -> Position:
    config = given.maybe_inner("config")
    schedule = config.maybe_inner("schedule") if config else None
    if not schedule:
        return Position.CURRENT
    if kind is not TargetKind.SCHEDULE:
        raise given.wrong("config", "is only for schedules")
    return Position(schedule.maybe_choice("position", [each.value for each in Position]) or Position.CURRENT)


def _there(org: Organization) -> Mapping[TargetKind, Mapping[str, object]]:
    return {TargetKind.USER: org.users, TargetKind.SCHEDULE: org.schedules, TargetKind.TEAM: org.teams}
