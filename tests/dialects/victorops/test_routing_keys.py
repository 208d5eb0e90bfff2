"""Routing keys (reference, part 2.5)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, by_name, policy, team
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import HOUR
from watchbill.domain.people import Urgency
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Start

KEYS = f"{V1}/org/routing-keys"


@pytest.fixture
def two(api: Speaker) -> tuple[str, str, str]:
    """The slugs of a team and of two policies of it."""
    slug = team(api, "Database", "ann")
    return slug, *(policy(api, slug, name, (0, [by_name("ann")])) for name in ("one", "two"))  # type: ignore[return-value]


def add(api: Speaker, name: str, *targets: str, **more: Any) -> Any:
    return api.post(KEYS, {"routingKey": name, "targets": targets} | more)


def listed(api: Speaker) -> dict[str, list[str]]:
    found = api.get(KEYS).expect(200)
    assert found["_selfUrl"] == KEYS
    return {key["routingKey"]: [one["policySlug"] for one in key["targets"]] for key in found["routingKeys"]}


def test_a_key_is_made_with_plain_slugs_and_listed_with_objects(api: Speaker, two: Any) -> None:
    slug, one, other = two
    made = add(api, "Database", one, other).expect(200)
    assert (made["routingKey"], made["targets"]) == ("Database", [one, other])
    [entry] = api.get(KEYS).expect(200)["routingKeys"]
    assert entry == {
        "routingKey": "Database",
        "isDefault": False,
        "isMultiResponder": False,
        "targets": [
            {"policyName": "one", "policySlug": one, "_teamUrl": f"{V1}/team/{slug}"},
            {"policyName": "two", "policySlug": other, "_teamUrl": f"{V1}/team/{slug}"},
        ],
    }


def test_a_name_is_taken_whatever_its_case(api: Speaker, two: Any) -> None:
    _, one, _ = two
    add(api, "Database", one).expect(200)
    assert "exists already" in add(api, "dataBASE", one).expect(400)["error"]


@pytest.mark.parametrize(
    "body",
    [{}, {"routingKey": "x"}, {"routingKey": "a b", "targets": []}, {"routingKey": "x", "targets": ["pol-none"]}],
)
def test_what_is_no_key(api: Speaker, body: Any) -> None:
    api.post(KEYS, body).expect(400)
    assert listed(api) == {}


def test_the_default_route_is_an_entry_of_its_own(api: Speaker, world: World, two: Any) -> None:
    _, one, other = two
    assert add(api, ".+", one).expect(200)["routingKey"] == ".+"
    add(api, ".+", other).expect(400)
    assert listed(api) == {".+": [one]}
    assert world.organization.default_key is not None
    api.put(f"{KEYS}/.+", {"routingKey": ".+", "targets": [other]}).expect(200)
    assert listed(api) == {".+": [other]}
    assert "can't be deleted" in api.delete(f"{KEYS}/.+").expect(400)["error"]


def test_a_default_route_that_has_a_name_is_shown_twice_and_parted_when_changed(
    api: Speaker, world: World, two: Any
) -> None:
    _, one, other = two
    policies = {each.slug: each.id for each in world.organization.policies.values()}
    world.has(RoutingKey("main", 1, "main", (Start(policies[one]),), is_default=True))
    assert listed(api) == {"main": [one], ".+": [one]}
    api.delete(f"{KEYS}/main").expect(400)
    api.put(f"{KEYS}/.+", {"targets": [other]}).expect(200)
    assert listed(api) == {"main": [one], ".+": [other]}
    api.delete(f"{KEYS}/main").expect(200)
    assert listed(api) == {".+": [other]}


def test_a_key_is_changed_and_renamed(api: Speaker, two: Any) -> None:
    _, one, other = two
    add(api, "db", one).expect(200)
    changed = api.put(f"{KEYS}/DB", {"routingKey": "Data", "targets": [other], "isMultiResponder": True}).expect(200)
    assert (changed["routingKey"], changed["targets"]) == ("Data", [other])
    assert listed(api) == {"Data": [other]}
    add(api, "web", one).expect(200)
    api.put(f"{KEYS}/web", {"routingKey": "data", "targets": [one]}).expect(400)
    api.put(f"{KEYS}/web", {"routingKey": ".+", "targets": [one]}).expect(400)
    api.put(f"{KEYS}/none", {"targets": [one]}).expect(404)


def test_a_deleted_key_ends_its_maintenance(api: Speaker, world: World, two: Any) -> None:
    _, one, _ = two
    add(api, "db", one).expect(200)
    id = world.organization.routing_keys_by_name["db"].id
    world.has(MaintenanceWindow("w", 1, "w", "w", BEGINNING, None, (id,)))
    assert api.delete(f"{KEYS}/db", {}).expect(200) == {"result": "success"}
    assert listed(api) == {}
    assert not world.organization.windows
    api.delete(f"{KEYS}/db").expect(404)


def test_what_else_is_known_of_a_key_survives(api: Speaker, world: World, two: Any) -> None:
    _, one, other = two
    org = world.organization
    policies = {each.slug: each.id for each in org.policies.values()}
    urgent = Start(policies[one], urgency=Urgency.LOW, ack_timeout=HOUR)
    person = Start(user_id=org.users_by_name["ann"].id)
    world.has(RoutingKey("k", 1, "db", (urgent, person), settings={"opsramp": {"a": 1}}))
    api.put(f"{KEYS}/db", {"routingKey": "db", "targets": [other, one, one]}).expect(200)
    key = world.organization.routing_keys["k"]
    assert key.starts == (Start(policies[other]), urgent, person)
    assert key.settings == {"opsramp": {"a": 1}}


def test_a_policy_without_a_team_is_a_target_without_its_address(api: Speaker, world: World) -> None:
    world.policy("free")
    add(api, "db", "free").expect(200)
    [key] = api.get(KEYS).expect(200)["routingKeys"]
    assert key["targets"] == [{"policyName": "free", "policySlug": "free"}]
