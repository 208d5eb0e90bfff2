"""What makes an escalation policy or one of its targets unfit."""

from collections.abc import Container, Iterator, Mapping, Sequence

from watchbill.domain import check_values as values
from watchbill.domain.check_people import unknown
from watchbill.domain.check_rota import teams
from watchbill.domain.check_values import Flaw, below
from watchbill.domain.civil import SECOND
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind

MOST_STEPS = 100
MOST_TARGETS = 200
MOST_PASSES = 1000
MOST_SENDS = 10_000

MACHINES = (TargetKind.WEBHOOK, TargetKind.CHAT, TargetKind.EMAIL)


def policy(org: Organization, given: EscalationPolicy) -> Iterator[Flaw]:
    yield from values.slug("slug", given.slug)
    yield from values.name("name", given.name)
    if given.team_id is not None and given.team_id not in org.teams:
        yield "team_id", unknown("team", given.team_id)
    yield from teams(org, given.team_ids)
    yield from values.count("passes", given.passes, 1, MOST_PASSES)
    yield from values.duration("end_wait", given.end_wait)
    yield from values.count("steps", len(given.steps), 0, MOST_STEPS)
    for index, step in enumerate(given.steps):
        yield from below(f"steps[{index}]", _step(org, step))


def _step(org: Organization, step: Step) -> Iterator[Flaw]:
    yield from values.duration("wait", step.wait)
    yield from values.duration("repeat_every", step.repeat_every, SECOND)
    yield from values.count("repeat_limit", step.repeat_limit, 1, MOST_SENDS)
    yield from values.line("on_state_left", step.on_state_left or "")
    yield from targets(org, "targets", step.targets)


def targets(org: Organization, path: str, given: Sequence[Target]) -> Iterator[Flaw]:
    yield from values.count(path, len(given), 0, MOST_TARGETS)
    for index, target in enumerate(given):
        yield from below(f"{path}[{index}]", _target(org, target))


def machines(org: Organization, path: str, given: Sequence[Target]) -> Iterator[Flaw]:
    """Targets of which none is a person, for what is told at once."""
    yield from targets(org, path, given)
    for index, target in enumerate(given):
        if target.kind not in MACHINES:
            yield f"{path}[{index}]", f"A {target.kind} can't be told at once. Name an e-mail, a webhook or a chat."


def _target(org: Organization, target: Target) -> Iterator[Flaw]:
    if target.kind is TargetKind.EMAIL:
        yield from values.email("id", target.id)
    elif target.kind in (TargetKind.WEBHOOK, TargetKind.CHAT):
        endpoint = org.endpoints.get(target.id)
        if endpoint is None:
            yield "id", unknown("endpoint", target.id)
        elif endpoint.kind != target.kind:
            yield "id", f"'{endpoint.slug}' is a {endpoint.kind}. Name it as {endpoint.kind}, or name a {target.kind}."
    elif target.id not in _named(org, target.kind):
        yield "id", unknown("escalation policy" if target.kind is TargetKind.POLICY else target.kind, target.id)


def _named(org: Organization, kind: TargetKind) -> Container[str]:
    known: Mapping[TargetKind, Container[str]] = {
        TargetKind.USER: org.users,
        TargetKind.SCHEDULE: org.schedules,
        TargetKind.TEAM: org.teams,
        TargetKind.POLICY: org.policies,
    }
    return known[kind]
