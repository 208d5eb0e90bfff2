"""An escalation policy as the core runs it: steps by their own clocks, and the rule that selects it.

The documents of the steps are kept beside the core's, each by the id of its step, with the targets that its recipients
meant: so what another dialect changed since is told from a reference that nobody could resolve.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from watchbill.api.opsramp import criteria, desk
from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.escalation_body import (
    INCIDENT,
    MANUAL,
    OBSERVED,
    OFF,
    ON,
    RECOMMEND,
    UNTIL_SUPPRESSED,
    Document,
)
from watchbill.api.opsramp.kept import keeping, kept
from watchbill.api.opsramp.recipients import Known, mailing_address
from watchbill.domain import check_values as values
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, EscalationPolicy, Since, Step, Stop, Target, TargetKind, TicketOrder
from watchbill.domain.routes import Rule, Start

# The usual time between two messages, in minutes (a client's default; reference, part 8.6).
USUAL_FREQUENCY = 5
# Rules without a precedence come after all that have one.
LAST = (1 << 53) - 1
LONGEST_NAME = 200

URGENCIES: Mapping[str, Urgency] = {
    "verylow": Urgency.LOW,
    "low": Urgency.LOW,
    "high": Urgency.HIGH,
    "urgent": Urgency.HIGH,
}
STATES = ("critical", "warning")
STOPS = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED, Stop.CLOSED, Stop.SUPPRESSED})
DOCUMENT, STEPS, RULE = "document", "steps", "rule"


def plain_name(name: str) -> str:
    """A policy's name as every dialect can have it: on one line, not too long."""
    printable = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(printable.split())[:LONGEST_NAME].strip() or "policy"


def acts(document: Body) -> bool:
    return bool(document["enabledMode"] == ON and document["escalationType"] != MANUAL)


def watches(document: Body) -> bool:
    """Whether it tells what it would do: the mode is for policies that make incidents (reference, part 8.2)."""
    makes = any(step.get("action") == INCIDENT for step in document["escalations"])
    return makes and document["enabledMode"] in (OBSERVED, RECOMMEND)


def compiled(
    policy: EscalationPolicy, document: Document, steps: Sequence[tuple[str, Body]], known: Known
) -> EscalationPolicy:
    """The policy with this document, and its steps as the core has them. Steps of the same clock keep their order."""
    made = [_remembering(policy, step_of(id, step, known), step, known) for id, step in steps]
    pairs = zip(made, steps, strict=True)
    facts = [{"id": step.id, "document": dict(body), "targets": told(step)} for step, (_, body) in pairs]
    rest = {key: value for key, value in document.items() if key != "escalations"}
    stops = STOPS if document["escalationType"] == UNTIL_SUPPRESSED else STOPS | {Stop.TICKETED}
    after = replace(
        policy,
        name=plain_name(document["name"]),
        steps=tuple(sorted(made, key=lambda step: step.wait)),
        stop_on=stops,
        active=document["enabledMode"] != OFF,
        once_each=True,
        resumes=True,
        follows=True,
        precedence=document.get("precedence"),
    )
    return keeping(after, {**kept(policy), DOCUMENT: rest, STEPS: facts})


def _remembering(policy: EscalationPolicy, step: Step, body: Body, known: Known) -> Step:
    """The step with those that a reference meant when it was sent, where it names nobody any more: somebody with
    another login name by now is meant as before."""
    fact = next((one for one in kept_steps(policy) if one["id"] == step.id), None)
    before = next((one for one in policy.steps if one.id == step.id), None)
    if fact is None or before is None:
        return step
    stay = {str(one.get("id")) for one in body.get("recipients") or ()}
    meant = {str(one.get("id")): known.target(one) for one in fact[DOCUMENT].get("recipients") or ()}
    if not any(target is None and id in stay for id, target in meant.items()):
        return step
    lost = [target for target in before.targets if target not in meant.values()]
    return replace(step, targets=tuple(dict.fromkeys([*step.targets, *lost])))


def told(step: Step) -> list[list[str]]:
    return [[target.kind.value, target.id] for target in step.targets]


