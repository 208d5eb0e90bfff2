"""Escalation policies (reference, part 4.4)."""

from collections.abc import Container

from watchbill.api.datadog.documents import (
    Data,
    Resource,
    answer,
    check_id,
    data_of,
    included_paths,
    path_id,
    resource,
    to_many,
)
from watchbill.api.datadog.owners import owned_by, owners
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.api.datadog.references import teams_included, users_included
from watchbill.api.datadog.schedules import schedule_in_policy
from watchbill.api.datadog.steps import known_targets, positioned, seconds_of, step_resource, steps_asked, visible
from watchbill.asgi.dialect import delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.plans import AtEnd, EscalationPolicy, OnEmpty, Step, TargetKind
from watchbill.domain.record import replace
from watchbill.domain.slugs import spoken
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx
from watchbill.usecases.removal import removal

TYPE = "policies"
PATHS = ("teams", "steps", "steps.targets")
MOST_RETRIES = 10


# --- What is answered


def policy_resource(org: Organization, policy: EscalationPolicy) -> Resource:
    attributes = {
        "name": policy.name,
        "resolve_page_on_policy_end": policy.at_end is AtEnd.RESOLVE,
        "retries": _retries(policy),
        "tags": [],
    }
    links = {
        "steps": to_many("steps", (step.id for step in visible(policy))),
        "teams": to_many("teams", owners(org, policy)),
    }
    return resource(TYPE, policy.id, attributes, links)


def _retries(policy: EscalationPolicy) -> int:
    """Within what clients take."""
    return min(policy.passes - 1, MOST_RETRIES)


def _included(org: Organization, policy: EscalationPolicy, paths: Container[str]) -> list[Resource]:
    found: list[Resource] = []
    if "steps" in paths:
        for step, seconds in zip(visible(policy), seconds_of(policy), strict=False):
            found.append(step_resource(step, seconds))
            found += positioned(step) if "steps.targets" in paths else ()
    if "steps.targets" in paths:
        found += _targets_included(org, visible(policy))
    if "teams" in paths:
        found += teams_included(org, owners(org, policy))
    return found


def _targets_included(org: Organization, steps: list[Step]) -> list[Resource]:
    named = [target for step in steps for target in known_targets(step)]
    ids = {kind: dict.fromkeys(one.id for one in named if one.kind is kind) for kind in TargetKind}
    schedules = [org.schedules[id] for id in ids[TargetKind.SCHEDULE] if id in org.schedules]
    return [
        *users_included(org, ids[TargetKind.USER]),
        *(schedule_in_policy(org, schedule) for schedule in schedules),
        *teams_included(org, ids[TargetKind.TEAM]),
    ]


def _said(org: Organization, policy: EscalationPolicy, call: Call, status: int = 200) -> Reply:
    paths = included_paths(call, PATHS)
    return answer(policy_resource(org, policy), _included(org, policy, paths) if paths else None, status)


# --- What is asked


def asked(org: Organization, data: Data, stored: EscalationPolicy) -> EscalationPolicy:
    """The policy as the request has it: everything that this dialect can say is replaced."""
    given = data.attributes
    most = max(MOST_RETRIES, _retries(stored))
    retries = given.maybe_whole("retries", 0, most) or 0
    changed = replace(
        steps_asked(org, given.each("steps"), stored),
        name=given.text("name"),
        passes=stored.passes if retries == _retries(stored) else retries + 1,
        at_end=AtEnd.RESOLVE if given.maybe_flag("resolve_page_on_policy_end") else AtEnd.KEEP,
    )
    return owned_by(org, changed, data.links("teams", "teams") or ())


def policy_of(org: Organization, call: Call) -> EscalationPolicy:
    """The policy in the path. Raises NotFound."""
    found = org.policies.get(path_id(call, "policy_id"))
    if found is None:
        raise NotFound("escalation policy not found")
    return found


def _kept(tx: Tx, call: Call, org: Organization, policy: EscalationPolicy) -> tuple[Organization, EscalationPolicy]:
    steps = tuple(step if step.id else replace(step, id=tx.new_id(call.now)) for step in policy.steps)
    changes = [Change("policy", policy.id, replace(policy, steps=steps))]
    after = directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return after, after.policies[policy.id]


# --- Operations


def create(tx: Tx, call: Call) -> Reply:
    """A policy made here stops paging the people of a step when the next one begins (reference, part 5.5)."""
    org = tx.organization(call.caller.org)
    data = data_of(call, TYPE)
    demand(org, call, Permission.ON_CALL_WRITE, data.links("teams", "teams") or ())
    slug = spoken(data.attributes.text("name"), {one.slug.lower() for one in org.policies.values()}, "policy")
    number = tx.next_numbers(org.number, "policy", 1)[0]
    blank = EscalationPolicy(tx.new_id(call.now), number, slug, "", (), on_empty=OnEmpty.SKIP, pagings_go_on=False)
    after, policy = _kept(tx, call, org, asked(org, data, blank))
    return _said(after, policy, call, 201)


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    return _said(org, policy_of(org, call), call)


def update(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    stored = policy_of(org, call)
    demand(org, call, Permission.ON_CALL_WRITE, stored.owners)
    data = data_of(call, TYPE)
    check_id(data, stored.id)
    after, policy = _kept(tx, call, org, asked(org, data, stored))
    return _said(after, policy, call)


def remove(tx: Tx, call: Call) -> Reply:
    """Rules that start it have no policy any more (reference, part 4.4)."""
    org = tx.organization(call.caller.org)
    stored = policy_of(org, call)
    demand(org, call, Permission.ON_CALL_WRITE, stored.owners)
    directory.apply(tx, org.number, removal(org, "policy", stored.id), call.caller.actor.name, call.now)
    return Reply(204)


PLACE = "/api/v2/on-call/escalation-policies"
ROUTES = (
    post(PLACE, create),
    get(PLACE + "/{policy_id}", show),
    put(PLACE + "/{policy_id}", update),
    delete(PLACE + "/{policy_id}", remove),
)
