"""Routing keys (reference, part 2.5). The default route is shown as an entry of its own, named ".+"."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import body_of, needed, required
from watchbill.api.victorops.lookups import routing_key_named, self_url
from watchbill.api.victorops.policies import owning_team
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.routes import RoutingKey, Start
from watchbill.usecases import directory, retiring
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx

KEYS = "/api-public/v1/org/routing-keys"
KEY = f"{KEYS}/{{key}}"
DEFAULT = ".+"


class TargetIn(msgspec.Struct):
    """How one client names a policy; others say its slug alone."""

    policySlug: str


class KeyIn(msgspec.Struct):
    routingKey: str | None = None
    targets: list[str | TargetIn] | None = None
    isMultiResponder: bool | None = None


# --- Shapes


def entries(org: Organization) -> Iterator[Mapping[str, Any]]:
    """A key that is the default route besides having a name is there twice."""
    for key in org.routing_keys.values():
        if key.name != DEFAULT:
            yield to_entry(org, key, key.name)
    if org.default_key is not None:
        yield to_entry(org, org.default_key, DEFAULT)


def to_entry(org: Organization, key: RoutingKey, name: str) -> Mapping[str, Any]:
    return {
        "routingKey": name,
        "isDefault": name == DEFAULT,
        "isMultiResponder": key.multi_responder,
        "targets": [_to_target(org, start.policy_id) for start in key.starts if start.policy_id is not None],
    }


def _to_target(org: Organization, policy_id: str) -> Mapping[str, Any]:
    policy = org.policies[policy_id]
    team = owning_team(org, policy)
    url = {"_teamUrl": self_url("team", team.slug)} if team else {}
    return {"policyName": policy.name, "policySlug": policy.slug, **url}


def to_wire(org: Organization, key: RoutingKey, name: str) -> Mapping[str, Any]:
    """As it is told to whoever wrote it: with plain slugs."""
    slugs = [org.policies[start.policy_id].slug for start in key.starts if start.policy_id is not None]
    return {"routingKey": name, "targets": slugs, "isMultiResponder": key.multi_responder}


def starts_of(org: Organization, targets: Sequence[str | TargetIn], before: Sequence[Start] = ()) -> tuple[Start, ...]:
    """What the key is to start. A policy that it started before keeps what else is known of that; people, whom this
    dialect can't name here, are paged as before. Raises Invalid."""
    known = {start.policy_id: start for start in before if start.policy_id is not None}
    policies = {policy.slug.lower(): policy.id for policy in org.policies.values()}
    ids = []
    for target in targets:
        slug = target if isinstance(target, str) else target.policySlug
        id = policies.get(slug.strip().lower())
        if id is None:
            raise Invalid(f"there is no escalation policy '{slug}'", "targets")
        ids.append(id)
    people = tuple(start for start in before if start.policy_id is None)
    return (*(known.get(id, Start(id)) for id in dict.fromkeys(ids)), *people)


# --- Calls


def list_keys(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body={"routingKeys": list(entries(org)), "_selfUrl": self_url("org", "routing-keys")})


def create_key(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.ALERTS)
    given = body_of(KeyIn, call)
    name = needed(given.routingKey, "routingKey")
    if name == DEFAULT and org.default_key is not None:
        raise Invalid("there is a default route already", "routingKey")
    _demand_free(org, name)
    key = RoutingKey(
        id=tx.new_id(call.now),
        number=tx.next_numbers(org.number, "routing_key", 1)[0],
        name=name,
        starts=starts_of(org, required(given.targets, "targets")),
        multi_responder=bool(given.isMultiResponder),
        is_default=name == DEFAULT,
    )
    return _keep(tx, call, key)


def change_key(tx: Tx, call: Call) -> Reply:
    """The name in the body takes the place of the one in the address."""
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.ALERTS)
    given = body_of(KeyIn, call)
    if call.params["key"] == DEFAULT:
        return _change_default(tx, call, org, given)
    key = routing_key_named(org, call.params["key"])
    name = given.routingKey.strip() if given.routingKey else key.name
    if name.lower() != key.name.lower():
        _demand_free(org, name)
    if name == DEFAULT:
        raise Invalid("this is how the default route is shown. Choose another name", "routingKey")
    return _keep(tx, call, replace(_changed(org, key, given), name=name))


def _change_default(tx: Tx, call: Call, org: Organization, given: KeyIn) -> Reply:
    """Where alerts go that no key fits. A key that is the default route besides having a name goes on as it was."""
    key = org.default_key
    if key is None:
        raise NotFound(f"No routing key '{DEFAULT}' found")
    if given.routingKey and given.routingKey.strip() != DEFAULT:
        raise Invalid("the default route has no other name", "routingKey")
    after = _changed(org, key, given)
    if key.name == DEFAULT:
        return _keep(tx, call, after)
    number = tx.next_numbers(org.number, "routing_key", 1)[0]
    own = replace(after, id=tx.new_id(call.now), number=number, name=DEFAULT)
    return _keep(tx, call, own, replace(key, is_default=False))


def _changed(org: Organization, key: RoutingKey, given: KeyIn) -> RoutingKey:
    starts = key.starts if given.targets is None else starts_of(org, given.targets, key.starts)
    multi = key.multi_responder if given.isMultiResponder is None else given.isMultiResponder
    return replace(key, starts=starts, multi_responder=multi)


def delete_key(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.ALERTS)
    name = call.params["key"]
    key = org.default_key if name == DEFAULT else routing_key_named(org, name)
    if key is None:
        raise NotFound(f"No routing key '{DEFAULT}' found")
    if key.is_default:
        raise Invalid("the default route can't be deleted")
    directory.apply(tx, org.number, retiring.of_routing_key(org, key), call.caller.actor.name, call.now)
    return Reply(body={"result": "success"})


def _demand_free(org: Organization, name: str) -> None:
    if name.lower() in org.routing_keys_by_name:
        raise Invalid(f"the routing key '{name}' exists already", "routingKey")


def _keep(tx: Tx, call: Call, key: RoutingKey, *others: RoutingKey) -> Reply:
    changes = [Change("routing_key", one.id, one) for one in (*others, key)]
    org = directory.apply(tx, call.caller.org, changes, call.caller.actor.name, call.now)
    return Reply(body=to_wire(org, key, key.name))


ROUTES: Sequence[Route] = (
    get(KEYS, list_keys),
    post(KEYS, create_key),
    put(KEY, change_key),
    delete(KEY, delete_key),
)
