"""Escalation policies as they are shown: as they were sent, completed by what is known, and corrected where the core's
policy was changed elsewhere (reference, parts 7 and 8)."""

from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp.authors import author
from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.escalation_body import (
    INCIDENT,
    MODES,
    NOTIFICATION,
    OFF,
    ON,
    UNTIL_SUPPRESSED,
    UNTIL_TICKETED,
    Document,
    learns,
)
from watchbill.api.opsramp.escalation_core import DOCUMENT, kept_steps, plain_name, step_of, told
from watchbill.api.opsramp.ids import POLICY
from watchbill.api.opsramp.kept import created_at, kept, updated_at
from watchbill.api.opsramp.recipients import Known
from watchbill.api.opsramp.references import completed
from watchbill.api.opsramp.tenancy import activated, tenant_id
from watchbill.api.opsramp.times import stamp
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, Assignment, AtEnd, EscalationPolicy, Since, Step, Stop, Target

KIND, ALL_CLIENTS = "ESCALATION_POLICY", "allClients"
CREATED_BY, UPDATED_BY, DESCRIPTION = "createdBy", "updatedBy", "description"
PRIORITIES = {Urgency.HIGH: "High", Urgency.LOW: "Low"}


def is_own(policy: EscalationPolicy) -> bool:
    """Whether it was made, or taken over, in this dialect."""
    return DOCUMENT in kept(policy)


def document_of(policy: EscalationPolicy, known: Known) -> Document:
    """The policy as a client would have sent it."""
    head: Mapping[str, Any] = kept(policy)[DOCUMENT] if is_own(policy) else _foreign(policy)
    document = dict(head)
    if plain_name(str(document["name"])) != policy.name:
        document["name"] = policy.name
    # A tool that went over an exported file may have made ON and OFF what older YAML takes them for: true and false.
    if document["enabledMode"] not in MODES or policy.active is (document["enabledMode"] == OFF):
        document["enabledMode"] = ON if policy.active else OFF
    return document | {"escalations": [body for _, body in shown(policy, known)]}


def _foreign(policy: EscalationPolicy) -> Mapping[str, Any]:
    return {
        "name": policy.name,
        "description": kept(policy).get(DESCRIPTION, ""),
        "clientMatchingType": "ALL",
        "enabledMode": ON if policy.active else OFF,
        "escalationType": UNTIL_TICKETED if Stop.TICKETED in policy.stop_on else UNTIL_SUPPRESSED,
    }


def shown(policy: EscalationPolicy, known: Known) -> list[tuple[str, Body]]:
    """Each step with its id: those that were sent in the order in which they were, then those made elsewhere; an
    incident step is the last."""
    clocks = _clocks(policy)
    steps = {step.id: step for step in policy.steps}
    found: list[tuple[str, Body]] = []
    for fact in kept_steps(policy):
        step = steps.pop(fact["id"], None)
        if step is not None:
            found.append((step.id, _corrected(fact, step, known)))
    found += [(step.id, _derived(step, clocks[step.id], known)) for step in steps.values()]
    return sorted(found, key=lambda pair: pair[1]["action"] == INCIDENT)


def _clocks(policy: EscalationPolicy) -> Mapping[str, int]:
    """How long after the start each step acts, when none is skipped."""
    clocks, clock = {}, 0
    for step in policy.steps:
        clock = step.wait if step.since is Since.START else clock + step.wait
        clocks[step.id] = clock
    return clocks


def _corrected(fact: Mapping[str, Any], step: Step, known: Known) -> Body:
    """What was sent, but for what the core has otherwise by now."""
    body = dict(fact["document"])
    sent = step_of(step.id, body, known)
    if step.wait != sent.wait:
        body["waitMins"] = step.wait // MINUTE
    if step.action is Action.TICKET:
        return body
    if (step.repeat_every, step.repeat_limit) != (sent.repeat_every, sent.repeat_limit):
        body |= _repeats(step)
    if step.urgency is not sent.urgency and step.urgency is not None:
        body["priority"] = PRIORITIES[step.urgency]
    if told(step) != [list(pair) for pair in fact["targets"]]:
        body["recipients"] = _recipients(body, fact, step, known)
    return body


