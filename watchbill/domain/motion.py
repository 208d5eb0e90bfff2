"""An incident while a decision is being made about it: what the pure functions of escalation write on.

A Motion is made from a value, changed by one decision, and frozen into an Outcome; it never leaves the domain.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from watchbill.domain.incident import (
    Course,
    Incident,
    Outcome,
    Page,
    Paging,
    Phase,
    Run,
    TicketWanted,
    Transition,
)
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.record import replace
from watchbill.domain.timeline import Entry, Kind


class Motion:
    """`changes` are the fields of the incident that move, `shape` those of its course besides runs and pagings.

    `turns` is how many round-robin turns each step had used up when the decision began.
    """

    def __init__(self, org: Organization, incident: Incident, turns: Mapping[str, int]) -> None:
        course = incident.course
        self.org = org.acting
        self.incident = incident
        self.course = course
        self.turns = turns
        self.phase = incident.phase
        self.urgency = incident.urgency
        self.muted = incident.muted
        self.unreached = incident.unreached
        self.policies = {policy.id: policy for policy in course.policies}
        self.runs = {run.number: run for run in course.runs}
        self.pagings = {paging.number: paging for paging in course.pagings}
        self.serial = course.serial
        self.moved = False
        self.changes: dict[str, Any] = {}
        self.shape: dict[str, Any] = {}
        self.transitions: list[Transition] = []
        self.entries: list[Entry] = []
        self.pages: list[Page] = []
        self.tickets: list[TicketWanted] = []
        self.turns_used: list[str] = []

    # What stands now
    def now(self, name: str) -> Any:
        """A field of the course as it is by now."""
        return self.shape[name] if name in self.shape else getattr(self.course, name)

    def stands(self, name: str) -> Any:
        """A field of the incident as it is by now, but for those that have a place of their own here."""
        return self.changes[name] if name in self.changes else getattr(self.incident, name)

    @property
    def rests(self) -> bool:
        """Suppressed, healed, or stood for by another one: nobody is to be paged, though it is triggered."""
        return any(self.stands(name) is not None for name in ("suppressed_at", "healed_at", "group"))

    def live_runs(self) -> list[Run]:
        return [run for run in self.runs.values() if not run.ended]

    def live_pagings(self) -> list[Paging]:
        return [paging for paging in self.pagings.values() if not paging.ended]

    # What is written
    def note(self, at: int, kind: Kind, text: str, user_id: str | None = None, actor: str = "", **data: object) -> None:
        self.entries.append(Entry(at, kind, text, user_id, actor, data or None))

    def set_run(self, run: Run, **fields: Any) -> Run:
        run = replace(run, **fields) if fields else run
        self.runs[run.number] = run
        self.moved = True
        return run

    def set_paging(self, paging: Paging, **fields: Any) -> Paging:
        paging = replace(paging, **fields) if fields else paging
        self.pagings[paging.number] = paging
        self.moved = True
        return paging

    def set_course(self, **fields: Any) -> None:
        self.shape.update(fields)
        self.moved = True

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def plan(self, policy_id: str) -> EscalationPolicy | None:
        """The policy of that id as this incident took it; taken from the organization the first time."""
        policy = self.policies.get(policy_id)
        if policy is None:
            policy = self.org.policies.get(policy_id)
            if policy is not None:
                for found in with_nested(self.org, policy):
                    self.policies.setdefault(found.id, found)
                self.moved = True
        return policy

    def enter(self, phase: Phase, at: int, by: str = "", note: str = "", manual: bool = False) -> None:
        self.phase = phase
        self.changes.update(phase=phase, phase_at=at)
        self.transitions.append(Transition(phase, at, by, manual, note))

    # The result
    def _frozen_course(self) -> Course:
        return replace(
            self.course,
            policies=tuple(self.policies.values()),
            runs=tuple(self.runs.values()),
            pagings=tuple(self.pagings.values()),
            serial=self.serial,
            **self.shape,
        )

    def outcome(self) -> Outcome:
        """The incident with all that moved, and everything said and asked for on the way."""
        incident, changes = self.incident, self.changes
        if self.muted is not incident.muted:
            changes["muted"] = self.muted
        if self.unreached is not incident.unreached:
            changes["unreached"] = self.unreached
        if self.transitions:
            changes["transitions"] = incident.transitions + tuple(self.transitions)
        if self.moved:
            changes["course"] = self._frozen_course()
        return Outcome(
            replace(incident, **changes) if changes else incident,
            tuple(self.entries),
            tuple(self.pages),
            tuple(self.tickets),
            tuple(self.turns_used),
        )


def with_nested(org: Organization, policy: EscalationPolicy) -> Iterator[EscalationPolicy]:
    """The policy and every policy that its steps call, each once, however they call each other."""
    waiting, seen = [policy], {policy.id}
    while waiting:
        current = waiting.pop(0)
        yield current
        for step in current.steps:
            for target in step.targets:
                called = org.policies.get(target.id)
                if called is not None and called.id not in seen:
                    seen.add(called.id)
                    waiting.append(called)
