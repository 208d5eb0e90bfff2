"""Escalation policies (reference, part 2.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import body_of, needed, required
from watchbill.api.victorops.entries import StepIn, steps_of, steps_to_wire
from watchbill.api.victorops.lookups import policy_named, self_url, team_named
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Team
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import directory, retiring
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

POLICIES = "/api-public/v1/policies"
POLICY = f"{POLICIES}/{{policy}}"


class TeamIn(msgspec.Struct):
    slug: str | None = None


class PolicyIn(msgspec.Struct):
    """`team`: how one client says `teamSlug`."""

    name: str | None = None
    teamSlug: str | None = None
    team: TeamIn | None = None
    steps: list[StepIn] | None = None
    ignoreCustomPagingPolicies: bool | None = None


# --- Which policies, and how they are shown


def owning_team(org: Organization, policy: EscalationPolicy) -> Team | None:
    """The team that a policy is shown with."""
    return org.teams.get(next(iter(policy.owners), ""))


def of_team(org: Organization, team: Team) -> list[EscalationPolicy]:
    """The default policy, which has the team's slug, comes first; some clients take the first, so one that does nothing
    comes last (reference, part 2.4.2)."""
    return sorted(org.policies_of(team.id), key=lambda policy: (not policy.steps, policy.slug != team.slug))


def named(thing: Team | EscalationPolicy) -> Mapping[str, str]:
    return {"name": thing.name, "slug": thing.slug}


def linked(policy: EscalationPolicy) -> Mapping[str, str]:
    return {**named(policy), "_selfUrl": self_url("policies", policy.slug)}


def to_entry(policy: EscalationPolicy, team: Team | None) -> Mapping[str, Any]:
    """As lists have it: the names only (reference, part 2.8.1)."""
    return {"policy": linked(policy), "team": named(team) if team else {"name": "", "slug": ""}}


def to_wire(org: Organization, policy: EscalationPolicy) -> Mapping[str, Any]:
    team = owning_team(org, policy)
    return {
        **named(policy),
        "ignoreCustomPagingPolicies": policy.use_primary,
        "steps": steps_to_wire(org, policy),
    } | ({"teamSlug": team.slug} if team else {})


# --- Calls


def list_policies(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body={"policies": [to_entry(policy, owning_team(org, policy)) for policy in org.policies.values()]})


def create_policy(tx: Tx, call: Call) -> Reply:
    """A team's first policy has the team's slug (reference, part 1.6)."""
    org = tx.organization(call.caller.org)
    given = body_of(PolicyIn, call)
    owner = given.teamSlug or (given.team.slug if given.team is not None else None)
    team = team_named(org, needed(owner, "teamSlug"))
    demand(org, call.caller, Right.TEAM, teams=(team.id,))
    name, steps = needed(given.name, "name"), required(given.steps, "steps")
    id = tx.new_id(call.now)
    taken = any(policy.slug.lower() == team.slug.lower() for policy in org.policies.values())
    slug = drawn_from("pol-", id) if taken or of_team(org, team) else team.slug
    number = tx.next_numbers(org.number, "policy", 1)[0]
    empty = EscalationPolicy(
        id, number, slug, name, (), team_id=team.id, use_primary=bool(given.ignoreCustomPagingPolicies)
    )
    return _keep(tx, call, replace(empty, steps=steps_of(org, empty, steps, lambda: tx.new_id(call.now))))


def read_policy(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body=to_wire(org, policy_named(org, call.params["policy"])))


def change_policy(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    policy = policy_named(org, call.params["policy"])
    demand(org, call.caller, Right.TEAM, teams=policy.owners)
    given = body_of(PolicyIn, call)
    after = replace(policy, name=needed(given.name, "name")) if given.name else policy
    if given.steps is not None:
        after = replace(after, steps=steps_of(org, policy, given.steps, lambda: tx.new_id(call.now)))
    if given.ignoreCustomPagingPolicies is not None:
        after = replace(after, use_primary=given.ignoreCustomPagingPolicies)
    return _keep(tx, call, after)


def _keep(tx: Tx, call: Call, policy: EscalationPolicy) -> Reply:
    changes = [Change("policy", policy.id, policy)]
    org = directory.apply(tx, call.caller.org, changes, call.caller.actor.name, call.now)
    return Reply(body=to_wire(org, policy))


def delete_policy(tx: Tx, call: Call) -> Reply:
    """With the routing keys that lead to nothing else (reference, part 2.8.5)."""
    org = tx.organization(call.caller.org)
    policy = policy_named(org, call.params["policy"])
    demand(org, call.caller, Right.TEAM, teams=policy.owners)
    directory.apply(tx, org.number, retiring.of_policy(org, policy), call.caller.actor.name, call.now)
    return Reply(body={"result": "success"})


ROUTES: Sequence[Route] = (
    get(POLICIES, list_policies),
    post(POLICIES, create_policy),
    get(POLICY, read_policy),
    put(POLICY, change_policy),
    delete(POLICY, delete_policy),
)