def _repeats(step: Step) -> Mapping[str, int]:
    every = {} if step.repeat_every is None else {"repeatFrequency": max(1, step.repeat_every // MINUTE)}
    return {**every, "notifyLimitCount": min(step.repeat_limit, 10)}


def _recipients(body: Body, fact: Mapping[str, Any], step: Step, known: Known) -> list[Body]:
    """Who was taken off elsewhere is gone, who was added comes last; references that nobody knows stay."""
    before = {tuple(pair) for pair in fact["targets"]}
    stay, met = [], set()
    for recipient in body.get("recipients") or ():
        target = known.target(recipient)
        if target in step.targets or target is None or (target.kind.value, target.id) not in before:
            stay.append(recipient)
            met.add(target)
    added = [known.recipient(target) for target in step.targets if target not in met]
    return [*stay, *(one for one in added if one is not None)]


def _derived(step: Step, clock: int, known: Known) -> Body:
    minutes = clock // MINUTE
    if step.action is Action.TICKET:
        order = step.ticket
        incident = {"incident": dict(order.fields), "updateIncident": dict(order.updates)} if order else {}
        return {"action": INCIDENT, "waitMins": minutes, **incident}
    people = [known.recipient(target) for target in step.targets]
    body: dict[str, Any] = {"waitMins": minutes, **_repeats(step), "action": NOTIFICATION}
    if step.urgency is not None:
        body["priority"] = PRIORITIES[step.urgency]
    if step.on_state_left is not None:
        body["alertStateTransitionFrom"] = step.on_state_left.upper()
    return body | {"recipients": [one for one in people if one is not None]}


def is_expressible(policy: EscalationPolicy, known: Known) -> bool:
    """Whether this dialect has words for all that the policy does: else it can't write its steps anew."""

    def plain(target: Target) -> bool:
        there = known.recipient(target)
        return there is not None and known.target(there) == target

    steps = all(step.assignment is Assignment.ALL and all(map(plain, step.targets)) for step in policy.steps)
    return steps and policy.passes == 1 and policy.at_end is AtEnd.KEEP


def to_wire(policy: EscalationPolicy, org: Organization, known: Known) -> Mapping[str, Any]:
    """The whole policy, of the organization that it belongs to."""
    document = document_of(policy, known)
    mode = document["enabledMode"]
    answer = {
        "id": POLICY + policy.id,
        "name": document["name"],
        "description": document["description"],
        "policyType": KIND,
        "clientMatchingType": document["clientMatchingType"],
        "createdDate": stamp(created_at(policy)),
        "updatedDate": stamp(updated_at(policy) or created_at(policy)),
        "active": mode != OFF,
        "enabledMode": mode,
        "scope": {"id": org.number, **_scope(org)},
        "createdBy": author(org, str(kept(policy).get(CREATED_BY, ""))),
        "updatedBy": author(org, str(kept(policy).get(UPDATED_BY, ""))),
    }
    rest = {key: value for key, value in document.items() if key not in answer and key != ALL_CLIENTS}
    rest["escalations"] = [_step(step, known) for step in rest["escalations"]]
    return {**answer, **rest, **_level(org)}


def row(policy: EscalationPolicy, org: Organization) -> Mapping[str, Any]:
    """What a search tells of it (reference, part 7.7)."""
    document = document_of(policy, Known(org))
    return {
        "id": POLICY + policy.id,
        "name": document["name"],
        "description": document["description"],
        "policyType": KIND,
        "createdDate": stamp(created_at(policy)),
        "updatedDate": stamp(updated_at(policy) or created_at(policy)),
        "active": document["enabledMode"] != OFF,
        "mlBased": learns(document),
        "scope": _scope(org),
        **_level(org),
    }


def _scope(org: Organization) -> Mapping[str, Any]:
    return {"uniqueId": tenant_id(org), "name": org.name, "activated": activated(org)}


def _level(org: Organization) -> Mapping[str, Any]:
    """Clients fetch what is marked so from the partner, whatever was sent (reference, part 7.7)."""
    return {ALL_CLIENTS: True} if org.parent is None else {}


def _step(step: Body, known: Known) -> Body:
    """With what is known of those it refers to."""
    shown = dict(step)
    if isinstance(step.get("recipients"), list | tuple):
        shown["recipients"] = [known.named(one) for one in step["recipients"]]
    if isinstance(step.get("incident"), Mapping):
        shown["incident"] = completed(known.org, step["incident"])
    update = step.get("updateIncident")
    if isinstance(update, Mapping) and isinstance(update.get("priorityRules"), list | tuple):
        rules = [completed(known.org, one) for one in update["priorityRules"]]
        shown["updateIncident"] = {**update, "priorityRules": rules}
    return shown
