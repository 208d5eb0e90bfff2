"""Taking on-call (reference, parts 2.4.4 and 4.10)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, V2, by_name, on_duty, policy, rotation, shift, team
from tests.dialects.victorops.test_oncall import current
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import DAY, HOUR, WEEK


@pytest.fixture
def named(api: Speaker, world: World) -> tuple[str, str]:
    """A team with a weekly rotation, and the policy that pages it; it is Tuesday, and Mira is on call."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    group = rotation(api, slug, "DB weekly", shift("mira", "tomas"))["slug"]
    name = policy(api, slug, "DB", (0, [on_duty(group)]), (5, [by_name("lead")]))
    world.pass_(DAY)
    return slug, name


def takes(api: Speaker, name: str, giver: str, taker: str, status: int = 200) -> Any:
    return api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": giver, "toUser": taker}).expect(status)


def on_call(api: Speaker) -> list[str]:
    return current(api)["Database"].get("DB", [])


def test_somebody_takes_on_call_until_the_shift_ends(api: Speaker, world: World, named: Any) -> None:
    _, name = named
    assert takes(api, name, "mira", "LEAD") == {"result": "ok"}
    assert on_call(api) == ["lead"]
    [override] = world.organization.overrides.values()
    assert (override.start, override.end) == (world.now, BEGINNING + 15 * HOUR + WEEK)
    assert override.taken
    world.pass_(WEEK)
    assert on_call(api) == ["tomas"]


@pytest.mark.parametrize(("method", "version"), [("PATCH", V2), ("POST", V1), ("POST", V2)])
def test_the_other_addresses_do_the_same(api: Speaker, named: Any, method: str, version: str) -> None:
    _, name = named
    body = {"fromUser": "mira", "toUser": "tomas"}
    assert api.ask(method, f"{version}/policies/{name}/oncall/user", body).expect(200) == {"result": "ok"}
    assert on_call(api) == ["tomas"]


def test_by_team_it_counts_where_the_giver_is_on_call(api: Speaker, world: World, named: Any) -> None:
    slug, _ = named
    policy(api, slug, "Lead", (0, [by_name("lead")]))
    path = f"{V1}/team/{slug}/oncall/user"
    assert api.patch(path, {"fromUser": "mira", "toUser": "tomas"}).expect(200) == {"result": "ok"}
    assert current(api)["Database"] == {"DB": ["tomas"], "Lead": ["lead"]}
    refused = api.patch(path, {"fromUser": "mira", "toUser": "tomas"}).expect(400)
    assert "mira is not on call in" in refused["error"]


def test_on_call_goes_from_hand_to_hand_and_back(api: Speaker, world: World, named: Any) -> None:
    _, name = named
    takes(api, name, "mira", "tomas")
    world.pass_(HOUR)
    takes(api, name, "tomas", "lead")
    assert on_call(api) == ["lead"]
    world.pass_(HOUR)
    takes(api, name, "lead", "tomas")
    assert on_call(api) == ["tomas"]
    world.pass_(HOUR)
    takes(api, name, "tomas", "mira")
    assert on_call(api) == ["mira"]
    assert all(one.end <= world.now for one in world.organization.overrides.values())
    takes(api, name, "mira", "lead")
    takes(api, name, "lead", "mira")
    assert on_call(api) == ["mira"]


def test_whom_a_step_names_is_relieved_for_a_month(api: Speaker, world: World, named: Any) -> None:
    slug, _ = named
    name = policy(api, slug, "Lead", (0, [by_name("lead")]))
    takes(api, name, "lead", "mira")
    world.pass_(30 * DAY - 1)
    assert current(api)["Database"]["Lead"] == ["mira"]
    world.pass_(1)
    assert current(api)["Database"]["Lead"] == ["lead"]


def test_on_call_can_be_taken_from_a_cover_until_the_cover_ends(api: Speaker, world: World, named: Any) -> None:
    _, name = named
    asked = api.post(
        f"{V1}/overrides",
        {"username": "mira", "timezone": "UTC", "start": "2026-06-01T00:00:00Z", "end": "2026-06-03T00:00:00Z"},
    ).expect(200)["override"]
    api.put(f"{V1}/overrides/{asked['publicId']}/assignments/{name}", {"username": "tomas"}).expect(200)
    world.pass_(HOUR)
    takes(api, name, "tomas", "lead")
    assert on_call(api) == ["lead"]
    world.pass_(DAY)
    assert on_call(api) == ["mira"]


def test_who_is_not_on_call_gives_nothing(api: Speaker, named: Any) -> None:
    _, name = named
    assert "tomas is not on call in DB" in takes(api, name, "tomas", "lead", 400)["error"]
    assert "themselves" in takes(api, name, "mira", "mira", 400)["error"]
    assert takes(api, name, "nobody", "mira", 404) == {"error": "User not found"}
    takes(api, name, "mira", "nobody", 404)
    takes(api, "pol-none", "mira", "tomas", 404)
    api.patch(f"{V1}/policies/{name}/oncall/user", {}).expect(400)
    assert on_call(api) == ["mira"]


def test_the_page_finds_who_took_on_call(api: Speaker, world: World, named: Any) -> None:
    _, name = named
    api.post(f"{V1}/org/routing-keys", {"routingKey": "db", "targets": [name]}).expect(200)
    takes(api, name, "mira", "tomas")
    world.alert("db", "disk")
    world.tells("disk", "standing in for Mira Example")