def step_of(id: str, step: Body, known: Known) -> Step:
    """The core's step: its wait counts from the alert's creation, its limit counts the first message too."""
    wait = (step.get("waitMins") or 0) * MINUTE
    if step["action"] == INCIDENT:
        people = tuple(dict.fromkeys(_people(step.get("incident") or {}, known)))
        return Step(id, people, wait, Since.START, action=Action.TICKET, ticket=order_of(step, known))
    found = [known.target(recipient) for recipient in step.get("recipients") or ()]
    limit = step.get("notifyLimitCount") or 1
    left = str(step.get("alertStateTransitionFrom") or "").lower()
    return Step(
        id,
        tuple(dict.fromkeys(target for target in found if target is not None)),
        wait,
        Since.START,
        repeat_every=(step.get("repeatFrequency") or USUAL_FREQUENCY) * MINUTE if limit > 1 else None,
        repeat_limit=limit,
        urgency=URGENCIES.get("".join(str(step.get("priority")).split()).lower()),
        on_state_left=left if left in STATES else None,
    )


def _people(incident: Body, known: Known) -> Iterator[Target]:
    """Who gets the mails about the incident: those it is assigned to, and the addresses that it names."""
    user, group, duty = (_named(incident, name) for name in ("assignedUser", "assigneeGroup", "notifyRoster"))
    person = known.user(str(user.get("id", ""))) or known.user(str(user.get("loginName", "")))
    if person is not None:
        yield Target(TargetKind.USER, person.id)
    team = known.group(str(group.get("uniqueId", ""))) or known.group_named(str(group.get("name", "")))
    if team is not None:
        address = mailing_address(team)
        yield Target(TargetKind.EMAIL, address) if address else Target(TargetKind.TEAM, team.id)
    roster = known.roster(str(duty.get("id", "")))
    if roster is not None:
        yield Target(TargetKind.SCHEDULE, roster.id)
    for address in re.split(r"[,;\s]+", f"{incident.get('toEmail') or ''},{incident.get('cc') or ''}"):
        if address and not any(values.email("", address)):
            yield Target(TargetKind.EMAIL, address)


def _named(incident: Body, field: str) -> Body:
    found = incident.get(field)
    return found if isinstance(found, Mapping) else {}


def order_of(step: Body, known: Known) -> TicketOrder:
    """What ticket an incident step makes, and how later alerts change it. A priority that is not said follows from
    impact and urgency (reference, part 11.2)."""
    fields = dict(step.get("incident") or {})
    if not fields.get("priority"):
        told = desk.priority_from(known.org, fields.get("businessImpact"), fields.get("urgency"))
        fields |= {"priority": told} if told is not None else {}
    return TicketOrder(
        fields=fields,
        updates=dict(step.get("updateIncident") or {}),
        notify=step.get("notifyIncident") or "",
    )


def rule_of(policy: EscalationPolicy, document: Body, rule: Rule, tenant: Organization, tenant_id: str) -> Rule:
    """What selects it. One that only watches remarks what it would do; a partner's acts on its clients' alerts too."""
    precedence = document.get("precedence")
    return replace(
        rule,
        name=policy.name,
        order=LAST if precedence is None else max(-LAST, min(precedence, LAST)),
        condition=criteria.condition(document, tenant_id),
        starts=(Start(policy.id),) if acts(document) else (),
        active=acts(document) or watches(document),
        beside=True,
        clients=tenant.parent is None,
        remark=_remark(policy, document) if watches(document) else "",
    )


def _remark(policy: EscalationPolicy, document: Body) -> str:
    step = document["escalations"][-1]
    priority = (step.get("incident") or {}).get("priority") or "usual"
    verb = "would open" if document["enabledMode"] == OBSERVED else "recommends"
    return f"policy {policy.name} {verb} an incident of {priority} priority after {step.get('waitMins') or 0} minutes"


def kept_steps(policy: EscalationPolicy) -> Sequence[Mapping[str, Any]]:
    found = kept(policy).get(STEPS)
    return found if isinstance(found, list | tuple) else ()


def paired(
    shown: Sequence[tuple[str, Body]], steps: Sequence[Body], new_id: Callable[[], str]
) -> list[tuple[str, Body]]:
    """Each step with an id: one that is as it was keeps its own, the others take the ids that are left, in order, of
    steps with the same action. So a run that is under way knows which of its steps have acted."""
    free = dict(shown)
    ids = [_taken(free, step, whole=True) for step in steps]
    ids = [id or _taken(free, step, whole=False) for id, step in zip(ids, steps, strict=True)]
    return [(id or new_id(), step) for id, step in zip(ids, steps, strict=True)]


def _taken(free: dict[str, Body], step: Body, whole: bool) -> str | None:
    for id, body in free.items():
        if body == step if whole else body["action"] == step["action"]:
            del free[id]
            return id
    return None
